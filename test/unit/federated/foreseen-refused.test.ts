import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requirePlan } from '../../../models/federated/plan.ts';
import type { Question } from '../../../models/federated/run.ts';
import { questionFrom, questionParts } from '../../../models/federated/workflow/question.ts';
import { requireTurn } from '../../../models/federated/workflow/turn.ts';
import { DomainError } from '../../../shared/errors.ts';
import { codeOf } from '../../support/error-code.ts';
import { planOf, played, rowsOf, type Table } from '../../support/federated.ts';

type Level = Extract<Question, { type: 'level' }>;

describe('what does not belong to foreseen splits', () => {
  const table: Table = { keys: Array.from({ length: 150 }, (_, i) => `b${i}`), labels: Array.from({ length: 150 }, (_, i) => ((i * 7) % 10 > 4 ? 1 : 0)), values: Array.from({ length: 150 }, (_, i) => [i % 7, (i * 13) % 11, i % 4 === 0 ? NaN : (i * i) % 17]) };
  const plan = planOf();
  const { question } = played(plan, rowsOf(table)).seen[3]! as { question: Level };
  const { growing } = question;
  const side = growing.open.indexOf(1);
  const above = side - (side % growing.slots) + (side % growing.slots) / 2;
  const asked = (change: Partial<Level['growing']>) => codeOf(() => questionFrom(plan, questionParts({ ...question, growing: { ...growing, ...change } })));

  it('is refused by a site: one side of a split alone, a side of none, and a node with fewer rows of a label than a site takes part with', () => {
    expect(asked({})).toBeUndefined();
    expect(asked({ open: growing.open.with(side, 0) })).toBe('training-round-malformed');
    expect(asked({ open: growing.open.with(side + 1, 0) })).toBe('training-round-malformed');
    expect(asked({ feature: growing.feature.with(above, -1) })).toBe('training-round-malformed');
    expect(asked({ second: growing.second.with(above, 4) })).toBe('training-cohort-too-small');
    expect(asked({ second: growing.second.with(above, growing.first[above]! - 4) })).toBe('training-cohort-too-small');
    expect(asked({ second: growing.second.with(above, 5) })).toBeUndefined();
  });
  it('is refused for any place that is not the side of a split, nor a root that is not split; and for a root once sides were asked about', () => {
    fc.assert(fc.property(fc.nat(growing.open.length - 1), (slot) => {
      fc.pre(growing.open[slot] === 0);
      expect(asked({ open: growing.open.with(slot, 1) })).toBe('training-round-malformed');
    }));
    const roots: Level = { ...question, growing: { ...growing, feature: new Int32Array(growing.feature.length).fill(-1), open: growing.open.map((_, slot) => (slot % growing.slots === 1 ? 1 : 0)) } };
    expect(codeOf(() => questionFrom(plan, questionParts(roots)))).toBeUndefined();
    expect([2, 3, 4].map((round) => codeOf(() => { requireTurn(plan, round, roots); }))).toEqual([undefined, 'training-round-malformed', 'training-round-malformed']);
  });
  it('is refused by a site: a split at a threshold that its feature has not, which would part rows otherwise than the file says', () => {
    const edges = question.bins[growing.feature[above]!]!.edges.length;
    fc.assert(fc.property(fc.nat(255), (bin) => {
      expect(asked({ splitBin: growing.splitBin.with(above, bin) })).toBe(bin >= 1 && bin <= edges ? undefined : 'training-round-malformed');
    }));
    expect(() => questionFrom(plan, questionParts({ ...question, growing: { ...growing, splitBin: growing.splitBin.with(above, 0) } }))).toThrow(`splitBin: got 0 at place ${above % growing.slots}, want one of the ${edges} thresholds of ${plan.features[growing.feature[above]!]!}, from 1 on`);
    expect(asked({ defaultLeft: growing.defaultLeft.with(above, 2) })).toBe('training-round-malformed');
  });
  const classes = played(plan, rowsOf(table)).seen[1]!.question as Extract<Question, { type: 'classes' }>;
  it('is refused by a site, whatever else it is asked: sums over fewer rows of a label than a site takes part with', () => {
    fc.assert(fc.property(fc.nat(200), fc.nat(200), (zeros, ones) => {
      expect(codeOf(() => questionFrom(plan, questionParts({ ...classes, rows: [zeros, ones] })))).toBe(Math.min(zeros, ones) < 5 ? 'training-cohort-too-small' : undefined);
    }));
  });
  it.each<readonly [string, Question]>([
    ['frames of a feature less', { ...classes, frames: classes.frames.slice(1) }], ['a frame that is less than none wide', { ...classes, frames: classes.frames.map((frame) => ({ ...frame, unit: -1 })) }],
    ['a frame about no number', { ...classes, frames: classes.frames.map((frame) => ({ ...frame, centre: NaN })) }],
  ])('is refused by a site: %s', (_, asks) => { expect(codeOf(() => questionFrom(plan, questionParts(asks)))).toBe('training-round-malformed'); });
  it('is refused by a site: counts of values, as versions of before asked them', () => {
    for (const head of [{ type: 'coarse' }, { type: 'fine', refinements: [] }]) expect(codeOf(() => questionFrom(plan, { head, arrays: {} }))).toBe('training-round-malformed');
  });
  it('is asked of no label with fewer rows than a site takes part with', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 12 }), (ones) => {
      expect(codeOf(() => played(plan, rowsOf({ ...table, labels: table.labels.map((_, i) => (i < ones ? 1 : 0)) })))).toBe(ones < 5 ? 'training-cohort-too-small' : undefined);
    }));
  });
  it.each<readonly [string, Question['type'], number, number]>([
    ['more values than rows and their draws', 'scale', 0, 1e6], ['fewer than none and their draws', 'scale', 0, -1e6], ['positions beyond the range', 'scale', 1, 2e6], ['squares below none', 'scale', 2, -1e10], ['squares beyond the range', 'scale', 2, 1e10],
    ['distances of a label beyond the reach', 'classes', 2, 1e8], ['sizes below none of a label', 'classes', 3, -1e8], ['sizes beyond the reach', 'classes', 3, 1e8], ['more in a cell than there are', 'classes', 5, 1e8], ['fewer than none in a cell', 'classes', 15, -1e8],
  ])('trains no model: %s', (_, type, at, by) => {
    expect(codeOf(() => played(plan, rowsOf(table), (each, sum) => { if (each.type === type) sum[at]! += by; }))).toBe('training-sum-impossible');
  });
  it.each<readonly [string, number, number]>([['a row more on one side', 0, 1], ['more of label 1 than of both', 1, 500], ['fewer than none', 0, -500]])('trains no model: %s', (_, at, by) => {
    // Once, in the second round of trees: a row more in the first one too would be a row.
    let levels = 0;
    expect(codeOf(() => played(plan, rowsOf(table), (each, sum) => { if (each.type === 'level' && (levels += 1) === 2) sum[at]! += by; }))).toBe('training-sum-impossible');
    expect(levels).toBe(2);
  });
  it('is a plan of a forest or a boosting whose splits would be counted, or without a range of each feature; and one with either for anything else', () => {
    const draws = fc.record({ method: fc.constantFrom('forest', 'boosting'), seed: fc.nat(), treeCount: fc.integer({ min: 1, max: 2000 }), depth: fc.integer({ min: 1, max: 12 }), binLimit: fc.integer({ min: 2, max: 254 }), regularisation: fc.constantFrom(0, 1, 1e6) });
    fc.assert(fc.property(draws, (change) => {
      expect(codeOf(() => { requirePlan(planOf(change)); })).toBeUndefined();
      const { splits: _, ...counted } = planOf(change);
      const { ranges: __, ...unranged } = planOf(change);
      expect(() => { requirePlan(counted); }).toThrow('splits: got none, want foreseen');
      expect(codeOf(() => { requirePlan(counted); })).toBe('training-plan-malformed');
      expect(codeOf(() => { requirePlan(unranged); })).toBe('training-plan-malformed');
    }));
    const ranges = planOf().ranges!;
    for (const method of ['monitoring', 'private', 'drift'] as const) for (const own of [{ splits: 'foreseen' as const }, { ranges }]) expect(() => { requirePlan(planOf({ method, ...own })); }).toThrow(DomainError);
    for (const wrong of [planOf({ ranges: ranges.slice(1) }), ...[[1, 0], [NaN, 1], [0, Infinity], [-1.7e308, 1.7e308]].map(([low, high]) => planOf({ ranges: [{ low: low!, high: high! }, ...ranges.slice(1)] }))]) {
      expect(codeOf(() => { requirePlan(wrong); })).toBe('training-plan-malformed');
    }
    expect(() => { requirePlan(planOf({ ranges: [ranges[0]!, { low: 2, high: 1 }, ranges[2]!] })); }).toThrow('ranges.1: got 2 to 1 of b, want two numbers, the second at least the first');
  });
  it('is a feature that parts no rows: it is drawn no more, and named', () => {
    const drawn = Array.from({ length: 10 }, (_, constant) => {
      const { run, seen } = played(planOf({ treeCount: 40 }), rowsOf({ ...table, values: table.values.map(([a, , c]) => [a!, constant, c!]) }));
      expect(run.constant).toEqual(['b']);
      const splits = seen.map(({ question }) => (question.type === 'level' ? [...question.growing.feature].filter((own) => own === 1).length : 0));
      // After the round that counted sides of its first splits there are no more of them.
      const before = splits[2] ?? 0;
      if (before >= 3) expect(splits.at(-1)).toBe(before);
      return before;
    });
    expect(Math.max(...drawn)).toBeGreaterThan(2);
    expect(codeOf(() => played(planOf({ treeCount: 40 }), rowsOf({ ...table, values: table.values.map(() => [1, 7.5, 3]) })))).toBe('training-data-malformed');
  });
});
