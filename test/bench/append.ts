import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../functions/_platform/command.ts';
import { createDynamoDbOperationsStore } from '../../functions/_platform/dynamodb-operations-store.ts';
import { createDynamoDbRecordStore } from '../../functions/_platform/dynamodb-record-store.ts';
import { inParallel } from '../../functions/_platform/in-parallel.ts';
import { createNodeRecords } from '../../functions/_platform/node-records.ts';
import { personOf } from '../../functions/_platform/people.ts';
import type { Caller } from '../../functions/_platform/ports.ts';
import { signIn } from '../../scripts/client/api-client.ts';
import { loginOf } from '../../scripts/example/seed-network.ts';
import type { Endpoints, NodeSite } from '../../scripts/client/endpoints.ts';
import { GENESIS_HASH } from '../../shared/record/envelope.ts';
import { registerEquipment } from '../../shared/registers/equipment.ts';
import type { CloudProcess } from '../support/local/cloud-process.ts';
import { timeOf } from './cloud-time.ts';
import { withRawTables } from './references.ts';
import { row, type Row } from './row.ts';

export const APPEND_NODE = 'hill';
const TARGET_RATE = 1000;
const EVENTS = 2000;
/** Events of one append: a command gives one or two; telemetry, imports and reviews many. */
const APPENDS = [1, 20] as const;
const IN_FLIGHT = 16;
const MAXIMUM_RUNS = 50;
/** The best of so many counts: whatever else the machine does only slows. */
const ROUNDS = 3;
const NOTE = 'x'.repeat(300);
const STEWARD: Caller = { id: 'bench-steward', username: 'bench-steward', printedName: 'Bench', roles: ['master-data-steward'], tokenId: 'bench', signInId: 'bench', authenticatedAt: '2026-01-01T00:00:00.000Z' };

const seconds = (begin: number): number => (performance.now() - begin) / 1000;

/** The name the local cloud gave the sequencer of a node. */
const sequencerOf = ({ stateFolder }: CloudProcess, { stack }: NodeSite): string => {
  const { Resources } = JSON.parse(readFileSync(join(stateFolder, 'cdk.out', `${stack}.template.json`), 'utf8')) as { Resources: Readonly<Record<string, { Type: string }>> };
  const id = Object.entries(Resources).find(([name, { Type }]) => Type === 'AWS::Lambda::Function' && name.startsWith('AuditLogSequencer'))?.[0];
  if (id === undefined) throw new Error(`${stack} has no sequencer`);
  return `${stack}-${id}`;
};

export const clientOf = ({ environment }: NodeSite) => ({
  endpoint: environment['AWS_ENDPOINT_URL'] ?? '', region: environment['AWS_REGION'] ?? '', maxAttempts: 20,
  credentials: { accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '', secretAccessKey: 'local', sessionToken: 'local' },
});

type Tables = Readonly<{ recordTable: string; operationsTable: string }>;
export const tablesOf = ({ outputs: { RecordTableName: recordTable = '', OperationsTableName: operationsTable = '' } }: NodeSite): Tables => ({ recordTable, operationsTable });

/** Which try it is, and the cloud's time: the log takes in no event dated ahead of it. */
type Turn = Readonly<{ round: number; now(): Date }>;

/** Bare appends of so many events each, through the store every function uses, each with its leaf and its place in the outbox and nothing else. @returns seconds */
const append = async (client: DynamoDBClient, tables: Tables, size: number, { round, now }: Turn): Promise<number> => {
  const store = createDynamoDbRecordStore(() => client, tables, now);
  const streams = Array.from({ length: EVENTS / size }, (_, i) => ({ kind: 'equipment', id: `BENCH-${size}-${round}-${i}` } as const));
  const begin = performance.now();
  await inParallel(streams, async (stream) => {
    const events = Array.from({ length: size }, (_, i) => ({ type: 'bench', note: `${NOTE}${i}` }));
    await store.write(store.plan({ stream, expectedVersion: 0, previousHash: GENESIS_HASH, previousRecordedAt: undefined, events, actor: { kind: 'system', id: 'bench', version: '1' } }), []);
  }, IN_FLIGHT);
  return seconds(begin);
};

/**
 * Appends as a route makes them: the key of a retried request and the person are looked up, the stream is read, and the event is written with its summary, its places in the search index and the answer for a retry.
 *
 * @returns seconds
 */
