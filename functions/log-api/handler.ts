import { base64Of } from '../../shared/audit-log/base64.ts';
import { parseCheckpoint } from '../../shared/audit-log/checkpoint.ts';
import { tileReaderOf, type LogStore } from '../../shared/audit-log/log-store.ts';
import { parseNote } from '../../shared/audit-log/note.ts';
import { consistencyProof } from '../../shared/audit-log/proofs.ts';
import { proofOf, receiptOf } from '../../shared/audit-log/receipt.ts';
import { parseTilePath } from '../../shared/audit-log/tiles.ts';
import { formatVerifierKey, type VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { DomainError } from '../../shared/errors.ts';
import { FileAnswer } from '../_platform/contract.ts';
import { http } from '../_platform/http.ts';
import type { View } from '../_platform/granted-view.ts';
import { logged, type ReadPorts } from '../_platform/read-log.ts';
import { ReadCheckpoint, ReadConsistency, ReadLogKey, ReadProof, ReadTile } from './schema.ts';

type Ports = ReadPorts & Readonly<{
  store: Pick<LogStore, 'getObject' | 'readCheckpoint' | 'findLeaves'>;
  /** Verifier key of the log. */
  key(): Promise<VerifierKey>;
}>;

/** @throws DomainError `log-entry-not-found` before the first checkpoint */
const requireCheckpoint = async ({ store }: Ports): Promise<Readonly<{ bytes: Uint8Array; size: number }>> => {
  const published = await store.readCheckpoint();
  if (published === undefined) throw new DomainError('log-entry-not-found', 'the log has no checkpoint yet; the first follows the first event within a minute');
  return { bytes: published.bytes, size: parseCheckpoint(parseNote(published.bytes).text).size };
};

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

/** Tiles hold hashes; entry bundles hold whole events, of every product. @see ADR 0011 */
const readTile = async ({ store }: Ports, path: string, { seesEverything }: View): Promise<FileAnswer> => {
  parseTilePath(path);
  const bytes = !seesEverything && path.startsWith('tile/entries/') ? undefined : await store.getObject(path);
  if (bytes === undefined) throw new DomainError('log-entry-not-found', `no ${path} in the log`, { path });
  return new FileAnswer('application/octet-stream', bytes, path.replaceAll('/', '-'));
};

const readProof = async ({ store, key }: Ports, { record }: View, batchId: string, version: number | undefined) => {
  const events = await record.load({ kind: 'batch', id: batchId });
  const event = version === undefined ? events.at(-1) : events[version - 1];
  if (event === undefined) throw new DomainError('batch-not-found', events.length === 0 ? `no batch ${batchId} at this hospital` : `batch ${batchId} has no event ${version ?? ''}`, { batchId });
  const receipt = receiptOf(event);
  const logKey = await key();
  const { checkpoint, index, inclusionProof } = await proofOf(store, receipt.leafHash, { origin: logKey.name, logKeys: [logKey], witnessKeys: [], quorum: 0 });
  return { receipt: { ...receipt, stream: { ...receipt.stream } }, checkpoint, index, inclusionProof: [...inclusionProof] };
};

/** The transparency log as its readers see it: tiles and checkpoint as any tlog-tiles client wants them, and proofs ready made. */
export const createHandler = (ports: Ports) => http([
  logged(ports, ReadLogKey, async () => {
    const key = await ports.key();
    return { origin: key.name, key: formatVerifierKey(key) };
  }),
  logged(ports, ReadCheckpoint, async () => new FileAnswer('text/plain; charset=utf-8', (await requireCheckpoint(ports)).bytes, 'checkpoint')),
  logged(ports, ReadTile, ({ path: { path } }, view) => readTile(ports, `tile/${path}`, view)),
  logged(ports, ReadConsistency, async ({ query: { from, to } }) => {
    const { bytes, size } = await requireCheckpoint(ports);
    const until = to ?? size;
    if (from > until || until > size) throw new DomainError('request-malformed', `query: want from ≤ to ≤ ${size}, the published size`, { paths: ['query.from', 'query.to'] });
    return { from, to: until, proof: (await consistencyProof(tileReaderOf(ports.store), from, until)).map(base64Of), checkpoint: textOf(bytes) };
  }),
  logged(ports, ReadProof, ({ path: { batchId }, query: { version } }, view) => readProof(ports, view, batchId, version)),
], ports.refusals);
