import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../models/federated/plan.ts';
import type { Question } from '../../../models/federated/run.ts';
import { requireContinued } from '../../../models/federated/workflow/continued.ts';
import { codeOf } from '../../support/error-code.ts';
import { planOf, played, rowsOf, type Table } from '../../support/federated.ts';
import { tables } from '../../support/tables.ts';

type Level = Extract<Question, { type: 'level' }>;
const METHODS = [['forest', planOf({ treeCount: 6 })], ['boosting', planOf({ method: 'boosting', minimumLeaf: 0.1, treeCount: 6 })]] as const;
const questionsOf = (plan: Plan, table: Table): readonly Question[] => played(plan, rowsOf(table)).seen.map(({ question }) => question);

describe.each(METHODS)('the next question of a run: %s', (method, plan) => {
  it('has what the one before had, and what was opened since', () => {
    fc.assert(fc.property(tables, (table) => {
      const questions = questionsOf(plan, table);
      questions.slice(1).forEach((after, i) => { expect(codeOf(() => { requireContinued(plan, questions[i]!, after); })).toBeUndefined(); });
    }), { numRuns: 25 });
  });
  const table: Table = { keys: Array.from({ length: 150 }, (_, i) => `b${i}`), labels: Array.from({ length: 150 }, (_, i) => ((i * 7) % 10 > 4 ? 1 : 0)), values: Array.from({ length: 150 }, (_, i) => [i % 7, (i * 13) % 11, i % 4 === 0 ? NaN : (i * i) % 10]) };
  const questions = questionsOf(plan, table);
  const [before, after] = [questions[3] as Level, questions[4] as Level];
  const told = (change: Partial<Level['growing']>, bins = after.bins): unknown => codeOf(() => { requireContinued(plan, before, { ...after, bins, growing: { ...after.growing, ...change } }); });
  const { growing } = after;
  it('is refused with another threshold, another split of a place that was split, or other sums than were told before', () => {
    expect(told({})).toBeUndefined();
    expect(told({}, after.bins.map((each, i) => (i === 0 ? { ...each, edges: each.edges.map((edge) => edge + 0.5) } : each)))).toBe('training-question-changed');
    const known = [...before.growing.feature].flatMap((feature, slot) => (feature >= 0 ? [slot] : []));
    fc.assert(fc.property(fc.constantFrom(...known), fc.integer({ min: -1, max: 2 }), fc.nat(30), (slot, feature, bin) => {
      fc.pre(feature !== growing.feature[slot] && bin !== growing.splitBin[slot]);
      for (const change of [{ feature: growing.feature.with(slot, feature) }, { splitBin: growing.splitBin.with(slot, bin) }, { defaultLeft: growing.defaultLeft.with(slot, 1 - growing.defaultLeft[slot]!) }]) expect(told(change)).toBe('training-question-changed');
    }));
  });
  it('has other sums where rows were summed since, and nowhere else', () => {
    fc.assert(fc.property(fc.nat(growing.first.length - 1), fc.constantFrom('first' as const, 'second' as const), (slot, of) => {
      const { slots, open } = before.growing;
      const isSince = method === 'boosting' ? Math.floor(slot / slots) === 1 : open[slot] === 1;
      expect(told({ [of]: growing[of].with(slot, growing[of][slot]! + 1) })).toBe(isSince ? undefined : 'training-question-changed');
    }), { numRuns: 300 });
  });
});
