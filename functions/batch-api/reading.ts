import { DomainError } from '../../shared/errors.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { requireBatch } from './batch-command.ts';
import { batchView } from './batch-view.ts';
import type { BatchApiPorts } from './ports.ts';
import { ReadBatch, ReadWork } from './read-schema.ts';

export type WorkItem = Readonly<{ subject: string; kind: string; title: string; detail: string; raisedAt: string }>;

/** What staff read while they work. */
export const readingEndpoints = (ports: BatchApiPorts): readonly Endpoint[] => [
  endpoint(ReadBatch, async ({ path: { batchId } }) => batchView(requireBatch((await ports.records.batches.load(batchId)).state, batchId))),
  endpoint(ReadWork, async ({ caller, query: { role, limit, cursor } }) => {
    if (!caller.roles.includes(role)) throw new DomainError('role-missing', `the work list of ${role} is for that role`, { wanted: [role] });
    const page = await ports.operations.list<WorkItem>(keyOf.work(role, '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) });
    return { ...page, items: page.items.map(({ subject, kind, title, detail, raisedAt }) => ({ subject, kind, title, detail, raisedAt })) };
  }),
];
