import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cohort } from '../../../models/federated/cohort.ts';
import { plainSumming } from '../../../models/federated/federation.ts';
import { modelFileOf } from '../../../models/federated/model-text.ts';
import { noiseParts, privatePlan, requirePlan, roundLimit, type Plan } from '../../../models/federated/plan.ts';
import { bookRelease, evolveBudget, leftMicroEpsilon, proposeBudget, requireLeft, setBudget, spentMicroEpsilon, type Budget, type BudgetEvent } from '../../../models/federated/private/budget.ts';
import { countLeaves, privateForest, randomTree, withNoise, type PrivatePlan } from '../../../models/federated/private/forest.ts';
import { discreteLaplace, laplaceShare, SecretStream } from '../../../models/federated/private/noise.ts';
import type { Rows } from '../../../models/federated/rows.ts';
import { questionFrom } from '../../../models/federated/workflow/question.ts';
import { decodeMessage, encodeMessage } from '../../../models/federated/workflow/wire.ts';
import { decodeWords, encodeWords, formatFor } from '../../../models/federated/words.ts';
import { rowBoundOf } from '../../../models/federated/run.ts';
import { predict } from '../../../models/forest/evaluate.ts';
import { readModelFile } from '../../../models/forest/model-file.ts';
import { parseXgboostJson, writeXgboostJson } from '../../../models/forest/xgboost-json.ts';
import { aucOf } from '../../../models/twin/trial/discrimination.ts';
import { codeOf } from '../../support/error-code.ts';
import { maskedRun, NOW, planOf, rowsOf, sitesOver, type Table } from '../../support/federated.ts';
import { signatoryOf } from '../../support/training-budget.ts';

const plan = (change: Partial<PrivatePlan> = {}): PrivatePlan => ({ features: [{ name: 'a', low: 0, high: 10 }, { name: 'b', low: -1, high: 1 }], label: 'y', seed: 3, treeCount: 4, depth: 3, microEpsilon: 1_000_000, ...change });
const table: Table = {
  keys: Array.from({ length: 900 }, (_, i) => `k${i}`), values: Array.from({ length: 900 }, (_, i) => [(i * 7) % 11, i % 50 === 0 ? NaN : ((i * 13) % 21) / 10 - 1]),
  labels: Array.from({ length: 900 }, (_, i) => ((i * 7) % 11 > 5 ? 1 : 0)),
};
const rows = rowsOf(table, undefined, ['a', 'b']);
const key = (n: number): Uint8Array => Buffer.alloc(32, n);
const noisy = (own: PrivatePlan, held: Rows, secret: number, parts = 1): Float64Array => withNoise(own, countLeaves(own, held), { key: key(secret), parts });

/** χ² of draws against the discrete Laplace distribution, over −3 to 3: 7 degrees of freedom at most, P(χ² > 30) < 1e-4. */
const misfit = (draws: readonly number[], epsilon: number): number => {
  const share = Math.exp(-epsilon);
  return [-3, -2, -1, 0, 1, 2, 3].reduce((chi, z) => {
    const expected = draws.length * ((1 - share) / (1 + share)) * share ** Math.abs(z);
    return chi + (draws.filter((draw) => draw === z).length - expected) ** 2 / expected;
  }, 0);
};
const FIT = 30;

