import type * as z from 'zod';
import type { BatchSummary } from './schema.ts';

type Summary = z.input<typeof BatchSummary>;

/** What lists show of a batch, from its summary item. */
export const summaryView = (item: Readonly<Record<string, unknown>>): Summary => {
  const { batchId, productId, chainOfIdentityId, state, disposition, createdAt, version, openDeviationCount } = item as Summary;
  return { batchId, productId, chainOfIdentityId, state, ...(disposition === undefined ? {} : { disposition }), createdAt, version, openDeviationCount };
};
