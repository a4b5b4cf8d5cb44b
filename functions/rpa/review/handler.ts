import { performReview } from '../../../shared/batch/commands/quality.ts';
import type { BatchEvent, OpenPoint } from '../../../shared/batch/events.ts';
import type { Batch } from '../../../shared/batch/state.ts';
import { DomainError } from '../../../shared/errors.ts';
import { reviewRecord, REVIEW_RULE_SET_VERSION } from '../../../shared/release/review.ts';
import { task } from '../../_platform/batch.ts';
import type { Clock } from '../../_platform/ports.ts';
import { runIdOf, type RunRecords } from '../../_platform/run-record.ts';
import type { StreamRecords } from '../../_platform/stream-records.ts';

export type ReviewInput = Readonly<{ batchId: string }>;
export type ReviewOutput = Readonly<{ openPoints: readonly OpenPoint[]; reviewedVersion: number }>;
type Ports = Readonly<{ batches: StreamRecords<Batch, BatchEvent>; runs: RunRecords; now: Clock }>;

const TASK = 'batch-record-review';

/** The state of the record that a review reads, without the reviews themselves: their hash names a run. */
const inputsOf = ({ batchId, version, hash, review }: Batch): Readonly<Record<string, string>> =>
  (review?.atVersion === version ? { batchId, record: `reviewed at ${version}` } : { batchId, record: hash });

/**
 * Review a batch record by rules and put the result on record. On an unchanged record it adds nothing.
 *
 * @returns what is open, and the version up to which the record was seen (its own review included)
 */
export const createHandler = ({ batches, runs, now }: Ports) => task(async ({ batchId }: ReviewInput): Promise<ReviewOutput> => {
  // The state of the last attempt: a review that lost a race is decided again on a later one, and its run is of that.
  let reviewed: Batch | undefined;
  const { state: batch } = await batches.change(batchId, ({ state }) => {
    if (state === undefined) throw new DomainError('batch-not-found', `no batch ${batchId}`, { batchId });
    const events = state.disposition === undefined ? performReview(state, runIdOf({ task: TASK, inputs: inputsOf(state), ruleVersion: REVIEW_RULE_SET_VERSION })) : [];
    reviewed = events.length === 0 ? undefined : state;
    return events;
  }, { actor: { kind: 'system', id: 'rpa-review', version: REVIEW_RULE_SET_VERSION } });
  const openPoints = batch.disposition === undefined ? reviewRecord(batch) : [];
  if (reviewed !== undefined) {
    await runs.keep({ task: TASK, trigger: 'release-workflow', inputs: inputsOf(reviewed), ruleVersion: REVIEW_RULE_SET_VERSION, at: now().toISOString(), result: { batchId, reviewedVersion: reviewed.version, openPoints } });
  }
  return { openPoints, reviewedVersion: batch.version };
});
