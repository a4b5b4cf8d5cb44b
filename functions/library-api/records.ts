import type * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import { effective, evolveMasterBatchRecord, inWork, type MasterBatchRecord, type MasterBatchRecordEvent, type Revision } from '../../shared/master-batch-record/life-cycle.ts';
import type { StreamType } from '../_platform/stream-records.ts';
import type * as Routes from './schema.ts';

/** The revision people look at: the one in work, else the effective one, else the last. */
export const shown = (record: MasterBatchRecord): Revision => {
  const revision = inWork(record) ?? effective(record) ?? record.revisions.at(-1);
  if (revision === undefined) throw new DomainError('record-corrupt', `master batch record ${record.masterBatchRecordId} has no revision`);
  return revision;
};

/** Attributes of the list item of one master batch record. */
export const librarySummaryOf = (record: MasterBatchRecord): Omit<z.input<typeof Routes.MasterBatchRecordSummary>, 'version'> => {
  const { revision, state, content, contentHash } = shown(record);
  const inForce = effective(record)?.revision;
  return { masterBatchRecordId: record.masterBatchRecordId, productId: content.productId, title: content.title, revision, state, contentHash, ...(inForce === undefined ? {} : { effectiveRevision: inForce }) };
};

/** How a master batch record becomes state, and what lists show of it. */
export const MASTER_BATCH_RECORDS: StreamType<MasterBatchRecord, MasterBatchRecordEvent> = { kind: 'master-batch-record', evolve: evolveMasterBatchRecord, summaryOf: librarySummaryOf };
