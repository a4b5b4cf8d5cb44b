import { effective, type MasterBatchRecord } from '../../shared/master-batch-record/life-cycle.ts';
import { effectiveKey } from '../_platform/library.ts';
import type { ObjectStore } from '../_platform/ports.ts';

/** Put the effective revision where the nodes read it. The bucket keeps every earlier version. */
export const createPublisher = (library: Pick<ObjectStore, 'put'>) => async (record: MasterBatchRecord): Promise<void> => {
  const revision = effective(record);
  if (revision === undefined) return;
  const { content, contentHash, revision: version, effectiveAt } = revision;
  const published = { masterBatchRecordId: record.masterBatchRecordId, version, contentHash, effectiveAt, content };
  await library.put(effectiveKey(content.productId), new TextEncoder().encode(JSON.stringify(published)), { contentType: 'application/json' });
};
