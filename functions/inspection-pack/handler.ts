import { zipSync } from 'fflate';
import type { BatchRecordDocument } from '../../shared/audit/batch-record-document.ts';
import { composeBatchRecord } from '../../shared/audit/compose-batch-record.ts';
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
import { assemblePack, type PackFile } from './assemble.ts';
import { createChunkFiles } from './chunks.ts';
import type { PackStore } from './pack-store.ts';
import { ReadInspectionPack } from './schema.ts';

/** A function may answer 6 MB of text, and a zip travels as base64 in it. */
const MAXIMUM_PACK_BYTES = 4_400_000;

export type PackPorts = ReadPorts & Readonly<{
  /** The document as a PDF; another function draws it, because fonts and drawing are as large as everything else together. */
  render(input: Readonly<{ document: BatchRecordDocument; signers: Signers }>): Promise<Readonly<{ pdfBase64: string }>>;
  keep: PackStore;
  /** What proves the events, and those of the signers' own records, without trust in their keeper: checkpoint, proofs and the verifier. */
  evidence(events: readonly RecordedBatchEvent[], people: readonly Recorded<unknown>[]): Promise<readonly PackFile[]>;
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
 * Everything an inspector needs of one batch, in one call: the zip itself, or, when it is more than one answer holds, a link to it that soon ends.
 *
 * @throws DomainError `batch-not-found`
 * @see 21 CFR 11.10(b): accurate and complete copies, human-readable and electronic, for inspection, review and copying
 */
export const createHandler = (ports: PackPorts) => http([
  logged(ports, ReadInspectionPack, async ({ path: { batchId } }, { record }) => {
    const events = await loadBatch(record, batchId);
    const people = await signerRecords(record, events);
    const document = composeBatchRecord(events);
    const [{ pdfBase64 }, ...evidence] = await Promise.all([ports.render({ document, signers: composeSigners(events, people) }), ports.evidence(events, people), createChunkFiles(ports.telemetry)(events)]);
    const zip = zipped(assemblePack(document, events, Buffer.from(pdfBase64, 'base64'), evidence.flat()), document.record.recordedAt);
    const fileName = `${batchId}-version-${document.record.version}.zip`;
    return zip.length > MAXIMUM_PACK_BYTES ? linkTo(ports, zip, batchId, fileName) : new FileAnswer('application/zip', zip, fileName);
  }),
], ports.refusals);
