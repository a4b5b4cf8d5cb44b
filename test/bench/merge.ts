import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { setTimeout as pause } from 'node:timers/promises';
import { createDynamoDbManyItems } from '../../functions/_platform/dynamodb-many-items.ts';
import { createDynamoDbRecordStore } from '../../functions/_platform/dynamodb-record-store.ts';
import { createLogStore } from '../../functions/_platform/log-store.ts';
import { eventItemOf } from '../../functions/_platform/record-items.ts';
import type { Endpoints } from '../../scripts/client/endpoints.ts';
import { MAXIMUM_MERGE_SECONDS } from '../../shared/audit-log/merge-delay.ts';
import { GENESIS_HASH } from '../../shared/record/envelope.ts';
import { APPEND_NODE, clientOf, publishedSize, tablesOf } from './append.ts';
import { timeOf } from './cloud-time.ts';
import { percentile, row, type Row } from './row.ts';

/** Four rounds of the schedule, so that events come at every moment of it. */
const SECONDS = 120;
const EVENTS_A_SECOND = 5;
const LOOK_MS = 250;
const MILLISECONDS = 1000;
/** After which an event counts as never merged. */
const GIVE_UP_SECONDS = 120;

type Accepted = Readonly<{ leafHash: string; atMs: number }>;
type Seen = Readonly<{ size: number; atMs: number }>;

/** Events one by one, each noted when its transaction was acknowledged. */
const accept = async (client: DynamoDBClient, tables: ReturnType<typeof tablesOf>, now: () => Date): Promise<readonly Accepted[]> => {
  const store = createDynamoDbRecordStore(() => client, tables, now);
  const accepted: Accepted[] = [];
  const begin = performance.now();
  for (let i = 0; i < SECONDS * EVENTS_A_SECOND; i += 1) {
    await pause(Math.max(0, begin + (i * MILLISECONDS) / EVENTS_A_SECOND - performance.now()));
    const planned = store.plan({ stream: { kind: 'equipment', id: `MERGE-${i}` }, expectedVersion: 0, previousHash: GENESIS_HASH, previousRecordedAt: undefined, events: [{ type: 'bench' }], actor: { kind: 'system', id: 'bench', version: '1' } });
    await store.write(planned, []);
    accepted.push(...planned.map((each) => ({ leafHash: eventItemOf(each).leafHash, atMs: performance.now() })));
  }
  return accepted;
};

/** From an event's acknowledgement to the moment a reader of the log API sees a checkpoint, cosigned by the quorum, that covers it. The schedule runs by itself. */
export const measureMerge = async (endpoints: Endpoints, say: (text: string) => void): Promise<readonly Row[]> => {
  const node = endpoints.nodes[APPEND_NODE];
  if (node === undefined) throw new Error(`no node ${APPEND_NODE}`);
  const client = new DynamoDBClient(clientOf(node));
  const tables = tablesOf(node);
  say(`${SECONDS} s of events, ${EVENTS_A_SECOND} a second`);
  const seen: Seen[] = [];
  let accepted: readonly Accepted[] | undefined;
  const accepting = accept(client, tables, await timeOf(endpoints)).then((all) => { accepted = all; });
  accepting.catch(() => undefined); // said where it is awaited; the cloud may be gone before
  const index = createLogStore({ log: { get: () => Promise.resolve(undefined), put: () => Promise.resolve(false) }, staging: { get: () => Promise.resolve(undefined), put: () => Promise.resolve(false) }, operations: { get: () => Promise.resolve(undefined), put: () => Promise.resolve(false) }, many: createDynamoDbManyItems(() => client, tables.operationsTable) });
  const isCovered = async (): Promise<boolean> => {
    if (accepted === undefined) return false;
    const places = await index.findLeaves(accepted.map(({ leafHash }) => leafHash));
    return places.size === accepted.length && Math.max(...places.values()) < (seen.at(-1)?.size ?? 0);
  };
  const until = performance.now() + (SECONDS + GIVE_UP_SECONDS) * MILLISECONDS;
  do {
    if (performance.now() > until) throw new Error(`an event was not under a checkpoint within ${GIVE_UP_SECONDS} s`);
    await pause(LOOK_MS);
    seen.push({ size: await publishedSize(node), atMs: performance.now() });
  } while (!await isCovered());
  await accepting;
  const places = await index.findLeaves((accepted ?? []).map(({ leafHash }) => leafHash));
  client.destroy();
  const seconds = (accepted ?? []).map(({ leafHash, atMs }) => ((seen.find(({ size }) => size > (places.get(leafHash) ?? Infinity))?.atMs ?? Infinity) - atMs) / MILLISECONDS);
  say(`${seconds.length} events, ${new Set(seen.map(({ size }) => size)).size} checkpoints`);
  return ([['p50', 0.5], ['p99', 0.99], ['longest', 1]] as const).map(([name, share]) => row(`log in the cloud: accepted to cosigned checkpoint, ${name}`, percentile(seconds, share), 's', MAXIMUM_MERGE_SECONDS, 'limit'));
};