describe('noise', () => {
  it.each([[1, 1], [1, 2], [3, 2], [1, 10]])('follows the discrete Laplace distribution, ε = %i/%i', (numerator, denominator) => {
    const stream = new SecretStream(key(7));
    expect(misfit(Array.from({ length: 20_000 }, () => discreteLaplace(stream, { numerator, denominator })), numerator / denominator)).toBeLessThan(FIT);
  });
  it.each([[1, 1, 2], [1, 2, 3], [3, 2, 4], [1, 10, 9], [5, 2, 29]])('in shares adds up to the same distribution, ε = %i/%i from %i sites', (numerator, denominator, parts) => {
    const streams = Array.from({ length: parts }, (_, site) => new SecretStream(key(site + 1)));
    const draws = Array.from({ length: 10_000 }, () => streams.reduce((sum, stream) => sum + laplaceShare(stream, { numerator, denominator }, parts), 0));
    expect(misfit(draws, numerator / denominator)).toBeLessThan(FIT);
    // One share too few is another distribution, and the test sees it.
    const lacking = Array.from({ length: 10_000 }, () => streams.slice(1).reduce((sum, stream) => sum + laplaceShare(stream, { numerator, denominator }, parts), 0));
    if (parts < 5) expect(misfit(lacking, numerator / denominator)).toBeGreaterThan(FIT);
  });
  it.each([[1, 1, 2], [1, 2, 5]])('has shares of the Pólya difference, exactly: ε = %i/%i, %i sites', (numerator, denominator, parts) => {
    const [rho, shape] = [Math.exp(-numerator / denominator), 1 / parts];
    const polya: number[] = [(1 - rho) ** shape];
    for (let k = 0; k < 200; k += 1) polya.push(polya[k]! * rho * (k + shape) / (k + 1));
    const chance = (z: number): number => polya.reduce((sum, each, k) => sum + each * (polya[k + Math.abs(z)] ?? 0), 0);
    const stream = new SecretStream(key(9));
    const draws = Array.from({ length: 20_000 }, () => laplaceShare(stream, { numerator, denominator }, parts));
    const chi = [-2, -1, 0, 1, 2].reduce((sum, z) => sum + (draws.filter((draw) => draw === z).length - draws.length * chance(z)) ** 2 / (draws.length * chance(z)), 0);
    expect(chi).toBeLessThan(FIT);
  });
  it('differs between keys, and repeats for a key', () => {
    expect(noisy(plan(), rows, 1)).toEqual(noisy(plan(), rows, 1));
    expect(noisy(plan(), rows, 1)).not.toEqual(noisy(plan(), rows, 2));
  });
});

describe('private forest', () => {
  it('has splits that do not depend on any row', () => {
    const none = rowsOf(table, [], ['a', 'b']);
    const shape = (held: Rows) => privateForest(plan(), noisy(plan(), held, 1)).trees.map(({ condition, feature, left, defaultLeft }) => ({ feature, left, defaultLeft, splits: condition.filter((_, node) => left[node]! >= 0) }));
    expect(shape(rows)).toEqual(shape(none));
    expect(shape(rows)).toEqual([0, 1, 2, 3].map((tree) => randomTree(plan(), tree)).map(({ condition, feature, left, defaultLeft }) => ({ feature, left, defaultLeft, splits: condition.filter((_, node) => left[node]! >= 0) })));
  });
  it('lets one row change one count by one, before noise', () => {
    fc.assert(fc.property(fc.nat(899), (gone) => {
      const fewer = rowsOf(table, table.keys.flatMap((_, i) => (i === gone ? [] : [i])), ['a', 'b']);
      const [all, without] = [countLeaves(plan(), rows), countLeaves(plan(), fewer)];
      const difference = all.map((count, i) => count - without[i]!);
      expect(difference.filter((each) => each !== 0)).toEqual(Int32Array.of(1));
    }), { numRuns: 10 });
  });
  it('still tells labels apart at ε = 2 from three sites, and comes back whole from its file', () => {
    const own = plan({ treeCount: 10, microEpsilon: 2_000_000 });
    const sites = [0, 1, 2].map((site) => noisy(own, rowsOf(table, table.keys.flatMap((_, i) => (i % 3 === site ? [i] : [])), ['a', 'b']), site + 1, 2));
    const forest = parseXgboostJson(writeXgboostJson(privateForest(own, sites[0]!.map((count, i) => count + sites[1]![i]! + sites[2]![i]!))));
    const scores = table.values.map((row) => predict(forest, row));
    expect(scores.every((score) => score > 0 && score < 1)).toBe(true);
    expect(aucOf(scores, table.labels.map((label) => label === 1))).toBeGreaterThan(0.8);
  });
  it.each([[{ features: [] }], [{ features: [{ name: 'a', low: 1, high: 1 }] }], [{ treeCount: 0 }], [{ treeCount: 201 }], [{ depth: 9 }], [{ microEpsilon: 0 }], [{ microEpsilon: 9_999 }]])('refuses %j', (change) => {
    expect(codeOf(() => countLeaves(plan(change), rows))).toBe('training-plan-malformed');
  });
  it('refuses a sum of another length', () => { expect(codeOf(() => privateForest(plan(), [1]))).toBe('training-round-malformed'); });
});

const variables = [{ name: 'a', low: 0, high: 10 }, { name: 'b', low: -1, high: 1 }];
const PLAN = privatePlan({ variables, label: 'y', seed: 3, treeCount: 4, depth: 3, microEpsilon: 1_000_000, curious: 1, rowLimit: 1000 });
const thirds = [0, 1, 2].map((site) => rowsOf(table, table.keys.flatMap((_, i) => (i % 3 === site ? [i] : [])), ['a', 'b']));

