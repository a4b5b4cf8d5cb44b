import { DomainError } from '../../../shared/errors.ts';
import type { Signature } from '../../../shared/record/envelope.ts';
import { requireMeaning } from '../../../shared/record/signature.ts';
import type { Participation, ParticipationEvent, RunHere } from './participation.ts';

/** What a hospital's own rule wants before it joins: time for its people to decline, or a signed yes. */
export const CONSENTS = ['after-thinking-time', 'signed'] as const;
export type Consent = (typeof CONSENTS)[number];

/** Time people of a hospital have to think, unless its own rule says another. */
export const THINKING_MS = 3_600_000;

/** When a hospital joins by itself: after the time its people have to think, whatever the coordinator would rather have. May lie after the end of joining; then it does not join. */
export const joinsAt = (nowEpochMs: number, thinkingMs: number): number => nowEpochMs + thinkingMs;

/** The last looks before joining ends: whoever did not confirm its partners, or say yes, by then has refused. */
const LAST_LOOKS_MS = 120_000;
export const isLastCall = (nowEpochMs: number, joinUntilEpochMs: number): boolean => nowEpochMs > joinUntilEpochMs - LAST_LOOKS_MS;

/**
 * Whether a hospital that was invited joins now, by the rule that was its own when it was invited.
 *
 * @param joinUntilEpochMs end of joining, by the invitation
 * @returns `waits` while people may still decide; after the end of joining for good, for the run's end is told
 * @throws DomainError `training-time-too-short` where joining ends before people had their time, `training-not-consented` where a signed yes is wanted and joining ends without
 */
export const joiningOf = ({ runId, joinsAtEpochMs = 0, needsConsent, isConsented }: Pick<RunHere, 'runId' | 'joinsAtEpochMs' | 'needsConsent' | 'isConsented'>, joinUntilEpochMs: number, nowEpochMs: number): 'joins' | 'waits' => {
  if (nowEpochMs > joinUntilEpochMs) return 'waits';
  if (needsConsent === true) {
    if (isConsented === true) return 'joins';
    if (isLastCall(nowEpochMs, joinUntilEpochMs)) throw new DomainError('training-not-consented', `run ${runId}: got no signed yes of this hospital, want one before joining ends: it joins only with that`, { runId });
    return 'waits';
  }
  if (joinsAtEpochMs > joinUntilEpochMs) throw new DomainError('training-time-too-short', `joining: got an end at ${joinUntilEpochMs}, want none before ${joinsAtEpochMs}: people of this hospital have that time to think`);
  return nowEpochMs < joinsAtEpochMs ? 'waits' : 'joins';
};

/**
 * Say yes to a training, where the hospital joins with nothing less. It joins at its next look; until a sum was made it can still decline.
 *
 * @throws DomainError `training-not-found`, `training-round-stale` for a run that is not waiting for a yes, `signature-meaning-wrong` (want approval)
 */
export const consentToTraining = (held: Participation | undefined, runId: string, signature: Signature): readonly ParticipationEvent[] => {
  const run = held?.runs[runId];
  if (run === undefined) throw new DomainError('training-not-found', `no training ${runId} that this hospital was asked to take part in`, { runId });
  if (run.status !== 'invited' || run.needsConsent !== true || run.isConsented === true) {
    throw new DomainError('training-round-stale', `run ${runId}: got a yes, but it waits for none: it is ${run.status} here${run.isConsented === true ? ', with a yes on record' : run.needsConsent === true ? '' : ', and joins by itself'}`, { runId });
  }
  requireMeaning(signature, 'approval');
  return [{ type: 'training-consented', runId, planHash: run.planHash ?? '', signature }];
};