const appendAsRoute = async (client: DynamoDBClient, tables: Tables, { round, now }: Turn): Promise<number> => {
  const operations = createDynamoDbOperationsStore(() => client, tables.operationsTable);
  const records = createNodeRecords(createDynamoDbRecordStore(() => client, tables, now));
  const ports = { operations, now, personOf: personOf(records), verifyReauthentication: () => Promise.reject(new Error('nothing is signed here')) };
  const begin = performance.now();
  await inParallel(Array.from({ length: EVENTS }, (_, i) => `BENCH-R-${round}-${i}`), async (equipmentId) => {
    const request = { path: {}, query: {}, body: {}, caller: STEWARD, requestId: equipmentId, idempotencyKey: equipmentId, roles: STEWARD.roles, target: `POST /v1/equipment/${equipmentId}` };
    await runCommand(ports, { records: records.equipment, id: equipmentId, request, decide: ({ state }) => registerEquipment(state, { equipmentId, equipmentClassId: 'bench', title: NOTE }) });
  }, IN_FLIGHT);
  return seconds(begin);
};

/** Runs of the deployed function until nothing is left and the checkpoint covers all. @returns seconds */
const integrate = async (lambda: LambdaClient, FunctionName: string): Promise<number> => {
  const begin = performance.now();
  for (let run = 0; run < MAXIMUM_RUNS; run += 1) {
    const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName }));
    const text = Buffer.from(Payload ?? []).toString('utf8');
    if (FunctionError !== undefined) throw new Error(`the sequencer failed: ${text}`);
    const { entries, checkpoint } = JSON.parse(text) as { entries: number; checkpoint: string };
    if (entries === 0 && checkpoint === 'unchanged') return seconds(begin);
  }
  throw new Error(`the log still grows after ${MAXIMUM_RUNS} runs of the sequencer`);
};

/** The log's size as its published checkpoint says; 0 before the first is published. */
export const publishedSize = async (node: NodeSite): Promise<number> => {
  const token = await signIn(node, loginOf(node, 'regulator'));
  const response = await fetch(`${node.apiUrl}/v1/log/checkpoint`, { headers: { authorization: `Bearer ${token}` } });
  if (response.status === 404) return 0;
  if (!response.ok) throw new Error(`the checkpoint answered ${response.status}`);
  return Number((await response.text()).split('\n')[1]);
};

/** How events are appended, and what a row says of it. */
type Way = Readonly<{ what: string; run(client: DynamoDBClient, tables: Tables, turn: Turn): Promise<number> }>;
const WAYS: readonly Way[] = [
  { what: 'one event an append, as a route makes it', run: appendAsRoute },
  ...APPENDS.map((size) => ({ what: size === 1 ? 'one event an append, bare' : `${size} events an append, bare`, run: (client: DynamoDBClient, tables: Tables, turn: Turn) => append(client, tables, size, turn) })),
];

type Seconds = Readonly<{ alone: number; appending: number; integrating: number }>;

/** The same events once through the cloud and once to the engine alone; the last is in the checkpoint. */
const measureRound = async (cloud: CloudProcess, node: NodeSite, { run }: Way, turn: Turn): Promise<Seconds> => {
  const [client, lambda, name] = [new DynamoDBClient(clientOf(node)), new LambdaClient(clientOf(node)), sequencerOf(cloud, node)];
  try {
    await integrate(lambda, name);
    const before = await publishedSize(node);
    const alone = await withRawTables((own, tables) => run(own, tables, turn));
    const appending = await run(client, tablesOf(node), turn);
    const integrating = await integrate(lambda, name);
    const grown = await publishedSize(node) - before;
    if (grown !== EVENTS) throw new Error(`the log grew by ${grown} entries, want ${EVENTS}`);
    return { alone, appending, integrating };
  } finally {
    client.destroy();
    lambda.destroy();
  }
};

/** Events through the local cloud: appended with leaf and outbox, integrated, published. */
export const measureAppend = async (cloud: CloudProcess, endpoints: Endpoints, say: (text: string) => void): Promise<readonly Row[]> => {
  const node = endpoints.nodes[APPEND_NODE];
  if (node === undefined) throw new Error(`no node ${APPEND_NODE}`);
  const now = await timeOf(endpoints);
  const rows: Row[] = [];
  for (const way of WAYS) {
    const rounds: Seconds[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const measured = await measureRound(cloud, node, way, { round, now });
      say(`${EVENTS} events, ${way.what}: engine alone ${measured.alone.toFixed(1)} s, appended ${measured.appending.toFixed(1)} s, integrated and published ${measured.integrating.toFixed(1)} s`);
      rounds.push(measured);
    }
    const best = (name: keyof Seconds): number => EVENTS / Math.min(...rounds.map((each) => each[name]));
    const { what } = way;
    rows.push(
      row(`log in the cloud: ${what}, appended`, best('appending'), 'leaves/s', TARGET_RATE, 'target, at least'),
      row(`log in the cloud: ${what}, appended`, best('appending'), 'leaves/s', best('alone'), 'the same calls, engine alone'),
      row(`log in the cloud: ${what}, integrated and published`, best('integrating'), 'leaves/s', TARGET_RATE, 'target, at least'),
    );
  }
  return rows;
};
