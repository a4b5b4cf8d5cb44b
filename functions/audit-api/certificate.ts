import type { Batch } from '../../shared/batch/state.ts';
import { DomainError } from '../../shared/errors.ts';
import { FileAnswer } from '../_platform/contract.ts';
import type { ObjectStore } from '../_platform/ports.ts';

/**
 * The last certificate of a batch as it was stored.
 *
 * @throws DomainError `batch-not-found`, `batch-open-points` before it is issued, `record-corrupt` when the store has lost it
 */
export const readCertificate = async (documents: Pick<ObjectStore, 'get'>, batch: Batch | undefined, batchId: string, format: 'json' | 'pdf'): Promise<FileAnswer | Record<string, unknown>> => {
  if (batch === undefined) throw new DomainError('batch-not-found', `no batch ${batchId} at this hospital`, { batchId });
  const certificate = batch.certificates.at(-1);
  if (certificate === undefined) throw new DomainError('batch-open-points', `batch ${batchId} has no certificate yet`, { batchId });
  const file = await documents.get(`${certificate.objectKey}.${format}`);
  if (file === undefined) throw new DomainError('record-corrupt', `certificate ${certificate.certificateId} is not in the document store`);
  if (format === 'pdf') return new FileAnswer('application/pdf', file.body, `${certificate.certificateId}.pdf`);
  return JSON.parse(Buffer.from(file.body).toString('utf8')) as Record<string, unknown>;
};
