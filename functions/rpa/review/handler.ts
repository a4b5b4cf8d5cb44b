import { performReview } from '../../../shared/batch/commands/quality.ts';
import type { BatchEvent, OpenPoint } from '../../../shared/batch/events.ts';
import type { Batch } from '../../../shared/batch/state.ts';
import { DomainError } from '../../../shared/errors.ts';
import { listOpenPoints } from '../../../shared/release/open-points.ts';
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

/** A record that changes at each look is looked at so many times. */
const MAXIMUM_LOOKS = 8;

const requireState = (state: Batch | undefined, batchId: string): Batch => {
  if (state === undefined) throw new DomainError('batch-not-found', `no batch ${batchId}`, { batchId });
  return state;
};

const openPointsOf = (batch: Batch): readonly OpenPoint[] => listOpenPoints(batch.batchId, reviewRecord(batch));

const wantsReview = (batch: Batch, runId: string): boolean => batch.disposition === undefined && performReview(batch, runId).length > 0;

/**
 * Review a batch record by rules and put the result on record. On an unchanged record it adds nothing.
 *
 * The run is kept before the event that names it: what stops the function between the two leaves a run of which no event tells, never an event whose run nobody can read.
 *
 * @returns what is open, and the version up to which the record was seen (its own review included)
 */
export const createHandler = ({ batches, runs, now }: Ports) => task(async ({ batchId }: ReviewInput): Promise<ReviewOutput> => {
  for (let looks = 1; looks <= MAXIMUM_LOOKS; looks += 1) {
    const seen = requireState((await batches.load(batchId)).state, batchId);
    const inputs = inputsOf(seen);
    const runId = runIdOf({ task: TASK, inputs, ruleVersion: REVIEW_RULE_SET_VERSION });
    if (wantsReview(seen, runId)) {
      await runs.keep({ task: TASK, trigger: 'release-workflow', inputs, ruleVersion: REVIEW_RULE_SET_VERSION, at: now().toISOString(), result: { batchId, reviewedVersion: seen.version, openPoints: openPointsOf(seen) } });
    }
    const found = { isOther: false };
    const { state: batch } = await batches.change(batchId, ({ state }) => {
      const held = requireState(state, batchId);
      found.isOther = held.hash !== seen.hash && wantsReview(held, runId);
      return held.hash === seen.hash && wantsReview(held, runId) ? performReview(held, runId) : [];
    }, { actor: { kind: 'system', id: 'rpa-review', version: REVIEW_RULE_SET_VERSION } });
    if (!found.isOther) return { openPoints: batch.disposition === undefined ? openPointsOf(batch) : [], reviewedVersion: batch.version };
  }
  throw new DomainError('version-conflict', `batch ${batchId} changed at each of ${MAXIMUM_LOOKS} looks; review it again`, { batchId });
});
