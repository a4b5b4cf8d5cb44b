import { DomainError } from '../../shared/errors.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { endpoint, FileAnswer, type Endpoint } from '../_platform/contract.ts';
import { requireBatch } from './batch-command.ts';
import { batchView } from './batch-view.ts';
import type { BatchApiPorts } from './ports.ts';
import { ReadBatch, ReadCertificate, ReadWork } from './read-schema.ts';

export type WorkItem = Readonly<{ subject: string; kind: string; title: string; detail: string; raisedAt: string }>;

const readCertificate = async (ports: BatchApiPorts, batchId: string, format: 'json' | 'pdf'): Promise<FileAnswer | Record<string, unknown>> => {
  const batch = requireBatch((await ports.records.batches.load(batchId)).state, batchId);
  const certificate = batch.certificates.at(-1);
  if (certificate === undefined) throw new DomainError('batch-open-points', `batch ${batchId} has no certificate yet`, { batchId });
  const file = await ports.documents.get(`${certificate.objectKey}.${format}`);
  if (file === undefined) throw new DomainError('record-corrupt', `certificate ${certificate.certificateId} is not in the document store`);
  if (format === 'pdf') return new FileAnswer('application/pdf', file.body, `${certificate.certificateId}.pdf`);
  return JSON.parse(Buffer.from(file.body).toString('utf8')) as Record<string, unknown>;
};

/** What staff read while they work. */
export const readingEndpoints = (ports: BatchApiPorts): readonly Endpoint[] => [
  endpoint(ReadBatch, async ({ path: { batchId } }) => batchView(requireBatch((await ports.records.batches.load(batchId)).state, batchId))),
  endpoint(ReadCertificate, ({ path: { batchId }, query: { format } }) => readCertificate(ports, batchId, format)),
  endpoint(ReadWork, async ({ caller, query: { role, limit, cursor } }) => {
    if (!caller.roles.includes(role)) throw new DomainError('role-missing', `the work list of ${role} is for that role`, { wanted: [role] });
    const page = await ports.operations.list<WorkItem>(keyOf.work(role, '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) });
    return { ...page, items: page.items.map(({ subject, kind, title, detail, raisedAt }) => ({ subject, kind, title, detail, raisedAt })) };
  }),
];
