import type { LogStore } from '../../shared/audit-log/log-store.ts';
import { proofsOf, receiptOf } from '../../shared/audit-log/receipt.ts';
import type { VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { DomainError } from '../../shared/errors.ts';
import type { StreamId } from '../../shared/record/envelope.ts';
import { requireOnItsWay } from '../_platform/against-log.ts';
import { http } from '../_platform/http.ts';
import type { View } from '../_platform/granted-view.ts';
import { checkpointAnswer, consistencyAnswer, keyAnswer, tileAnswer } from '../_platform/log-reading.ts';
import type { LogPlaces } from '../_platform/log-places.ts';
import { logged, type ReadPorts } from '../_platform/read-log.ts';
import type { Linker } from '../_platform/s3-link.ts';
import { InspectCheckpoint, InspectConsistency, InspectLogKey, InspectTile, ReadAnyProof, ReadCheckpoint, ReadConsistency, ReadLogKey, ReadProof, ReadTile } from './schema.ts';

type Ports = ReadPorts & Readonly<{
  store: Pick<LogStore, 'getObject' | 'readCheckpoint' | 'findLeaves'>;
  /** To an object of the log, where it is larger than an answer. */
  link: Linker;
  places: Pick<LogPlaces, 'find'>;
  /** Verifier key of the log. */
  key(): Promise<VerifierKey>;
}>;

const notFound = ({ kind, id }: StreamId, length: number, version: number | undefined): DomainError => {
  const said = length === 0 ? `no ${kind} ${id} at this hospital` : `${kind} ${id} has no event ${version ?? ''}`;
  return kind === 'batch' ? new DomainError('batch-not-found', said, { batchId: id }) : new DomainError('record-not-found', said, { kind, id });
};

/** @throws DomainError `record-differs-from-log` when what is stored is not what the log holds; else what `proofOf` throws, when it waits */
const readProof = async (ports: Ports, { record }: View, stream: StreamId, version: number | undefined) => {
  const events = await record.load(stream);
  const event = version === undefined ? events.at(-1) : events[version - 1];
  if (event === undefined) throw notFound(stream, events.length, version);
  const receipt = receiptOf(event);
  const logKey = await ports.key();
  const all = await proofsOf(ports.store, [receipt.leafHash], { origin: logKey.name, logKeys: [logKey], witnessKeys: [], quorum: 0 });
  const [found] = all?.proofs ?? [];
  if (all === undefined || found === undefined) {
    await requireOnItsWay(ports, [receipt]);
    throw new DomainError('log-entry-not-found', `event ${receipt.version} is not under the published checkpoint yet; ask again in a minute`, { leafHash: receipt.leafHash });
  }
  return { receipt: { ...receipt, stream: { ...receipt.stream } }, checkpoint: all.checkpoint, index: found.index, inclusionProof: [...found.inclusionProof] };
};

/** The transparency log as its readers see it: tiles and checkpoint as any tlog-tiles client wants them, and proofs ready made. */
export const createHandler = (ports: Ports) => http([
  ...[ReadLogKey, InspectLogKey].map((each) => logged(ports, each, async () => keyAnswer(await ports.key()))),
  ...[ReadCheckpoint, InspectCheckpoint].map((each) => logged(ports, each, () => checkpointAnswer(ports.store))),
  // Entries are of every product. See ADR 0011.
  ...[ReadTile, InspectTile].map((each) => logged(ports, each, ({ path: { path } }, { seesEverything }) => tileAnswer(ports, `tile/${path}`, seesEverything))),
  ...[ReadConsistency, InspectConsistency].map((each) => logged(ports, each, ({ query: { from, to } }) => consistencyAnswer(ports.store, from, to))),
  logged(ports, ReadProof, ({ path: { batchId }, query: { version } }, view) => readProof(ports, view, { kind: 'batch', id: batchId }, version)),
  logged(ports, ReadAnyProof, ({ path, query: { version } }, view) => readProof(ports, view, path, version)),
], ports.refusals);
