import type { DynamoDBRecord } from 'aws-lambda';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Recorded } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { streamBatch } from '../_platform/batch.ts';
import type { OperationsStore } from '../_platform/ports.ts';
import { eventOf } from '../_platform/stream-event.ts';

/** The release workflow as this function needs it. Both calls may be repeated without harm. */
export type ReleaseWorkflow = Readonly<{
  /** Named by batch and version, so that a repeated stream record starts nothing twice. */
  start(batchId: string, completedVersion: number): Promise<void>;
  /** A token that was already answered, or whose execution is gone, is no error. */
  wake(token: string, output: Readonly<Record<string, unknown>>): Promise<void>;
}>;
export type WaitingRelease = Readonly<{ taskToken: string; waitingFor: 'open-points' | 'disposition' | 'attention'; reviewedVersion: number }>;
type Ports = Readonly<{ workflow: ReleaseWorkflow; operations: Pick<OperationsStore, 'get' | 'delete'> }>;

/** What the workflow itself writes must not wake it, or it would review its own review for ever. */
const WRITTEN_BY_WORKFLOW: readonly BatchEvent['type'][] = ['review-performed', 'certificate-issued'];

const outcomeOf = (event: BatchEvent): Readonly<{ disposition: string }> =>
  ({ disposition: event.type === 'disposition-recorded' ? event.disposition : 'none' });

const followOne = async ({ workflow, operations }: Ports, { stream, version, event }: Recorded<BatchEvent>): Promise<void> => {
  if (event.type === 'batch-completed') {
    await workflow.start(stream.id, version);
    return;
  }
  if (WRITTEN_BY_WORKFLOW.includes(event.type)) return;
  const key = keyOf.releaseWait(stream.id);
  const waiting = await operations.get<WaitingRelease>(key);
  if (waiting === undefined || version <= waiting.reviewedVersion) return;
  await workflow.wake(waiting.taskToken, outcomeOf(event));
};

/** Follow the record: start the release workflow when a batch completes, wake it when a later event may have settled something. */
export const createHandler = (ports: Ports) => streamBatch(async (record: DynamoDBRecord) => {
  const recorded = eventOf<BatchEvent>(record, 'batch');
  if (recorded !== undefined) await followOne(ports, recorded);
});
