import { describe, expect, it } from 'vitest';
import { requirePlan, privatePlan } from '../../../models/federated/plan.ts';
import type { Question } from '../../../models/federated/run.ts';
import { requireAdmissible } from '../../../models/federated/workflow/admissible.ts';
import { codeOf } from '../../support/error-code.ts';
import { planOf, played, rowsOf, type Table } from '../../support/federated.ts';

const table: Table = {
  keys: Array.from({ length: 120 }, (_, i) => `b${i}`), labels: Array.from({ length: 120 }, (_, i) => ((i * 7) % 10 > 4 ? 1 : 0)),
  values: Array.from({ length: 120 }, (_, i) => [i % 7, (i * 13) % 11, i % 4 === 0 ? NaN : (i * i) % 17]),
};
const plan = planOf({ featuresPerNode: 3 });

const add = (type: Question['type'], at: number, by: number) => (question: Question, sum: Float64Array): void => { if (question.type === type) sum[at]! += by; };

describe('sums that contradict each other', () => {
  it.each<readonly [string, number, number]>([['a hessian below none', 1, -(2 ** 20)], ['more hessian than all rows have', 1, 2 ** 13], ['a larger gradient than all rows have', 0, 2 ** 15], ['a smaller one', 0, -(2 ** 15)], ['a hessian of every row over again', 1, 120 * 64], ['fewer steps of a hessian than rows', 1, -120 * 64]])('train none when boosting: %s', (_, at, by) => {
    const own = planOf({ method: 'boosting', minimumLeaf: 0.5, treeCount: 2, featuresPerNode: 3 });
    expect(codeOf(() => played(own, rowsOf(table), add('level', at, by)))).toBe('training-sum-impossible');
    expect(codeOf(() => played(own, rowsOf(table)))).toBeUndefined();
  });
  it('train none when boosting, with a gradient where nothing of a hessian is, of which no step could be taken', () => {
    const own = planOf({ method: 'boosting', minimumLeaf: 0.5, treeCount: 1, regularisation: 0 });
    const moved = (gradient: number) => codeOf(() => played(own, rowsOf(table), (question, sum) => {
      if (question.type !== 'level') return;
      sum[2]! += sum[0]!;
      sum[3]! += sum[1]!;
      [sum[0], sum[1]] = [gradient, 0];
    }));
    expect([0, 1, -1].map(moved)).toEqual([undefined, 'training-sum-impossible', 'training-sum-impossible']);
  });
});

describe('a feature of which no row has a value', () => {
  it('is constant: named, and never drawn', () => {
    const { run } = played(plan, rowsOf({ ...table, values: table.values.map(([, b, c]) => [NaN, b!, c!]) }));
    expect(run.constant).toEqual(['a']);
    expect(run.forest!.trees.flatMap(({ left, feature }) => feature.filter((_, i) => left[i]! >= 0))).not.toContain(0);
  });
  it('is none while some rows have one value and others lack it', () => {
    expect(played(plan, rowsOf({ ...table, values: table.values.map(([, b, c], i) => [i % 2 === 0 ? NaN : 5, b!, c!]) })).run.constant).toEqual([]);
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
