import { DomainError } from '../../../shared/errors.ts';
import type { Recorded } from '../../../shared/record/envelope.ts';
import type { Plan } from '../plan.ts';
import type { AttemptName, Step } from './mailbox.ts';

type Is<Type extends string, Members> = Readonly<{ type: Type } & Members>;
type Message = AttemptName & Readonly<{ from: string; step: Step; sha256: string }>;
export type TrainingEvent =
  | Is<'training-started', { runId: string; title: string; purpose: string; plan: Plan; planHash: string; invited: readonly string[]; joinUntilEpochMs: number; answerWithinMs: number }>
  | Is<'training-message-taken', Message & { /** With a join: with whom of the invited this hospital will not sum. */ unconfirmed?: readonly string[] }>
  | Is<'training-message-refused', Message & { code: string }>
  | Is<'training-site-left', { siteId: string; code: string }>
  | Is<'training-asked', AttemptName & { members: readonly string[]; sentSha256: string; closesAtEpochMs: number }>
  | Is<'training-completed', AttemptName & { sentSha256: string; closesAtEpochMs: number }>
  | Is<'training-reveal-asked', AttemptName & { sentSha256: Readonly<Record<string, string>>; closesAtEpochMs: number }>
  | Is<'training-attempt-given-up', AttemptName & { code: string; siteIds: readonly string[] }>
  | Is<'training-summed', AttemptName & { sumSha256: string; stateSha256: string }>
  | Is<'training-finished', { modelSha256: string; rows: number; rounds: number; stateSha256?: string }>
  | Is<'training-aborted', { code: string; reason: string }>
  /** Its messages are gone from the mailbox; each is named above by its hash. */
  | Is<'training-cleared', { objects: number }>;

export type Attempt = AttemptName & Readonly<{
  members: readonly string[]; askSha256: string; closesAtEpochMs: number; completeSha256?: string; revealAskSha256?: Readonly<Record<string, string>>;
  taken: Readonly<Partial<Record<Step, Readonly<Record<string, string>>>>>; refused: Readonly<Record<string, string>>;
  /** What came after it was over, as step and sender. */
  late?: readonly string[];
}>;
export type Training = Readonly<{
  runId: string; title: string; purpose: string; plan: Plan; planHash: string; invited: readonly string[]; startedAtEpochMs: number; joinUntilEpochMs: number; answerWithinMs: number;
  status: 'joining' | 'running' | 'finished' | 'aborted';
  /** SHA-256 of the certificate of each hospital that joined and did not leave. */
  joined: Readonly<Record<string, string>>;
  /** With whom each that joined will not sum, because its people did not confirm them. */
  unconfirmed: Readonly<Record<string, readonly string[]>>;
  /** Who does not take part, and why. */
  left: Readonly<Record<string, string>>;
  /** Whose join came after joining ended, or was refused. */
  lateJoins?: readonly string[];
  /** Hospitals of the run from the first sum that was told to them: from then on the set never changes. */
  fixed?: readonly string[];
  round: number; attempts: number; attempt?: Attempt; stateSha256?: string;
  /** Attempts that are over and lack messages: what comes of them later is refused by name. */
  past: readonly Attempt[];
  modelSha256?: string; rows?: number; code?: string; reason?: string;
  endedAtEpochMs?: number; isCleared?: boolean;
}>;

export const ATTEMPTS_AT_MOST = 3;
/** A hospital looks each minute. */
const CLEARED_AFTER_MS = 3_600_000;
export const CODE_DECLINED = 'training-declined';

/**
 * Hospitals to go on without, so that those that are left all confirmed each other: one after another that which stands in most pairs where one did not confirm the other, so that a hospital nobody knows goes before
 * those that do not know it; of equals the last by name.
 */
export const notAgreeing = ({ joined, unconfirmed }: Pick<Training, 'joined' | 'unconfirmed'>): readonly string[] => {
  const isApart = (one: string, other: string): boolean => unconfirmed[one]?.includes(other) === true || unconfirmed[other]?.includes(one) === true;
  const gone: string[] = [];
  for (let left = Object.keys(joined).sort(); left.length > 0; left = left.filter((siteId) => siteId !== gone.at(-1))) {
    const counts = left.map((siteId) => left.filter((other) => isApart(siteId, other)).length);
    const most = Math.max(...counts);
    if (most === 0) break;
    gone.push(left[counts.lastIndexOf(most)] ?? '');
  }
  return gone;
};

const OPEN: readonly Training['status'][] = ['joining', 'running'];
export const isOpen = ({ status }: Pick<Training, 'status'>): boolean => OPEN.includes(status);

/** Hospitals whose rows are in what came of a run, sorted; undefined while nothing has. */
export const sitesInSums = ({ status, fixed }: Pick<Training, 'status' | 'fixed'>): readonly string[] | undefined => (status === 'finished' ? fixed?.toSorted() : undefined);

/** @throws DomainError `training-not-found`, `training-round-stale` when it ended before */
export const abortTraining = (held: Training | undefined, runId: string, reason: string): readonly TrainingEvent[] => {
  if (held === undefined) throw new DomainError('training-not-found', `no training ${runId}`, { runId });
  if (!isOpen(held)) throw new DomainError('training-round-stale', `run ${runId} is ${held.status} already`, { runId });
  return [{ type: 'training-aborted', code: 'training-stopped', reason }];
};

