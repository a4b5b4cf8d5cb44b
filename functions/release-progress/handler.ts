import type { DynamoDBRecord } from 'aws-lambda';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Recorded } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { streamBatch } from '../_platform/batch.ts';
import type { OperationsStore } from '../_platform/ports.ts';
import { clearRelease, raiseRecall, settleRecall } from '../_platform/release-work.ts';
import { eventOf } from '../_platform/stream-event.ts';

/** The release workflow as this function needs it. Both calls may be repeated without harm. */
export type ReleaseWorkflow = Readonly<{
  /** Named by batch and version, so that a repeated stream record starts nothing twice. */
  start(batchId: string, completedVersion: number): Promise<void>;
  /** A token that was already answered, or whose execution is gone, is no error. */
  wake(token: string, output: Readonly<Record<string, unknown>>): Promise<void>;
}>;
export type WaitingRelease = Readonly<{ taskToken: string; waitingFor: 'open-points' | 'disposition' | 'attention'; reviewedVersion: number }>;
type Ports = Readonly<{
  workflow: ReleaseWorkflow;
  operations: Pick<OperationsStore, 'get' | 'put' | 'delete'>;
  /** Have what a released batch is due after its release done; may be repeated. */
  followStagedResults(batchId: string): Promise<unknown>;
  count(name: string, value: number): void;
}>;

/** Events after which a released batch may be due a supplement to its certificate, or a signature for it. */
const MAY_BE_LATE: readonly BatchEvent['type'][] = ['test-result-recorded', 'deviation-raised', 'deviation-closed', 'staged-results-certified', 'certificate-issued'];

/** What the workflow itself writes must not wake it, or it would review its own review for ever. */
const WRITTEN_BY_WORKFLOW: readonly BatchEvent['type'][] = ['review-performed', 'certificate-issued'];

const outcomeOf = (event: BatchEvent): Readonly<{ disposition: string }> =>
  ({ disposition: event.type === 'disposition-recorded' ? event.disposition : 'none' });

/** What is found of a batch after its release reaches people at once: work, and an alarm. */
const followRecall = async ({ operations, count }: Ports, { stream, recordedAt, event }: Recorded<BatchEvent>): Promise<void> => {
  if (event.type === 'deviation-raised' && event.afterRelease === true) {
    const { deviationId, title, detail } = event;
    await raiseRecall(operations, { batchId: stream.id, deviationId, title, detail, raisedAt: recordedAt });
    count('ReleasedBatchDeviations', 1);
  }
  if (event.type === 'deviation-closed') await settleRecall(operations, stream.id, event.deviationId);
};

/** A batch that is not released yet, as nearly all of these events find it, is let be. */
const followLate = async ({ operations, followStagedResults }: Ports, { stream, event }: Recorded<BatchEvent>): Promise<void> => {
  if (!MAY_BE_LATE.includes(event.type)) return;
  const summary = await operations.get<Readonly<{ disposition?: string }>>(keyOf.summary('batch', stream.id));
  if (summary?.disposition === 'release') await followStagedResults(stream.id);
};

const wake = async ({ workflow, operations }: Ports, { stream, version, event }: Recorded<BatchEvent>): Promise<void> => {
  if (WRITTEN_BY_WORKFLOW.includes(event.type)) return;
  const key = keyOf.releaseWait(stream.id);
  const waiting = await operations.get<WaitingRelease>(key);
  if (waiting === undefined || version <= waiting.reviewedVersion) return;
  await workflow.wake(waiting.taskToken, outcomeOf(event));
};

const followOne = async (ports: Ports, recorded: Recorded<BatchEvent>): Promise<void> => {
  const { stream, version, event } = recorded;
  if (event.type === 'batch-completed') {
    await ports.workflow.start(stream.id, version);
    return;
  }
  await wake(ports, recorded);
  await followRecall(ports, recorded);
  await followLate(ports, recorded);
  if (event.type === 'disposition-recorded' && event.disposition === 'reject') await clearRelease(ports.operations, stream.id);
};

/**
 * Follow the record: start the release workflow when a batch completes, wake it when a later event may have settled something, take a rejected batch off the
 * work lists, tell people what was found of a released one, and see to what its late
 * results are due.
 */
export const createHandler = (ports: Ports) => streamBatch(async (record: DynamoDBRecord) => {
  const recorded = eventOf<BatchEvent>(record, 'batch');
  if (recorded !== undefined) await followOne(ports, recorded);
});
