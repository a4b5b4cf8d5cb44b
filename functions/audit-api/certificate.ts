import type { Batch, Certificate } from '../../shared/batch/state.ts';
import { DomainError } from '../../shared/errors.ts';
import { releaseCertificate } from '../../shared/release/late-results.ts';
import { FileAnswer } from '../_platform/contract.ts';
import type { ObjectStore } from '../_platform/ports.ts';

export type CertificateAsked = Readonly<{ format: 'json' | 'pdf'; of: 'release' | 'staged-results' }>;

const certificateOf = (batch: Batch, of: CertificateAsked['of']): Certificate => {
  const first = releaseCertificate(batch);
  const found = of === 'release' ? first : batch.certificates.findLast((each) => each !== first);
  if (found === undefined) throw new DomainError('batch-open-points', `batch ${batch.batchId} has no ${of === 'release' ? 'certificate' : 'supplement for results after a staged release'} yet`, { batchId: batch.batchId });
  return found;
};

/**
 * The certificate of a batch's release, or the latest supplement to it, as it was stored.
 *
 * @throws DomainError `batch-not-found`, `batch-open-points` before it is issued, `record-corrupt` when the store has lost it
 */
export const readCertificate = async (documents: Pick<ObjectStore, 'get'>, batch: Batch | undefined, batchId: string, { format, of }: CertificateAsked): Promise<FileAnswer | Record<string, unknown>> => {
  if (batch === undefined) throw new DomainError('batch-not-found', `no batch ${batchId} at this hospital`, { batchId });
  const certificate = certificateOf(batch, of);
  const file = await documents.get(`${certificate.objectKey}.${format}`);
  if (file === undefined) throw new DomainError('record-corrupt', `certificate ${certificate.certificateId} is not in the document store`);
  if (format === 'pdf') return new FileAnswer('application/pdf', file.body, `${certificate.certificateId}.pdf`);
  return JSON.parse(Buffer.from(file.body).toString('utf8')) as Record<string, unknown>;
};
