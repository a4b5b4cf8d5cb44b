import { DomainError } from '../../../shared/errors.ts';
import type { Recorded, Signature } from '../../../shared/record/envelope.ts';
import { requireMeaning } from '../../../shared/record/signature.ts';
import { isAskedOnce, type Plan } from '../plan.ts';
import type { Cohorts } from '../secure/cohorts.ts';
import { EMPTY_LEDGER, withAnswer, withSum, type Ledger } from '../secure/ledger.ts';
import { BEFORE_ROUNDS, type AttemptName, type Step } from './mailbox.ts';

type Is<Type extends string, Members> = Readonly<{ type: Type; runId: string } & Members>;
/** Each says what came in and what goes out, by SHA-256, and is on record before that leaves the hospital. Values, sums and row keys are in none. */
export type ParticipationEvent =
  /** Everything people decide on: what for, over what, with whom, and until when. */
  | Is<'training-invited', { title: string; purpose: string; plan: Plan; planHash: string; invited: readonly string[]; joinUntilEpochMs: number; joinsAtEpochMs: number; /** This hospital joins with a signed yes alone. */ needsConsent?: true; receivedSha256: string }>
  /** Somebody here said yes to this plan. */
  | Is<'training-consented', { planHash: string; signature: Signature }>
  | Is<'training-joined', { rows: number; cohortDigest: string; cohortSha256: string; /** Of a run of drift: whose answers were counted. */ driftOfSha256?: string; /** Of the invited, whom people here did not confirm. */ unconfirmed: readonly string[]; receivedSha256: string; sentSha256: string }>
  | Is<'training-answered', AttemptName & { /** Over whom, and by hash over which of their rows. */ cohorts: Cohorts; question: string; wordsSha256: string; receivedSha256: string; sentSha256: string }>
  | Is<'training-confirmed', AttemptName & { receivedSha256: string; sentSha256: string }>
  | Is<'training-revealed', AttemptName & { receivedSha256: string; sentSha256: string }>
  | Is<'training-refused', AttemptName & { code: string; receivedSha256: string; sentSha256: string }>
  | Is<'training-declined', { reason: string; signature: Signature; sentSha256: string }>
  | Is<'training-ended', { outcome: 'finished' | 'aborted'; receivedSha256: string; modelSha256?: string; code?: string }>
  /** Nothing was heard of it for too long by this hospital's own clock: it takes no further part. */
  | Is<'training-abandoned', { lastAt: string }>
  /** Its secret and its messages are gone; what was sent is named above by its hash, and the rows stay. */
  | Is<'training-cleared', object>;

/** The attempt answered last: what a site needs to confirm and reveal. */
export type OpenAttempt = AttemptName & Readonly<{ askSha256: string; wordsSha256: string; completeSha256?: string; isRevealed: boolean }>;
export type RunHere = Readonly<{
  runId: string; title: string; status: 'invited' | 'joined' | 'refused' | 'declined' | 'finished' | 'aborted' | 'abandoned';
  /** When something of it was last on record here, by this hospital's clock. */
  lastAtEpochMs: number;
  purpose?: string; method?: Plan['method']; label?: string; featureCount?: number; microEpsilon?: number; invited?: readonly string[];
  planHash?: string; needsConsent?: true; isConsented?: true; joinUntilEpochMs?: number; joinsAtEpochMs?: number; rows?: number; cohortDigest?: string; cohortSha256?: string; driftOfSha256?: string; invitationSha256?: string; open?: OpenAttempt;
  /** The message that was sent last. */
  last?: AttemptName & Readonly<{ step: Step; sha256: string }>;
  /** The ask it refused last, which is not looked at again. */
  refusedSha256?: string; code?: string; modelSha256?: string;
  /** Nothing but its rows is left of it here. */
  isCleared?: boolean;
}>;
/** Everything a hospital ever did in trainings: its ledger and its runs. */
export type Participation = Readonly<{ ledger: Ledger; runs: Readonly<Record<string, RunHere>> }>;

export const NO_PARTICIPATION: Participation = { ledger: EMPTY_LEDGER, runs: {} };

const ledgerAfter = (ledger: Ledger, event: ParticipationEvent, run: RunHere | undefined): Ledger => {
  if (event.type === 'training-answered') return withAnswer(ledger, { ...event, driftOf: run?.driftOfSha256 }, event.question);
  return event.type === 'training-confirmed' && run?.open !== undefined ? withSum(ledger, event.runId) : ledger;
};

const sent = ({ round, attempt }: AttemptName, step: Step, sha256: string) => ({ last: { round, attempt, step, sha256 } });

const ended = (run: RunHere, { outcome, modelSha256, code }: Extract<ParticipationEvent, { type: 'training-ended' }>): RunHere =>
  ({ ...run, status: outcome, ...(modelSha256 !== undefined && { modelSha256 }), ...(code !== undefined && { code }) });

const invitedTo = (run: RunHere, { title, purpose, plan, planHash, invited, joinUntilEpochMs, joinsAtEpochMs, needsConsent, receivedSha256 }: Extract<ParticipationEvent, { type: 'training-invited' }>): RunHere => ({
  ...run, title, purpose, status: 'invited', method: plan.method, label: plan.label, featureCount: plan.features.length, ...(plan.private !== undefined && { microEpsilon: plan.private.microEpsilon }), invited, planHash, joinUntilEpochMs, joinsAtEpochMs,
  ...(needsConsent === true && { needsConsent }), invitationSha256: receivedSha256,
});

