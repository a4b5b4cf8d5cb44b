import type { LogStore } from '../../shared/audit-log/log-store.ts';
import { proofOf, receiptOf } from '../../shared/audit-log/receipt.ts';
import type { VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { DomainError } from '../../shared/errors.ts';
import { http } from '../_platform/http.ts';
import type { View } from '../_platform/granted-view.ts';
import { checkpointAnswer, consistencyAnswer, keyAnswer, tileAnswer } from '../_platform/log-reading.ts';
import { logged, type ReadPorts } from '../_platform/read-log.ts';
import { ReadCheckpoint, ReadConsistency, ReadLogKey, ReadProof, ReadTile } from './schema.ts';

type Ports = ReadPorts & Readonly<{
  store: Pick<LogStore, 'getObject' | 'readCheckpoint' | 'findLeaves'>;
  /** Verifier key of the log. */
  key(): Promise<VerifierKey>;
}>;

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
  logged(ports, ReadLogKey, async () => keyAnswer(await ports.key())),
  logged(ports, ReadCheckpoint, () => checkpointAnswer(ports.store)),
  // Entries are of every product. See ADR 0011.
  logged(ports, ReadTile, ({ path: { path } }, { seesEverything }) => tileAnswer(ports.store, `tile/${path}`, seesEverything)),
  logged(ports, ReadConsistency, ({ query: { from, to } }) => consistencyAnswer(ports.store, from, to)),
  logged(ports, ReadProof, ({ path: { batchId }, query: { version } }, view) => readProof(ports, view, batchId, version)),
], ports.refusals);
