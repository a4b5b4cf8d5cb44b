import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { logsCosignedBy } from '../../shared/audit-log/directory.ts';
import type { Signer } from '../../shared/audit-log/note.ts';
import { formatVerifierKey, type VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { addCheckpoint } from '../../shared/audit-log/witness.ts';
import { parseAddCheckpoint } from '../../shared/audit-log/witness-request.ts';
import { task } from '../_platform/batch.ts';
import { readSites, witnessTableKey } from '../_platform/directory.ts';
import type { Clock, OperationsStore } from '../_platform/ports.ts';

export type WitnessSitePorts = Readonly<{
  /** The witness's own table: registered sites, its state, what it cosigned. */
  table: Pick<OperationsStore, 'get' | 'put' | 'list'>;
  identity(): Promise<Readonly<{ key: VerifierKey; signer: Signer }>>;
  now: Clock;
}>;
type Answer = APIGatewayProxyStructuredResultV2;
type State = Readonly<{ size: number; root: string; version: number }>;
type Logs = ReturnType<typeof logsCosignedBy>;

const MILLISECONDS = 1000;
const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;
const plain = (statusCode: number, body: string, contentType = 'text/plain; charset=utf-8'): Answer => ({ statusCode, headers: { ...HEADERS, 'content-type': contentType }, body });

const cosign = async (ports: WitnessSitePorts, body: Uint8Array): Promise<Answer> => {
  const { table, identity, now } = ports;
  const { signer } = await identity();
  const logs = logsCosignedBy(await readSites(table), signer.name);
  const versions = new Map<string, number>();
  const answer = await addCheckpoint(body, {
    signer, logKeysOf: (origin) => { const log = logs.get(origin); return log === undefined ? undefined : [log.key]; }, // Up, not down: a whole second must not lie before an event that was recorded within it.
    nowSeconds: () => Math.ceil(now().getTime() / MILLISECONDS),
    readState: async (origin) => {
      const held = await table.get<State>(witnessTableKey.state(origin));
      versions.set(origin, held?.version ?? 0);
      return held === undefined ? undefined : { size: held.size, root: Buffer.from(held.root, 'hex') };
    },
    // The version read goes with the state read: the write is refused when either is no longer so.
    moveState: (origin, _, { size, root }) => {
      const version = versions.get(origin) ?? 0;
      return table.put(witnessTableKey.state(origin), { size, root: Buffer.from(root).toString('hex'), version: version + 1 }, version === 0 ? { onlyIfAbsent: true } : { onlyIfVersion: version });
    },
  });
  if (answer.status === 200) await keep(ports, logs, body, answer.body);
  return plain(answer.status, answer.body, answer.contentType);
};

/** This site's log of node checkpoints: every one it has cosigned, with its cosignature. */
const keep = async ({ table, now }: WitnessSitePorts, logs: Logs, body: Uint8Array, cosignature: string): Promise<void> => {
  const { checkpoint: { origin, size, root }, note } = parseAddCheckpoint(body);
  const nodeId = logs.get(origin)?.nodeId;
  if (nodeId === undefined) return;
  await table.put(witnessTableKey.checkpoint(nodeId, size), { nodeId, size, root: Buffer.from(root).toString('hex'), at: now().toISOString(), checkpoint: note.text, cosignature }, { onlyIfAbsent: true });
};

/**
 * A witness (C2SP tlog-witness): cosigns a checkpoint of another site's log, known by the directory, when it is the same log, grown. Anyone may ask; a request is believed for the log's own signature on it.
 */
export const createHandler = (ports: WitnessSitePorts) => task(async ({ routeKey, body, isBase64Encoded }: Pick<APIGatewayProxyEventV2, 'routeKey' | 'body' | 'isBase64Encoded'>): Promise<Answer> => {
  if (routeKey.startsWith('GET ')) return plain(200, `${formatVerifierKey((await ports.identity()).key)}\n`);
  return cosign(ports, Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'));
});
