import { createHash } from 'node:crypto';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { foldBatch } from '../../shared/batch/fold.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { DomainError } from '../../shared/errors.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import type { Actor } from '../../shared/record/envelope.ts';
import type { CertificateDocument, SupplementDocument } from '../../shared/release/certificate-document.ts';
import type { ObjectStore, OperationsStore, RecordStore } from '../_platform/ports.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';

export type CertificatePorts = Readonly<{
  batches: StreamRecords<Batch, BatchEvent>;
  record: Pick<RecordStore, 'load'>;
  operations: Pick<OperationsStore, 'put' | 'delete'>;
  documents: Pick<ObjectStore, 'put'>;
  render(document: CertificateDocument | SupplementDocument): Promise<Uint8Array>;
}>;

const ACTOR: Actor = { kind: 'system', id: 'release-certificate', version: '1.0.0' };
const sha256 = (...parts: readonly Uint8Array[]): string => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');
const KEY_HASH_CHARACTERS = 16;

/** A batch as its record stood at a version: what a certificate of that version speaks of, whatever was found since. @throws DomainError `batch-not-found` */
export const batchAt = async ({ record }: Pick<CertificatePorts, 'record'>, batchId: string, version: number): Promise<Batch> => {
  const events = await record.load<BatchEvent>({ kind: 'batch', id: batchId });
  const batch = foldBatch(events.filter((each) => each.version <= version));
  if (batch === undefined) throw new DomainError('batch-not-found', `no batch ${batchId}`, { batchId });
  return batch;
};

/**
 * Files first, then the event that names their hashes: an event never points at nothing. A repeat finds both there; one that renders otherwise, after a
 * deployment in between, stores files of its own and leaves the first, because the key is named by what is in them.
 */
export const issue = async ({ batches, documents }: Pick<CertificatePorts, 'batches' | 'documents'>, batchId: string, document: CertificateDocument | SupplementDocument, pdf: Uint8Array): Promise<Readonly<{ certificateId: string }>> => {
  const { certificateId } = document;
  const json = new TextEncoder().encode(canonicalJson(document));
  const objectKey = `certificates/${batchId}/${certificateId}-${sha256(json, pdf).slice(0, KEY_HASH_CHARACTERS)}`;
  await documents.put(`${objectKey}.json`, json, { contentType: 'application/json', ifMatch: null });
  await documents.put(`${objectKey}.pdf`, pdf, { contentType: 'application/pdf', ifMatch: null });
  await batches.change(batchId, ({ state }) => (state?.certificates.some((each) => each.certificateId === certificateId) === true ? [] : [
    { type: 'certificate-issued', certificateId, jsonSha256: sha256(json), pdfSha256: sha256(pdf), objectKey },
  ]), { actor: ACTOR });
  return { certificateId };
};
