import { createHash } from 'node:crypto';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { DomainError } from '../../shared/errors.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import type { Actor } from '../../shared/record/envelope.ts';
import { composeCertificate } from '../../shared/release/certificate.ts';
import type { CertificateDocument } from '../../shared/release/certificate-document.ts';
import { task } from '../_platform/batch.ts';
import type { ObjectStore, OperationsStore } from '../_platform/ports.ts';
import { clearRelease } from '../_platform/release-work.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';

export type CertificateInput = Readonly<{ batchId: string }>;
type Ports = Readonly<{
  batches: StreamRecords<Batch, BatchEvent>;
  operations: Pick<OperationsStore, 'delete'>;
  documents: Pick<ObjectStore, 'put'>;
  render(document: CertificateDocument): Promise<Uint8Array>;
}>;

const ACTOR: Actor = { kind: 'system', id: 'release-certificate', version: '1.0.0' };
const sha256 = (...parts: readonly Uint8Array[]): string => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');
const KEY_HASH_CHARACTERS = 16;

const compose = async ({ batches }: Ports, batchId: string): Promise<CertificateDocument> => {
  const { state } = await batches.load(batchId);
  if (state === undefined) throw new DomainError('batch-not-found', `no batch ${batchId}`, { batchId });
  return composeCertificate(state);
};

/**
 * Files first, then the event that names their hashes: an event never points at nothing. A repeat finds both there; one that renders otherwise, after a
 * deployment in between, stores files of its own and leaves the first, because the key is named by what is in them.
 */
const issue = async ({ batches, operations, documents }: Ports, batchId: string, document: CertificateDocument, pdf: Uint8Array) => {
  const json = new TextEncoder().encode(canonicalJson(document));
  const objectKey = `certificates/${batchId}/${document.certificateId}-${sha256(json, pdf).slice(0, KEY_HASH_CHARACTERS)}`;
  await documents.put(`${objectKey}.json`, json, { contentType: 'application/json', ifMatch: null });
  await documents.put(`${objectKey}.pdf`, pdf, { contentType: 'application/pdf', ifMatch: null });
  await batches.change(batchId, ({ state }) => (state?.certificates.some(({ certificateId }) => certificateId === document.certificateId) === true ? [] : [
    { type: 'certificate-issued', certificateId: document.certificateId, jsonSha256: sha256(json), pdfSha256: sha256(pdf), objectKey },
  ]), { actor: ACTOR });
  await clearRelease(operations, batchId);
  return { certificateId: document.certificateId };
};

/** Compose the certificate of a released batch, have it rendered, and issue it. */
export const createHandler = (ports: Ports) => task(async ({ batchId }: CertificateInput) => {
  const document = await compose(ports, batchId);
  return issue(ports, batchId, document, await ports.render(document));
});
