import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { METHODS, type Method } from '../../../models/federated/plan.ts';
import { budgetSummary, evolveBudget, proposeBudget, requireExactAllowed, setBudget, type Budget, type BudgetEvent } from '../../../models/federated/private/budget.ts';
import { allowedTrainings, bookTraining, EXACT_TRAININGS, isCountedMethod, leftTrainings, requireTrainingLeft, withTrainings, type ExactTraining } from '../../../models/federated/private/exact-trainings.ts';
import { answeredTrees, answeredWith } from '../../../models/federated/workflow/answered-trees.ts';
import { NO_PARTICIPATION, type Participation } from '../../../models/federated/workflow/participation.ts';
import { codeOf } from '../../support/error-code.ts';
import { signatoryOf } from '../../support/training-budget.ts';

const LABEL = 'failed';
const training = (run: number, label = LABEL): ExactTraining => ({ runId: `run-${run}`, label });
const evolve = (held: Budget | undefined, event: BudgetEvent): Budget => evolveBudget(held, { event, version: 1, recordedAt: '2026-03-02T14:00:00Z', stream: { id: LABEL } });
const after = (held: Budget | undefined, events: readonly BudgetEvent[]): Budget | undefined => events.reduce<Budget | undefined>(evolve, held);
const proposal = (exactTrainings?: number): readonly BudgetEvent[] =>
  proposeBudget({ label: LABEL, limitMicroEpsilon: 1, refusesExact: false, reason: 'as agreed', ...(exactTrainings !== undefined && { exactTrainings }) }, signatoryOf('rev-1', 'authorship'));
const set = (held: Budget | undefined): readonly BudgetEvent[] => setBudget(held, LABEL, signatoryOf('rev-2', 'approval'));
const runsOf = (held: Budget | undefined): readonly string[] => (held?.trainings ?? []).map(({ runId }) => runId);

/** What befalls a hospital's budget: terms are proposed, set, and runs over the same rows answered, some again, some beside others that this record did not have. */
const step = fc.oneof(
  fc.record({ does: fc.constant('propose' as const), exactTrainings: fc.option(fc.integer({ min: 0, max: 14 }), { nil: undefined }) }),
  fc.record({ does: fc.constant('set' as const) }),
  fc.record({ does: fc.constant('answer' as const), run: fc.integer({ min: 0, max: 16 }), before: fc.array(fc.integer({ min: 0, max: 16 }), { maxLength: 3 }) }),
);