const runAfter = (run: RunHere, event: ParticipationEvent): RunHere => {
  switch (event.type) {
    case 'training-invited': return invitedTo(run, event);
    case 'training-consented': return { ...run, isConsented: true };
    case 'training-joined': {
      const { rows, cohortDigest, cohortSha256, driftOfSha256 } = event;
      return { ...run, status: 'joined', rows, cohortDigest, cohortSha256, ...(driftOfSha256 !== undefined && { driftOfSha256 }), ...sent(BEFORE_ROUNDS, 'join', event.sentSha256) };
    }
    case 'training-answered': {
      const { round, attempt, receivedSha256, wordsSha256 } = event;
      return { ...run, open: { round, attempt, askSha256: receivedSha256, wordsSha256, isRevealed: false }, ...sent(event, 'answer', event.sentSha256) };
    }
    case 'training-confirmed': return { ...run, ...(run.open !== undefined && { open: { ...run.open, completeSha256: event.receivedSha256 } }), ...sent(event, 'confirm', event.sentSha256) };
    case 'training-revealed': return { ...run, ...(run.open !== undefined && { open: { ...run.open, isRevealed: true } }), ...sent(event, 'reveal', event.sentSha256) };
    case 'training-refused': return { ...run, status: event.attempt === 0 ? 'refused' : run.status, code: event.code, refusedSha256: event.receivedSha256, ...sent(event, 'refuse', event.sentSha256) };
    case 'training-declined': return { ...run, status: 'declined', ...sent(BEFORE_ROUNDS, 'decline', event.sentSha256) };
    case 'training-abandoned': return { ...run, status: 'abandoned' };
    case 'training-cleared': return { ...run, isCleared: true };
    case 'training-ended': return ended(run, event);
    default: return event satisfies never;
  }
};

export const evolveParticipation = (held: Participation | undefined, { event, recordedAt }: Recorded<ParticipationEvent>): Participation => {
  const { ledger, runs } = held ?? NO_PARTICIPATION;
  const run = runs[event.runId];
  return { ledger: ledgerAfter(ledger, event, run), runs: { ...runs, [event.runId]: { ...runAfter(run ?? { runId: event.runId, title: event.runId, status: 'invited', lastAtEpochMs: 0 }, event), lastAtEpochMs: Date.parse(recordedAt) } } };
};

/**
 * Whether this hospital's rows are in what came of a run, by its own record: it confirmed a sum, or was asked the next round after one it answered, and from then on the set was fixed. Of a run that makes one sum it may have vanished
 * after its answer, and the others made up for it: there the answer will do. Who joined and was left out before a sum has neither.
 */
export const isInSums = ({ ledger, runs }: Participation, runId: string): boolean => {
  const { method, open } = runs[runId] ?? {};
  return ledger.runs[runId]?.sites !== undefined || (open !== undefined && method !== undefined && isAskedOnce(method));
};

/** Runs that are over here and still have their secret. */
export const toClear = (held: Participation | undefined): readonly RunHere[] => Object.values(held?.runs ?? {}).filter(({ status, isCleared }) => isCleared !== true && status !== 'invited' && status !== 'joined');

/** Longer than any run is silent: joining is open for 14 days at most, and an answer waited for a day. */
const ABANDONED_AFTER_MS = 30 * 86_400_000;

/**
 * Runs this hospital is part of and has heard nothing of for so long that it never will: its end fell off the board, or the control site is gone. Judged by this hospital's own record and clock alone, for
 * who keeps a run on the board for ever must not keep its secret in being.
 */
export const toAbandon = (held: Participation | undefined, nowEpochMs: number): readonly RunHere[] =>
  Object.values(held?.runs ?? {}).filter(({ status, lastAtEpochMs }) => (status === 'invited' || status === 'joined') && nowEpochMs - lastAtEpochMs >= ABANDONED_AFTER_MS);

/** The run in which answers of a model were counted here last. */
export const lastDriftOf = (held: Participation | undefined, artefactSha256: string): RunHere | undefined => Object.values(held?.runs ?? {}).findLast(({ driftOfSha256 }) => driftOfSha256 === artefactSha256);

/**
 * Take no part, or no further part. What was sent stays sent; nothing more leaves.
 *
 * @throws DomainError `training-not-found`, `training-round-stale` for a run that ended or was declined, `signature-meaning-wrong` (want responsibility)
 */
export const declineTraining = (held: Participation | undefined, runId: string, { reason, signature, sentSha256 }: Readonly<{ reason: string; signature: Signature; sentSha256: string }>): readonly ParticipationEvent[] => {
  const run = held?.runs[runId];
  if (run === undefined) throw new DomainError('training-not-found', `no training ${runId} that this hospital was asked to take part in`, { runId });
  if (run.status !== 'joined' && run.status !== 'invited') throw new DomainError('training-round-stale', `run ${runId}: got a decline, but it is ${run.status} here already`, { runId });
  requireMeaning(signature, 'responsibility');
  return [{ type: 'training-declined', runId, reason, signature, sentSha256 }];
};
