import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Signer } from '../../shared/audit-log/note.ts';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { addCheckpoint } from '../../shared/audit-log/witness.ts';
import { parseAddCheckpoint } from '../../shared/audit-log/witness-request.ts';
import { task } from '../_platform/batch.ts';
import { networkKeyOf } from '../_platform/network-status.ts';
import type { Clock, OperationsStore } from '../_platform/ports.ts';

export type WitnessSitePorts = Readonly<{
  operations: Pick<OperationsStore, 'get' | 'put' | 'list'>;
  identity(): Promise<Readonly<{ key: VerifierKey; signer: Signer }>>;
  now: Clock;
}>;
type Answer = APIGatewayProxyStructuredResultV2;
type State = Readonly<{ size: number; root: string; version: number }>;
type Registered = Readonly<{ sk: string; logKey?: string }>;

const NODES_AT_MOST = 1000;
const MILLISECONDS = 1000;
const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;
const plain = (statusCode: number, body: string, contentType = 'text/plain; charset=utf-8'): Answer => ({ statusCode, headers: { ...HEADERS, 'content-type': contentType }, body });

/** Keys of the logs this site knows, by origin, which is the key's name, with the hospital each is of. */
const knownLogs = async ({ operations }: WitnessSitePorts): Promise<ReadonlyMap<string, Readonly<{ nodeId: string; key: VerifierKey }>>> => {
  const { items } = await operations.list<Registered>(networkKeyOf.node('-').pk, { limit: NODES_AT_MOST });
  return new Map(items.flatMap(({ sk, logKey }) => {
    if (logKey === undefined) return [];
    const key = parseVerifierKey(logKey);
    return [[key.name, { nodeId: sk, key }] as const];
  }));
};

const cosign = async (ports: WitnessSitePorts, body: Uint8Array): Promise<Answer> => {
  const { operations, identity, now } = ports;
  const logs = await knownLogs(ports);
  const { signer } = await identity();
  const versions = new Map<string, number>();
  const answer = await addCheckpoint(body, {
    signer, logKeysOf: (origin) => { const log = logs.get(origin); return log === undefined ? undefined : [log.key]; }, nowSeconds: () => Math.floor(now().getTime() / MILLISECONDS),
    readState: async (origin) => {
      const held = await operations.get<State>(networkKeyOf.witness(origin));
      versions.set(origin, held?.version ?? 0);
      return held === undefined ? undefined : { size: held.size, root: Buffer.from(held.root, 'hex') };
    },
    // The version read goes with the state read: the write is refused when either is no longer so.
    moveState: (origin, _, { size, root }) => {
      const version = versions.get(origin) ?? 0;
      return operations.put(networkKeyOf.witness(origin), { size, root: Buffer.from(root).toString('hex'), version: version + 1 }, version === 0 ? { onlyIfAbsent: true } : { onlyIfVersion: version });
    },
  });
  if (answer.status === 200) await keep(ports, logs, body, answer.body);
  return plain(answer.status, answer.body, answer.contentType);
};

/** The network's log of node checkpoints: every one this site has cosigned, with its cosignature. */
const keep = async ({ operations, now }: WitnessSitePorts, logs: Awaited<ReturnType<typeof knownLogs>>, body: Uint8Array, cosignature: string): Promise<void> => {
  const { checkpoint: { origin, size, root }, note } = parseAddCheckpoint(body);
  const nodeId = logs.get(origin)?.nodeId;
  if (nodeId === undefined) return;
  await operations.put(networkKeyOf.checkpoint(nodeId, size), { nodeId, size, root: Buffer.from(root).toString('hex'), at: now().toISOString(), checkpoint: note.text, cosignature }, { onlyIfAbsent: true });
};

/**
 * A witness (C2SP tlog-witness): cosigns a checkpoint of a log it knows when it is the same log, grown. Anyone may ask; a request is believed for the log's own signature on it.
 */
export const createHandler = (ports: WitnessSitePorts) => task(async ({ routeKey, body, isBase64Encoded }: Pick<APIGatewayProxyEventV2, 'routeKey' | 'body' | 'isBase64Encoded'>): Promise<Answer> => {
  if (routeKey.startsWith('GET ')) return plain(200, `${formatVerifierKey((await ports.identity()).key)}\n`);
  return cosign(ports, Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'));
});