describe('a private forest over sites', () => {
  it('takes one round under masks; the coordinator opens counts with noise, near the counts and not the counts', () => {
    const run = maskedRun(PLAN, thirds);
    expect([run.round, roundLimit(PLAN)]).toEqual([1, 1]);
    expect(run.rows).toBeGreaterThan(800);
    expect(run.rows).toBeLessThan(1000);
    const file = modelFileOf(run);
    expect(readModelFile(file).trees).toHaveLength(4);
    const exact = modelFileOf({ ...run, forest: privateForest(plan(), countLeaves(plan(), rows)) });
    expect(file).not.toBe(exact);
    expect(JSON.parse(file)).toMatchObject({ learner: { attributes: { privacy: JSON.stringify({ epsilon: 1, delta: 0, mechanism: 'discrete Laplace noise on counts of leaves whose splits see no row; each hospital adds its share before masking', curious: 1, rowChanges: 'one count of one tree, by one' }) } } });
  });
  it('gives the same sum after an attempt was given up: noise hangs on the members and not on the attempt', () => {
    const first = modelFileOf(maskedRun(PLAN, thirds));
    expect(modelFileOf(maskedRun(PLAN, thirds, (site, _, attempt, stage) => stage === 'answer' && attempt === 1 && site === 'site-1'))).toBe(first);
  });
  it('has other noise over other members, in another run and of another secret', () => {
    const answered = (siteCount: number, runId: string) => {
      const cohorts = Array.from({ length: siteCount }, (_, i) => thirds[i % 3]!);
      const { sites, certificates } = sitesOver(PLAN, cohorts, { runId });
      const ask = { runId, planHash: certificates[0]!.planHash, round: 0, attempt: 1, members: sites.map(({ siteId }) => siteId), certificates, closesAtEpochMs: NOW, question: { type: 'leaves' } as const };
      return sites[0]!.answer(ask, NOW).words;
    };
    expect(answered(3, 'run-1')).toEqual(answered(3, 'run-1'));
    expect(answered(4, 'run-1')).not.toEqual(answered(3, 'run-1'));
    expect(answered(3, 'run-2')).not.toEqual(answered(3, 'run-1'));
  });
  it('shares the noise among all members but the curious', () => {
    expect([3, 4, 30].map((members) => noiseParts(PLAN, members))).toEqual([2, 3, 29]);
    const cautious = { ...PLAN, private: { ...PLAN.private!, curious: 2 } };
    expect([3, 4, 30].map((members) => noiseParts(cautious, members))).toEqual([1, 2, 28]);
  });
  it('leaves no site unmasked without noise of its own', () => {
    const cohorts = thirds.map((held) => new Cohort(PLAN, held));
    expect(codeOf(() => plainSumming(PLAN, cohorts))).toBe('training-plan-malformed');
    expect(codeOf(() => plainSumming(PLAN, cohorts, [key(1)]))).toBe('training-plan-malformed');
    expect(codeOf(() => plainSumming(PLAN, cohorts, [1, 2, 3].map(key)))).toBeUndefined();
  });
  it('adds negative counts as they are, in 32 bits or 64, whatever the noise', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: -(2 ** 29), max: 2 ** 29 }), { minLength: 3, maxLength: 3 }), fc.constantFrom(1000, 1_000_000), (values, rowLimit) => {
      const format = formatFor(rowBoundOf({ ...PLAN, rowLimit }, { type: 'leaves' }), 3 * rowLimit);
      expect([...decodeWords(encodeWords(values, format), 3, format)]).toEqual(values);
    }));
  });
  it('answers no question of a tree, and a tree no question of it', () => {
    expect(codeOf(() => new Cohort(PLAN, rows).answer({ type: 'scale' }))).toBe('training-round-malformed');
    expect(codeOf(() => new Cohort(planOf(), rowsOf({ keys: ['k'], values: [[1, 2, 3]], labels: [0] })).answer({ type: 'leaves' }))).toBe('training-round-malformed');
    for (const [own, type] of [[PLAN, 'moments'], [planOf(), 'leaves']] as const) expect(codeOf(() => questionFrom(own, { head: { type }, arrays: {} }))).toBe('training-round-malformed');
    expect(questionFrom(PLAN, { head: { type: 'leaves' }, arrays: {} })).toEqual({ type: 'leaves' });
  });
  it.each<readonly [string, Partial<Plan>]>([
    ['no terms', { private: undefined as never }], ['a range too few', { private: { ...PLAN.private!, ranges: [{ low: 0, high: 1 }] } }], ['a range upside down', { private: { ...PLAN.private!, ranges: variables.map(() => ({ low: 1, high: 0 })) } }],
    ['nobody curious', { private: { ...PLAN.private!, curious: 0 } }], ['half a millionth', { private: { ...PLAN.private!, microEpsilon: 10_000.5 } }], ['too many trees', { treeCount: 201 }], ['terms beside a forest', { method: 'forest' }],
  ])('refuses a plan with %s', (_, own) => { expect(codeOf(() => { requirePlan({ ...PLAN, ...own }); })).toBe('training-plan-malformed'); });
  it('reaches a hospital as it was asked for', () => {
    const invitation = { runId: 'r', title: 't', purpose: 'p', plan: PLAN, invited: ['a'], joinUntilEpochMs: 1, answerWithinMs: 1 };
    expect(decodeMessage('invitation', encodeMessage('invitation', invitation))).toEqual(invitation);
  });
});

