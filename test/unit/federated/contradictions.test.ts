import { describe, expect, it } from 'vitest';
import { Cohort } from '../../../models/federated/cohort.ts';
import { requirePlan, privatePlan, type Plan } from '../../../models/federated/plan.ts';
import { advance, beginRun, type Question, type Run } from '../../../models/federated/run.ts';
import { requireAdmissible } from '../../../models/federated/workflow/admissible.ts';
import { questionFrom, questionParts } from '../../../models/federated/workflow/question.ts';
import { codeOf } from '../../support/error-code.ts';
import { planOf, rowsOf, type Table } from '../../support/federated.ts';

const table: Table = {
  keys: Array.from({ length: 120 }, (_, i) => `b${i}`), labels: Array.from({ length: 120 }, (_, i) => ((i * 7) % 10 > 4 ? 1 : 0)),
  values: Array.from({ length: 120 }, (_, i) => [i % 7, (i * 13) % 11, i % 4 === 0 ? NaN : (i * i) % 17]),
};
const plan = planOf({ featuresPerNode: 3 });

/** A run whose answers are changed on their way. */
const played = (own: Plan, change: (question: Question, sum: Float64Array) => void, rows = rowsOf(table)): Run => {
  const cohort = new Cohort(own, rows);
  let run = beginRun(own);
  while (run.question !== undefined) {
    const sum = Float64Array.from(cohort.answer(run.question));
    change(run.question, sum);
    run = advance(run, sum);
  }
  return run;
};
const below = (question: Question): boolean => question.type === 'level' && question.growing.open.some((open, slot) => open === 1 && slot % question.growing.slots !== 1);
const add = (type: Question['type'], at: number, by: number) => (question: Question, sum: Float64Array): void => { if (question.type === type) sum[at]! += by; };

describe('sums that contradict each other', () => {
  it.each<readonly [string, (question: Question, sum: Float64Array) => void]>([
    ['more in a fine cell than in the coarse one it cuts', add('fine', 3, 50)],
    ['a coarse cell below none', (question, sum) => { if (question.type === 'coarse') { const at = sum.indexOf(0); sum[at]! -= 1; sum[at + 1]! += 1; } }],
    ['more of label 1 than of both', add('level', 1, 500)],
    ['a weight below none', add('level', 0, -500)],
    ['features of a node counted over other rows', (question, sum) => { if (question.type === 'level') { sum[20]! += 100; sum[22]! += 100; } }],
    ['a child that is not what the split above it left', (question, sum) => { if (below(question)) sum[0]! += 7; }],
  ])('train no model: %s', (_, change) => { expect(codeOf(() => played(plan, change))).toBe('training-sum-impossible'); });
  it('train none when boosting either: a hessian below none, or other rows below a split', () => {
    const own = planOf({ method: 'boosting', minimumLeaf: 0.5, treeCount: 2, featuresPerNode: 3 });
    expect(codeOf(() => played(own, add('level', 1, -(2 ** 30))))).toBe('training-sum-impossible');
    expect(codeOf(() => played(own, (question, sum) => { if (below(question)) sum[0]! += 7; }))).toBe('training-sum-impossible');
    expect(codeOf(() => played(own, () => undefined))).toBeUndefined();
  });
});

describe('a feature of which no row has a value', () => {
  it('is constant: named, and never drawn', () => {
    const run = played(plan, () => undefined, rowsOf({ ...table, values: table.values.map(([, b, c]) => [NaN, b!, c!]) }));
    expect(run.constant).toEqual(['a']);
    expect(run.forest!.trees.flatMap(({ left, feature }) => feature.filter((_, i) => left[i]! >= 0))).not.toContain(0);
  });
  it('is none while some rows have one value and others lack it', () => {
    expect(played(plan, () => undefined, rowsOf({ ...table, values: table.values.map(([, b, c], i) => [i % 2 === 0 ? NaN : 5, b!, c!]) })).constant).toEqual([]);
  });
});

describe('a forged question', () => {
  it('that would take more cells than a sum can ask for is refused, not counted', () => {
    const refinements = [0, 1, 2].map(() => ({ cells: Array.from({ length: 2048 }, (_, i) => i), bits: new Array<number>(2048).fill(21) }));
    expect(codeOf(() => questionFrom(plan, { head: { type: 'fine', refinements }, arrays: {} }))).toBe('training-round-malformed');
  });
  it('that asks about a node with fewer rows of a label than a site takes part with is refused by name', () => {
    let asked: Extract<Question, { type: 'level' }> | undefined;
    played(plan, (question) => { if (question.type === 'level' && below(question)) asked ??= question; });
    const { growing } = asked!;
    const slot = growing.open.findIndex((open, at) => open === 1 && at % growing.slots !== 1);
    const withOnes = (ones: number) => codeOf(() => questionFrom(plan, questionParts({ ...asked!, growing: { ...growing, second: growing.second.with(slot, ones) } })));
    expect([withOnes(growing.second[slot]!), withOnes(4), withOnes(growing.first[slot]! - 4), withOnes(5)]).toEqual([undefined, 'training-cohort-too-small', 'training-cohort-too-small', undefined]);
  });
});

describe('names of features', () => {
  it.each(['chol [mg]', 'age<b', 'a]'])('that XGBoost does not read are refused before anything is counted: %s', (name) => { expect(codeOf(() => { requirePlan(planOf({ features: ['a', 'b', name] })); })).toBe('training-plan-malformed'); });
  it('that no plan of a model could name are refused at the start over the network, as are more than it can hold', () => {
    const names = (count: number, length = 4) => Array.from({ length: count }, (_, i) => `f${String(i).padStart(length, '0')}`);
    const of = (features: readonly string[]) => codeOf(() => { requireAdmissible(planOf({ features })); });
    for (const name of ['cp_2', 'Age', 'lactate maximum', '2nd', 'constructor']) expect(of(['a', name])).toBe('training-plan-malformed');
    expect([of(['a', 'lactate-maximum']), of(names(500)), of(names(1000))]).toEqual([undefined, undefined, 'training-plan-malformed']);
    const wide = privatePlan({ variables: names(480, 60).map((name) => ({ name, low: 0.123, high: 123.456 })), label: 'failed', seed: 1, treeCount: 4, depth: 2, microEpsilon: 1_000_000, curious: 1, rowLimit: 100 });
    expect(codeOf(() => { requireAdmissible(wide); })).toBe('training-plan-malformed');
  });
});
