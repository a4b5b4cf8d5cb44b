import { zipSync } from 'fflate';
import type { BatchRecordDocument } from '../../shared/audit/batch-record-document.ts';
import { composeBatchRecord } from '../../shared/audit/compose-batch-record.ts';
import type { Coverage } from '../../shared/audit/coverage.ts';
import { composeSigners, signaturesMade, type Signers } from '../../shared/audit/signers.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import type { Recorded } from '../../shared/record/envelope.ts';
import type { PersonEvent } from '../../shared/registers/person.ts';
import { loadBatch, type RecordedBatchEvent } from '../audit-api/record-pages.ts';
import { FileAnswer } from '../_platform/contract.ts';
import type { View } from '../_platform/granted-view.ts';
import { http } from '../_platform/http.ts';
import { inParallel } from '../_platform/in-parallel.ts';
import type { ObjectStore } from '../_platform/ports.ts';
import { logged, type ReadPorts } from '../_platform/read-log.ts';
import { MAXIMUM_ANSWER_BYTES } from '../_platform/s3-link.ts';
import { assemblePack, type PackFile } from './assemble.ts';
import { createChunkFiles } from './chunks.ts';
import type { Evidence } from './evidence.ts';
import type { PackStore } from './pack-store.ts';
import { ReadInspectionPack } from './schema.ts';

export type PackPorts = ReadPorts & Readonly<{
  /** The document as a PDF; another function draws it, because fonts and drawing are as large as everything else together. */
  render(input: Readonly<{ document: BatchRecordDocument; signers: Signers; coverage?: Coverage | undefined }>): Promise<Readonly<{ pdfBase64: string }>>;
  keep: PackStore;
  /** As much of the record as can be proven without trust in its keeper, and what proves it: checkpoint, proofs and the verifier. */
  evidence(events: readonly RecordedBatchEvent[], people: readonly Recorded<PersonEvent>[]): Promise<Evidence>;
  /** Where telemetry chunks are. */
  telemetry: Pick<ObjectStore, 'get'>;
}>;

/** Dated by the record, so that a pack made again is the same. */
const zipped = (files: readonly PackFile[], recordedAt: string): Uint8Array =>
  zipSync(Object.fromEntries(files.map(({ path, body }) => [path, [body, { mtime: new Date(recordedAt), level: path.endsWith('.pdf') ? 0 : 6 }]])));

/** The own records of who signed, as this reader may see them: what tells whether they might. In the order of their first signatures. */
const signerRecords = async (record: View['record'], events: readonly RecordedBatchEvent[]): Promise<readonly Recorded<PersonEvent>[]> => {
  const signers = new Set(signaturesMade(events).map(({ signature }) => signature.signerId));
  return (await inParallel([...signers], (id) => record.load<PersonEvent>({ kind: 'person', id }))).flat();
};

/** Where a large pack is for the next minutes, and how to know it is whole. */
const linkTo = async ({ keep }: PackPorts, zip: Uint8Array, batchId: string, fileName: string) => {
  const sha256 = sha256Hex(zip);
  return { ...await keep(`${batchId}/${sha256}.zip`, zip), fileName, bytes: zip.length, sha256 };
};

/**
 * Everything an inspector needs of one batch, in one call: the zip itself, or, when it is more than one answer holds, a link to it that soon ends. All of it is of the version that the published checkpoint covers.
 *
 * @throws DomainError `batch-not-found`, `record-not-published`
 * @see 21 CFR 11.10(b): accurate and complete copies, human-readable and electronic, for inspection, review and copying
 */
export const createHandler = (ports: PackPorts) => http([
  logged(ports, ReadInspectionPack, async ({ path: { batchId } }, { record }) => {
    const all = await loadBatch(record, batchId);
    const { events, people, coverage, files } = await ports.evidence(all, await signerRecords(record, all));
    const document = composeBatchRecord(events);
    const [{ pdfBase64 }, chunks] = await Promise.all([ports.render({ document, signers: composeSigners(events, people), coverage }), createChunkFiles(ports.telemetry)(events)]);
    const zip = zipped(assemblePack({ document, events, coverage }, Buffer.from(pdfBase64, 'base64'), [...files, ...chunks]), document.record.recordedAt);
    const fileName = `${batchId}-version-${document.record.version}.zip`;
    return zip.length > MAXIMUM_ANSWER_BYTES ? linkTo(ports, zip, batchId, fileName) : new FileAnswer('application/zip', zip, fileName);
  }),
], ports.refusals);