describe('exact trainings of a label', () => {
  it('are never more than were allowed when one was booked, each run once, whatever comes in between', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let [held, proposed, allowed] = [undefined as Budget | undefined, undefined as number | undefined, EXACT_TRAININGS];
      for (const each of steps) {
        const runs = runsOf(held);
        if (each.does === 'propose') [held, proposed] = [after(held, proposal(each.exactTrainings)), each.exactTrainings ?? EXACT_TRAININGS];
        else if (each.does === 'set') {
          expect(codeOf(() => { held = after(held, set(held)); })).toBe(proposed === undefined ? 'training-budget-missing' : undefined);
          [allowed, proposed] = [proposed ?? allowed, undefined];
        } else {
          const name = `run-${each.run}`;
          const known = new Set([...runs, ...each.before.map((run) => `run-${run}`)]);
          const isRefused = !known.has(name) && known.size >= allowed;
          let events: readonly BudgetEvent[] = [];
          expect(codeOf(() => { events = bookTraining(held, training(each.run), each.before.map((run) => training(run, 'late'))); })).toBe(isRefused ? 'training-limit-spent' : undefined);
          expect(events.length).toBe(isRefused || known.has(name) ? 0 : 1);
          held = after(held, events);
          if (events.length > 0) {
            expect(runsOf(held).slice(0, runs.length)).toEqual(runs);
            expect(new Set(runsOf(held))).toEqual(new Set([...known, name]));
            expect(runsOf(held).length).toBeLessThanOrEqual(allowed);
          }
        }
        expect(new Set(runsOf(held)).size).toBe(runsOf(held).length);
        expect(runsOf(held).slice(0, runs.length)).toEqual(runs);
        expect([allowedTrainings(held), leftTrainings(held)]).toEqual([allowed, Math.max(0, allowed - runsOf(held).length)]);
      }
    }));
  });
  it('are ten where nobody agreed on a number, and again where a later budget names none; a proposal changes nothing', () => {
    expect([allowedTrainings(undefined), allowedTrainings(after(undefined, proposal(50)))]).toEqual([10, 10]);
    const fifty = after(after(undefined, proposal(50)), set(after(undefined, proposal(50))));
    expect(allowedTrainings(fifty)).toBe(50);
    const proposed = after(fifty, proposal());
    expect([allowedTrainings(proposed), allowedTrainings(after(proposed, set(proposed)))]).toEqual([50, 10]);
  });
  it('stay spent when a lower number is signed, and go on by what is left when a higher one is', () => {
    const three = [1, 2, 3].reduce<Budget | undefined>((held, run) => after(held, bookTraining(held, training(run), [])), undefined);
    const to = (held: Budget | undefined, number: number): Budget | undefined => { const proposed = after(held, proposal(number)); return after(proposed, set(proposed)); };
    const lower = to(three, 2);
    expect([leftTrainings(lower), codeOf(() => bookTraining(lower, training(4), []))]).toEqual([0, 'training-limit-spent']);
    expect(bookTraining(lower, training(3), [])).toEqual([]);
    expect(leftTrainings(to(lower, 4))).toBe(1);
    expect(budgetSummary(to(lower, 4)!)).toMatchObject({ exactTrainings: 4, spentExactTrainings: 3, leftExactTrainings: 1 });
  });
  it('takes in what this hospital answered over the same rows under another label, or before there was a limit, with the first that is booked', () => {
    expect(bookTraining(undefined, training(3), [training(1), training(2, 'late'), training(1)])).toEqual([{ type: 'exact-trainings-booked', label: LABEL, trainings: [training(1), training(2, 'late'), training(3)] }]);
    const ten = Array.from({ length: EXACT_TRAININGS }, (_, run) => training(run, 'late'));
    expect(codeOf(() => { requireTrainingLeft(undefined, training(10), ten); })).toBe('training-limit-spent');
    expect(codeOf(() => { requireTrainingLeft(undefined, training(10), ten.slice(1)); })).toBeUndefined();
    // Under way when the limit came: it has answered, and goes on.
    expect(bookTraining(undefined, training(0), ten)).toEqual([]);
    expect(withTrainings([training(1)], [training(1), training(2), training(2)])).toEqual([training(1), training(2)]);
  });
  it('are those that grow trees from exact sums, by a method that a hospital answered and not one that it joined', () => {
    expect(METHODS.filter(isCountedMethod)).toEqual(['forest', 'boosting']);
    const run = (runId: string, method: Method, isAnswered: boolean, label = LABEL) => ({ runId, title: runId, status: 'aborted', lastAtEpochMs: 0, method, label, ...(isAnswered && { open: { round: 0, attempt: 1, askSha256: 'a', wordsSha256: 'b', isRevealed: false } }) }) as const;
    const held: Participation = { ...NO_PARTICIPATION, runs: Object.fromEntries([run('a', 'forest', true), run('b', 'forest', false), run('c', 'boosting', true, 'late'), ...(['monitoring', 'private', 'drift'] as const).map((method) => run(method, method, true))].map((each) => [each.runId, each])) };
    expect(answeredTrees(held).map(({ runId }) => runId)).toEqual(['a', 'c']);
    expect([answeredWith(held, 'late'), answeredWith(undefined, 'late')]).toEqual([[{ runId: 'c', label: 'late' }], []]);
  });
});

describe('a budget of before trainings were counted', () => {
  /** As it was stored. */
  const stored = { limitMicroEpsilon: 2_000_000, refusesExact: false, allowsCounted: true };
  const { signature } = signatoryOf('rev-1', 'authorship');
  const old = ([{ type: 'training-budget-proposed', label: LABEL, reason: 'as agreed', signature, ...stored }, { type: 'training-budget-set', signature, ...stored }] as readonly BudgetEvent[]).reduce<Budget | undefined>(evolve, undefined)!;
  it('is read, and that it allowed what counts at nodes means nothing', () => {
    expect(old.terms).toEqual({ limitMicroEpsilon: 2_000_000, refusesExact: false });
    expect(budgetSummary(old)).toEqual({ label: LABEL, limitMicroEpsilon: 2_000_000, refusesExact: false, spentMicroEpsilon: 0, leftMicroEpsilon: 2_000_000, releases: 0, exactTrainings: 10, spentExactTrainings: 0, leftExactTrainings: 10, isProposed: false });
    expect(codeOf(() => { requireExactAllowed(old, LABEL); })).toBeUndefined();
    expect(codeOf(() => { requireExactAllowed({ ...old, terms: { ...stored, refusesExact: true } }, LABEL); })).toBe('training-exact-refused');
  });
});
