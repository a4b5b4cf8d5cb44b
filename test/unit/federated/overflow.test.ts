import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cohort } from '../../../models/federated/cohort.ts';
import { DomainError } from '../../../shared/errors.ts';
import { driftPlan, LIMITS, METHODS, monitoringPlan, privatePlan, type Plan } from '../../../models/federated/plan.ts';
import { advance, beginRun, rowBoundOf, type Question } from '../../../models/federated/run.ts';
import { formatFor } from '../../../models/federated/words.ts';
import { requireSummable } from '../../../models/federated/workflow/overflow.ts';
import { startTraining } from '../../../models/federated/workflow/start.ts';
import { codeOf } from '../../support/error-code.ts';
import { planOf, rowsOf, type Table } from '../../support/federated.ts';

const table: Table = {
  keys: Array.from({ length: 40 }, (_, i) => `b${i}`), labels: Array.from({ length: 40 }, (_, i) => ((i * 7) % 10 > 4 ? 1 : 0)),
  values: Array.from({ length: 40 }, (_, i) => [i % 7 - 3, (i * 13) % 11 / 10, i % 4 === 0 ? NaN : (i * i) % 17]),
};
const VARIABLES = ['a', 'b', 'c'].map((name) => ({ name, low: -4, high: 20 }));
const COMMON = { label: 'failed', rowLimit: 1000 };
/** A plan of each method. */
const PLANS: readonly Plan[] = [
  planOf(), planOf({ method: 'boosting', treeCount: 2 }), monitoringPlan({ ...COMMON, variables: VARIABLES, components: 2 }),
  privatePlan({ ...COMMON, variables: VARIABLES, seed: 1, treeCount: 4, depth: 2, microEpsilon: 1_000_000, curious: 1 }),
  driftPlan({ ...COMMON, inputs: ['a'], terms: { modelId: 'm', version: 1, artefactSha256: 'a'.repeat(64), fromEpochMs: 0, toEpochMs: 1 } }),
];
/** Every question of a run; of one that asks once it is the first. */
const questionsOf = (plan: Plan): readonly Question[] => {
  const first = beginRun(plan);
  if (plan.method !== 'forest' && plan.method !== 'boosting') return first.question === undefined ? [] : [first.question];
  const cohort = new Cohort(plan, rowsOf(table));
  const questions: Question[] = [];
  for (let run = first; run.question !== undefined; run = advance(run, Float64Array.from(cohort.answer(run.question)))) questions.push(run.question);
  return questions;
};
const RUNS = PLANS.map((plan) => ({ plan, questions: questionsOf(plan) }));
const refusal = (run: () => unknown): DomainError | undefined => {
  try {
    run();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  return undefined;
};

describe('a plan whose sums could overflow', () => {
  it('is refused when it is planned, just where some round of its run would be, whatever the method', () => {
    expect(new Set(PLANS.map(({ method }) => method))).toEqual(new Set(METHODS));
    const seen = { refused: 0, taken: 0 };
    fc.assert(fc.property(fc.constantFrom(...RUNS), fc.integer({ min: 3, max: 2 ** 20 }), fc.oneof(fc.integer({ min: 1, max: LIMITS.rows }), fc.integer({ min: -2, max: 2 })), ({ plan: own, questions }, sites, drawn) => {
      // Any, and those at which a sum is just about too large.
      const least = Math.max(...questions.map((question) => rowBoundOf(own, question).bound));
      const rowLimit = drawn > 2 ? drawn : Math.max(1, Math.floor(2 ** 53 / least / sites) + drawn);
      const plan = { ...own, rowLimit };
      const isTooMuch = questions.some((question) => codeOf(() => formatFor(rowBoundOf(plan, question), sites * rowLimit)) === 'training-sum-overflow');
      seen[isTooMuch ? 'refused' : 'taken'] += 1;
      const refused = refusal(() => { requireSummable(plan, sites); });
      expect(refused?.code).toBe(isTooMuch ? 'training-sum-overflow' : undefined);
      if (refused === undefined) return;
      // What it says to be possible is, and not a row more.
      const most = Number(refused.facts['most']);
      expect(refused.facts).toMatchObject({ field: 'rowLimit', rowLimit, sites });
      expect([most, most + 1].map((limit) => codeOf(() => { requireSummable({ ...plan, rowLimit: limit }, sites); }))).toEqual([undefined, 'training-sum-overflow']);
    }), { numRuns: 1000 });
    expect(Math.min(seen.refused, seen.taken)).toBeGreaterThan(100);
  });
  it.each([['forest', 357], ['boosting', 357], ['monitoring', 134], ['private', 1_000_000], ['drift', 1_000_000]] as const)('of %s and a million rows each is one of so many hospitals', (method, most) => {
    const plan = PLANS.find((each) => each.method === method)!;
    expect(codeOf(() => { requireSummable({ ...plan, rowLimit: LIMITS.rows }, most); })).toBeUndefined();
    if (most < 1_000_000) expect(codeOf(() => { requireSummable({ ...plan, rowLimit: LIMITS.rows }, most + 1); })).toBe('training-sum-overflow');
  });
  it('is not on record', () => {
    const hospitals = Array.from({ length: 400 }, (_, i) => `site-${i}`);
    const input = { runId: 'TRN-1', title: 't', purpose: 'p', plan: { ...planOf({ method: 'forest', splits: 'foreseen' }), features: ['a', 'b', 'c'], rowLimit: LIMITS.rows }, joinUntilEpochMs: 1, answerWithinMs: 1 };
    expect(codeOf(() => startTraining(undefined, { ...input, invited: hospitals }, hospitals))).toBe('training-sum-overflow');
    expect(startTraining(undefined, { ...input, invited: hospitals.slice(0, 357) }, hospitals)).toHaveLength(1);
  });
});