const TERMS = { label: 'failed', limitMicroEpsilon: 2_000_000, refusesExact: false, reason: 'two trainings' };
const after = (held: Budget | undefined, events: readonly BudgetEvent[]): Budget | undefined => events.reduce<Budget | undefined>((budget, event) => evolveBudget(budget, { event, version: 1, recordedAt: '2026-03-02T14:00:00Z', stream: { id: 'failed' } }), held);
const proposed = after(undefined, proposeBudget(TERMS, signatoryOf('rev-1', 'authorship')));
const budget = after(proposed, setBudget(proposed, 'failed', signatoryOf('rev-2', 'approval')))!;

describe('privacy budget', () => {
  it('is never overspent', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 900_000 }), { maxLength: 20 }), (losses) => {
      let own = budget;
      losses.forEach((microEpsilon, i) => {
        const fits = spentMicroEpsilon(own) + microEpsilon <= TERMS.limitMicroEpsilon;
        expect(codeOf(() => { own = after(own, bookRelease(own, 'failed', { runId: `run-${i}`, release: `r-${i}`, microEpsilon }))!; })).toBe(fits ? undefined : 'training-budget-spent');
        expect(spentMicroEpsilon(own)).toBeLessThanOrEqual(TERMS.limitMicroEpsilon);
        expect(leftMicroEpsilon(own)).toBe(TERMS.limitMicroEpsilon - spentMicroEpsilon(own));
      });
    }));
  });
  it('books a release once, and another of the same run again', () => {
    const release = { runId: 'run-1', release: 'a', microEpsilon: 1_500_000 };
    const booked = after(budget, bookRelease(budget, 'failed', release))!;
    expect(bookRelease(booked, 'failed', release)).toEqual([]);
    expect(codeOf(() => bookRelease(booked, 'failed', { ...release, release: 'b' }))).toBe('training-budget-spent');
  });
  it('is nothing before a second person signed, and after a lower one was signed no spending comes back', () => {
    expect([leftMicroEpsilon(undefined), leftMicroEpsilon(proposed)]).toEqual([0, 0]);
    expect(codeOf(() => { requireLeft(proposed, 'failed', 1); })).toBe('training-budget-spent');
    expect(codeOf(() => setBudget(proposed, 'failed', signatoryOf('rev-1', 'approval')))).toBe('signature-same-person');
    expect(codeOf(() => setBudget(proposed, 'failed', signatoryOf('sci-1', 'approval', ['process-scientist'])))).toBe('role-missing');
    expect(codeOf(() => setBudget(proposed, 'failed', signatoryOf('rev-2', 'authorship')))).toBe('signature-meaning-wrong');
    expect(codeOf(() => setBudget(budget, 'failed', signatoryOf('rev-2', 'approval')))).toBe('training-budget-missing');
    expect(codeOf(() => proposeBudget(TERMS, signatoryOf('op-1', 'authorship', ['operator'])))).toBe('role-missing');
    const spent = after(budget, bookRelease(budget, 'failed', { runId: 'r', release: 'a', microEpsilon: 1_500_000 }));
    const lower = after(spent, proposeBudget({ ...TERMS, limitMicroEpsilon: 1_000_000 }, signatoryOf('rev-1', 'authorship')));
    expect(leftMicroEpsilon(lower)).toBe(500_000);
    expect(leftMicroEpsilon(after(lower, setBudget(lower, 'failed', signatoryOf('rev-2', 'approval'))))).toBe(0);
  });
  it('does not begin with a spending', () => { expect(codeOf(() => after(undefined, [{ type: 'training-budget-booked', runId: 'r', release: 'a', microEpsilon: 1 }]))).toBe('record-corrupt'); });
});
