import type { BatchEvent, OpenPoint } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { DomainError } from '../../shared/errors.ts';
import type { Role } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { task } from '../_platform/batch.ts';
import type { Clock, OperationsStore } from '../_platform/ports.ts';
import { clearRelease } from '../_platform/release-work.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';

export type WaitInput = Readonly<{
  batchId: string; taskToken: string; waitingFor: 'open-points' | 'disposition' | 'attention'; reviewedVersion: number; openPoints?: readonly OpenPoint[]; cause?: string;
}>;
type Ports = Readonly<{
  operations: Pick<OperationsStore, 'put' | 'delete'>;
  batches: Pick<StreamRecords<Batch, BatchEvent>, 'load'>;
  wake(taskToken: string, output: Readonly<Record<string, unknown>>): Promise<void>;
  now: Clock;
}>;

const ROLE_BY_WAIT = { 'open-points': 'quality-reviewer', disposition: 'qualified-person', attention: 'site-engineer' } as const satisfies Record<WaitInput['waitingFor'], Role>;
const TITLE_BY_WAIT = { 'open-points': 'Open points before release', disposition: 'Batch awaits certification', attention: 'Release workflow needs attention' } as const;

const detailOf = ({ openPoints = [], cause, waitingFor }: WaitInput): string => {
  if (waitingFor === 'open-points') return openPoints.map(({ rule, subject }) => `${rule}: ${subject}`).join('; ');
  return waitingFor === 'attention' ? (cause ?? 'unknown cause') : 'Every rule of the review is met';
};

/** The work-list entries of a batch's release; only one role has it at a time. */
const moveWork = async ({ operations, now }: Ports, input: WaitInput): Promise<void> => {
  const subject = `release/${input.batchId}`;
  const role = ROLE_BY_WAIT[input.waitingFor];
  for (const other of Object.values(ROLE_BY_WAIT).filter((each) => each !== role)) await operations.delete(keyOf.work(other, subject));
  await operations.put(keyOf.work(role, subject), { subject, kind: `release-${input.waitingFor}`, title: `${TITLE_BY_WAIT[input.waitingFor]}: ${input.batchId}`, detail: detailOf(input), raisedAt: now().toISOString() });
};

/** The workflow's own events come after the reviewed version and settle nothing. */
const movedOn = (batch: Batch, reviewedVersion: number): boolean => batch.version > Math.max(reviewedVersion, batch.review?.atVersion ?? 0);

/**
 * Keep the workflow's token until a person has acted. What happened between the review and this moment would wake nobody, so the record is looked at
 * again after the token is kept.
 */
export const createHandler = (ports: Ports) => task(async (input: WaitInput) => {
  const { batchId, taskToken, waitingFor, reviewedVersion } = input;
  await ports.operations.put(keyOf.releaseWait(batchId), { taskToken, waitingFor, reviewedVersion });
  await moveWork(ports, input);
  const { state: batch } = await ports.batches.load(batchId);
  if (batch === undefined) throw new DomainError('batch-not-found', `no batch ${batchId}`, { batchId });
  if (batch.disposition !== undefined) await ports.wake(taskToken, { disposition: batch.disposition.disposition });
  else if (movedOn(batch, reviewedVersion)) await ports.wake(taskToken, { disposition: 'none' });
  // A rejection that came before this wait: nobody else takes it off the lists.
  if (batch.disposition?.disposition === 'reject') await clearRelease(ports.operations, batchId);
  return {};
});
