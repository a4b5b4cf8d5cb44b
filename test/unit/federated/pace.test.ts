import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOverdue, pauseSeconds } from '../../../models/federated/workflow/pace.ts';
import type { Attempt, Training } from '../../../models/federated/workflow/coordination.ts';
import { ROUNDS_AT_MOST } from '../../../models/federated/workflow/admissible.ts';
import { planHash } from '../../../models/federated/plan.ts';
import { NOW, planOf } from '../../support/federated.ts';

const [MINUTE_MS, DAY_MS, GRACE_MS] = [60_000, 86_400_000, 60_000];
/** State entered, scheduled, started, succeeded and exited of the task; entered and exited of the choice and of the wait. */
const EVENTS_OF_A_LOOK = 9;
/** AWS Step Functions Developer Guide, "Service quotas": events in the history of one execution; an execution that has more fails, and nothing catches that. */
const EVENTS_AT_MOST = 25_000;
/** For the beginning, retries of calls that failed, and the end. */
const SPARE = 2_000;

const joining = (joinMs: number): Training => ({
  runId: 'TRN-1', title: 't', purpose: 'p', plan: planOf(), planHash: planHash(planOf()), invited: [], startedAtEpochMs: NOW, joinUntilEpochMs: NOW + joinMs, answerWithinMs: DAY_MS, status: 'joining', joined: {}, unconfirmed: {}, left: {}, round: 0, attempts: 0, past: [],
});
const asked = (atEpochMs: number, answerWithinMs: number): Training => {
  const attempt: Attempt = { round: 0, attempt: 1, members: [], askSha256: '', closesAtEpochMs: atEpochMs + answerWithinMs, taken: {}, refused: {} };
  return { ...joining(DAY_MS), status: 'running', answerWithinMs, attempt };
};
/** Looks at one step from its beginning until it has taken so long. */
const looksAt = (training: Training, lastsMs: number): Readonly<{ looks: number; tookMs: number }> => {
  const beganEpochMs = training.attempt === undefined ? training.startedAtEpochMs : training.attempt.closesAtEpochMs - training.answerWithinMs;
  let [looks, nowEpochMs] = [1, beganEpochMs];
  for (; nowEpochMs < beganEpochMs + lastsMs; looks += 1) nowEpochMs += pauseSeconds(training, GRACE_MS, nowEpochMs) * 1000;
  return { looks, tookMs: nowEpochMs - beganEpochMs };
};

describe('how often a run is looked at', () => {
  it('leaves room in the history of one execution for 14 days in which hospitals may join', () => {
    expect(looksAt(joining(14 * DAY_MS), 14 * DAY_MS + GRACE_MS).looks * EVENTS_OF_A_LOOK).toBeLessThan(EVENTS_AT_MOST - SPARE);
  });
  it('leaves room for a run of the most rounds, whose hospitals take five minutes for each step of each', () => {
    const joined = looksAt(joining(DAY_MS), DAY_MS).looks;
    const step = looksAt(asked(NOW, DAY_MS), 5 * MINUTE_MS).looks;
    expect((joined + 3 * ROUNDS_AT_MOST * step) * EVENTS_OF_A_LOOK).toBeLessThan(EVENTS_AT_MOST - SPARE);
  });
  it('sees what came within a quarter of the time it took, or a quarter of a minute, and never later than a quarter of an hour', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 14 * 86_400 }), (seconds) => {
      const { tookMs } = looksAt(asked(NOW, 30 * DAY_MS), seconds * 1000);
      expect(tookMs - seconds * 1000).toBeLessThanOrEqual(Math.min(900, Math.max(15, seconds / 4)) * 1000);
    }));
  });
  it('sees the end of a step at the moment after which nothing counts any more, or a look later', () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 20_160 }), fc.boolean(), (minutes, isJoining) => {
      const lastsMs = minutes * MINUTE_MS + GRACE_MS;
      const { tookMs } = looksAt(isJoining ? joining(minutes * MINUTE_MS) : asked(NOW, minutes * MINUTE_MS), lastsMs + 1);
      expect(tookMs - lastsMs).toBeLessThanOrEqual(15_000);
    }));
  });
  it('is in whole seconds that a state machine may wait, whatever the clocks say', () => {
    fc.assert(fc.property(fc.integer({ min: -DAY_MS, max: 30 * DAY_MS }), fc.integer({ min: 2 * MINUTE_MS, max: DAY_MS }), (sinceMs, answerWithinMs) => {
      expect(pauseSeconds(asked(NOW, answerWithinMs), GRACE_MS, NOW + sinceMs)).toSatisfy((pause: number) => Number.isInteger(pause) && pause >= 15 && pause <= 900);
    }));
  });
});

describe('a run that nothing moves on any more', () => {
  it('is overdue half an hour after the end of its step, and only while it is open', () => {
    const training = asked(NOW, DAY_MS);
    const at = (each: Training, sinceMs: number): boolean => isOverdue(each, NOW + sinceMs);
    expect([at(training, DAY_MS), at(training, DAY_MS + 30 * MINUTE_MS), at(training, DAY_MS + 30 * MINUTE_MS + 1)]).toEqual([false, false, true]);
    expect([at(joining(DAY_MS), DAY_MS), at(joining(DAY_MS), 2 * DAY_MS)]).toEqual([false, true]);
    for (const status of ['finished', 'aborted'] as const) expect(at({ ...training, status }, 9 * DAY_MS)).toBe(false);
  });
});