/** Over for long enough that no hospital still reads its questions, and not cleared. */
export const mayBeCleared = ({ endedAtEpochMs, isCleared }: Pick<Training, 'endedAtEpochMs' | 'isCleared'>, nowEpochMs: number): boolean => isCleared !== true && endedAtEpochMs !== undefined && nowEpochMs >= endedAtEpochMs + CLEARED_AFTER_MS;

const without = (names: Readonly<Record<string, string>>, name: string): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(names).filter(([each]) => each !== name));

const withLate = (attempt: Attempt, { from, step }: Message): Attempt => ({ ...attempt, late: [...attempt.late ?? [], `${step} ${from}`] });

type Came = Message & Readonly<{ code?: string; unconfirmed?: readonly string[] }>;

const withJoin = (held: Training, { from, sha256, code, unconfirmed = [] }: Came): Training => (code === undefined
  ? { ...held, joined: { ...held.joined, [from]: sha256 }, unconfirmed: { ...held.unconfirmed, [from]: unconfirmed } } : { ...held, lateJoins: [...held.lateJoins ?? [], from] });

const withMessage = (held: Training, event: Came): Training => {
  if (event.attempt === 0) return event.step === 'join' ? withJoin(held, event) : held;
  const { attempt } = held;
  if (attempt?.round !== event.round || attempt.attempt !== event.attempt) return { ...held, past: held.past.map((each) => (each.round === event.round && each.attempt === event.attempt ? withLate(each, event) : each)) };
  if (event.code !== undefined) return { ...held, attempt: { ...attempt, refused: { ...attempt.refused, [event.from]: event.code } } };
  return { ...held, attempt: { ...attempt, taken: { ...attempt.taken, [event.step]: { ...attempt.taken[event.step], [event.from]: event.sha256 } } } };
};

const STEPS = ['answer', 'confirm', 'reveal'] as const;

/** Members of an attempt whose message of a step did not come while it was open, nor after. */
export const lackingIn = ({ members, taken, refused, late = [] }: Attempt): readonly Readonly<{ from: string; step: (typeof STEPS)[number] }>[] =>
  members.flatMap((from) => STEPS.flatMap((step) => (taken[step]?.[from] !== undefined || refused[from] !== undefined || late.includes(`${step} ${from}`) ? [] : [{ from, step }])));

const closed = (held: Training): Training => {
  const { attempt, ...rest } = held;
  return { ...rest, past: [...rest.past, ...(attempt === undefined ? [] : [attempt])].filter((each) => lackingIn(each).length > 0) };
};

const withAttempt = (held: Training, change: Partial<Attempt>): Training => (held.attempt === undefined ? held : { ...held, attempt: { ...held.attempt, ...change } });

const begin = ({ type: _, ...started }: Extract<TrainingEvent, { type: 'training-started' }>, recordedAt: string): Training => ({ ...started, startedAtEpochMs: Date.parse(recordedAt), status: 'joining', joined: {}, unconfirmed: {}, left: {}, round: 0, attempts: 0, past: [] });

export const evolveTraining = (held: Training | undefined, { event, stream, recordedAt }: Recorded<TrainingEvent>): Training => {
  if (event.type === 'training-started') return begin(event, recordedAt);
  if (held === undefined) throw new DomainError('record-corrupt', `training ${stream.id} does not begin with its start`, { id: stream.id });
  switch (event.type) {
    case 'training-message-taken':
    case 'training-message-refused': return withMessage(held, event);
    case 'training-site-left': return { ...held, joined: without(held.joined, event.siteId), left: { ...held.left, [event.siteId]: event.code } };
    case 'training-asked': {
      const { round, attempt, members, sentSha256, closesAtEpochMs } = event;
      return { ...held, status: 'running', round, attempts: attempt, attempt: { round, attempt, members, askSha256: sentSha256, closesAtEpochMs, taken: {}, refused: {} } };
    }
    case 'training-completed': return { ...withAttempt(held, { completeSha256: event.sentSha256, closesAtEpochMs: event.closesAtEpochMs }), ...(held.attempt !== undefined && { fixed: held.attempt.members }) };
    case 'training-reveal-asked': return withAttempt(held, { revealAskSha256: event.sentSha256, closesAtEpochMs: event.closesAtEpochMs });
    case 'training-attempt-given-up': return closed(held);
    case 'training-summed': return { ...closed(held), round: event.round + 1, attempts: 0, stateSha256: event.stateSha256 };
    case 'training-finished': return { ...closed(held), status: 'finished', modelSha256: event.modelSha256, rows: event.rows, endedAtEpochMs: Date.parse(recordedAt) };
    case 'training-cleared': return { ...held, isCleared: true };
    case 'training-aborted': return { ...closed(held), status: 'aborted', code: event.code, reason: event.reason, endedAtEpochMs: Date.parse(recordedAt) };
    default: return event satisfies never;
  }
};
