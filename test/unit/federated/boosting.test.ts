import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foreseenTrees } from '../../../models/federated/boosting.ts';
import { Cohort } from '../../../models/federated/cohort.ts';
import { BOOSTED_ROWS } from '../../../models/federated/gradients.ts';
import { leavesOf } from '../../../models/federated/growing.ts';
import { modelFileOf } from '../../../models/federated/model-text.ts';
import type { Plan } from '../../../models/federated/plan.ts';
import { advance, beginRun, type Question } from '../../../models/federated/run.ts';
import { questionFrom, questionParts } from '../../../models/federated/workflow/question.ts';
import { requireTurn } from '../../../models/federated/workflow/turn.ts';
import { readModelFile } from '../../../models/forest/model-file.ts';
import { leafOf, type Tree } from '../../../models/forest/tree.ts';
import { createGenerator } from '../../../models/random/generator.ts';
import { codeOf } from '../../support/error-code.ts';
import { planOf, played, playedToModel, rowsOf, type Table } from '../../support/federated.ts';
import { openedOfTrees, roundsOf } from '../../support/opened-of-trees.ts';
import { tables } from '../../support/tables.ts';

type Level = Extract<Question, { type: 'level' }>;
const SCALE = 256;
const boosting = (change: Partial<Plan> = {}): Plan => planOf({ method: 'boosting', minimumLeaf: 0.1, treeCount: 4, depth: 3, ...change });
const plans = fc.record({ seed: fc.nat(1000), treeCount: fc.integer({ min: 1, max: 6 }), depth: fc.integer({ min: 1, max: 5 }), featuresPerNode: fc.integer({ min: 1, max: 3 }), learningRate: fc.constantFrom(1e-6, 0.1, 0.3, 1), regularisation: fc.constantFrom(0, 1e-300, 1, 7.5, 1e6) }).map(boosting);

/** Both sums of a leaf, in whole steps, from the model's file alone. */
const saidOf = ({ learningRate, regularisation }: Plan, tree: Tree, place: number): readonly number[] => {
  let node = 0;
  for (const step of place.toString(2).slice(1)) node = (step === '0' ? tree.left : tree.right)[node]!;
  return [Math.round((-tree.condition[node]! * (tree.cover[node]! + regularisation) * SCALE) / learningRate) + 0, tree.cover[node]! * SCALE];
};

describe('boosting', () => {
  it('opens of its trees nothing but what its model file says, to the last digit: from rows of any kind, whatever the plan', () => {
    fc.assert(fc.property(tables, plans, (table, plan) => {
      const whole = playedToModel(plan, rowsOf(table));
      fc.pre(whole !== undefined);
      expect(roundsOf(whole.seen)).toEqual(['scale', 'classes', 'level']);
      for (const { opened, said } of openedOfTrees(whole, (tree, place) => saidOf(plan, tree, place))) expect(opened).toEqual(said);
    }), { numRuns: 60 });
  });
  it('does so with as many rows as it takes: sums of 2^15 of them are in the file to the last digit', () => {
    const plan = boosting({ treeCount: 3, learningRate: 0.1 });
    const rows: Table = { keys: Array.from({ length: BOOSTED_ROWS }, (_, i) => `k${i}`), labels: Array.from({ length: BOOSTED_ROWS }, (_, i) => ((i % 7) + (i % 3) > 4 ? 1 : 0)), values: Array.from({ length: BOOSTED_ROWS }, (_, i) => [i % 7, (i * 13) % 11, i % 3]) };
    const trees = openedOfTrees(played({ ...plan, rowLimit: BOOSTED_ROWS }, rowsOf(rows)), (tree, place) => saidOf(plan, tree, place));
    expect(trees).toHaveLength(3);
    for (const { opened, said } of trees) expect(opened).toEqual(said);
    const begun = beginRun(plan);
    const more = Float64Array.from(new Cohort(plan, rowsOf({ keys: ['a', 'b'], values: [[1, 2, 3], [2, 3, 4]], labels: [0, 1] })).answer(begun.question!));
    more.set([BOOSTED_ROWS, 5], more.length - 2);
    expect(codeOf(() => advance(begun, more))).toBe('training-sum-overflow');
  });
  it('writes a file that can be read, and says all, where rows are on the wrong side of trees that are sure', () => {
    // One row in fifty has another label than the feature says: the trees are soon sure of it and wrong, and then its second derivative is nearly none.
    // These seeds have a leaf in which nothing else is.
    for (const seed of [31, 79, 113]) {
      const random = createGenerator(seed);
      const values = Array.from({ length: 300 }, () => [random.below(10), random.below(10), random.below(10)]);
      const rows = rowsOf({ keys: values.map((_, i) => `k${i}`), values, labels: values.map(([a]) => (a! > 4 !== random.below(50) < 1 ? 1 : 0)) });
      const plan = boosting({ seed, treeCount: 24, depth: 5, featuresPerNode: 3, minimumLeaf: 0.01, learningRate: 1, regularisation: 0 });
      const whole = played(plan, rows);
      const forest = readModelFile(modelFileOf(whole.run));
      for (const { opened, said } of openedOfTrees(whole, (tree, place) => saidOf(plan, tree, place))) expect(opened).toEqual(said);
      expect(Math.max(...forest.trees.flatMap(({ left, condition }) => condition.filter((_, node) => left[node]! < 0).map(Math.abs)))).toBe(SCALE);
    }
  });
  it('takes no rate so small that a step has fewer digits than its sum', () => {
    expect([1e-40, 1e-300, 9.9e-7, 0, NaN].map((learningRate) => codeOf(() => beginRun(boosting({ learningRate }))))).toEqual(Array.from({ length: 5 }, () => 'training-plan-malformed'));
    expect(codeOf(() => beginRun(boosting({ learningRate: 1e-6 })))).toBeUndefined();
  });
  it('knows every split before anything of a tree is summed, and changes none', () => {
    fc.assert(fc.property(tables, plans, (table, plan) => {
      const whole = playedToModel(plan, rowsOf(table));
      fc.pre(whole !== undefined);
      const levels = whole.seen.slice(2).map(({ question }) => (question as Level).growing);
      for (const { feature, splitBin, defaultLeft } of levels) expect([feature, splitBin, defaultLeft]).toEqual([levels[0]!.feature, levels[0]!.splitBin, levels[0]!.defaultLeft]);
    }), { numRuns: 20 });
  });
  it('takes the steps that derivatives of the loss say, by a naive count over rows', () => {
    fc.assert(fc.property(tables, plans, (table, plan) => {
      const whole = playedToModel(plan, rowsOf(table));
      fc.pre(whole !== undefined);
      const { forest } = whole.run;
      const margins = table.keys.map(() => 0);
      for (const tree of forest!.trees) {
        const sums = new Map<number, { gradient: number; hessian: number }>();
        const leaves = table.values.map((row) => leafOf(tree, row));
        leaves.forEach((leaf, row) => {
          const chance = 1 / (1 + Math.exp(-margins[row]!));
          for (let node = leaf; node < tree.parent.length; node = tree.parent[node]!) {
            const { gradient, hessian } = sums.get(node) ?? { gradient: 0, hessian: 0 };
            sums.set(node, { gradient: gradient + Math.round((chance - table.labels[row]!) * SCALE) / SCALE, hessian: hessian + Math.max(1, Math.round(chance * (1 - chance) * SCALE)) / SCALE });
          }
        });
        const score = (node: number): number => { const { gradient, hessian } = sums.get(node) ?? { gradient: 0, hessian: 0 }; return gradient === 0 ? 0 : gradient ** 2 / (hessian + plan.regularisation); };
        tree.left.forEach((left, node) => {
          const { gradient, hessian } = sums.get(node) ?? { gradient: 0, hessian: 0 };
          expect(tree.cover[node]).toBe(hessian);
          if (left < 0) expect(tree.condition[node]).toBeCloseTo(gradient === 0 ? 0 : (-plan.learningRate * gradient) / (hessian + plan.regularisation), 5);
          else expect(tree.gain[node]).toBeCloseTo(Math.max(0, score(left) + score(tree.right[node]!) - score(node)), 3);
        });
        leaves.forEach((leaf, row) => { margins[row] = Math.fround(margins[row]! + tree.condition[leaf]!); });
      }
    }), { numRuns: 40 });
  });
  it('foresees a split as long as rows weigh enough for two children, and none from there on', () => {
    // Rows of an undecided tree weigh a quarter each: 1,000 of them 250. A threshold in the middle leaves no less than two fifths on a side.
    const edges = [-4096, -2048, 0, 2048, 4096].map((step) => 5 + step / 4096);
    const bins = [{ edges, isMissing: true }];
    const zeros = [50, 50, 200, 100, 50, 50], ones = [50, 50, 100, 200, 50, 50];
    const profile = Float64Array.from([...zeros.flatMap((count, i) => [count + ones[i]!, ones[i]!]), 0, 0]);
    const splitsWith = (minimumLeaf: number) => foreseenTrees(boosting({ features: ['a'], ranges: [{ low: 0, high: 9 }], featuresPerNode: 1, treeCount: 1, depth: 1, minimumLeaf }), bins, profile, [500, 500]).feature.filter((each) => each >= 0).length;
    expect([1, 100, 124.9, 125.1, 251].map(splitsWith)).toEqual([1, 1, 1, 0, 0]);
  });
  it('finds which feature a label hangs on, and how', () => {
    const table: Table = { keys: Array.from({ length: 400 }, (_, i) => `k${i}`), values: Array.from({ length: 400 }, (_, i) => [(i * 7) % 10, (i * 3) % 10, Math.floor(i / 40)]), labels: Array.from({ length: 400 }, (_, i) => ((i * 7) % 10 > 4 ? 1 : 0)) };
    const { forest } = played(boosting({ treeCount: 20, featuresPerNode: 3 }), rowsOf(table)).run;
    const right = table.values.filter((row, i) => (forest!.trees.reduce((margin, tree) => margin + tree.condition[leafOf(tree, row)]!, 0) > 0) === (table.labels[i] === 1)).length;
    expect(right).toBe(400);
  });
});

describe('a question to boosting sites', () => {
  const table: Table = { keys: Array.from({ length: 150 }, (_, i) => `b${i}`), labels: Array.from({ length: 150 }, (_, i) => ((i * 7) % 10 > 4 ? 1 : 0)), values: Array.from({ length: 150 }, (_, i) => [i % 7, (i * 13) % 11, i % 4 === 0 ? NaN : (i * i) % 10]) };
  const plan = boosting();
  const { seen } = played(plan, rowsOf(table));
  const question = seen[3]!.question as Level;
  const asked = (change: Partial<Level['growing']>, stand = question.stand) => codeOf(() => { requireTurn(plan, 3, questionFrom(plan, questionParts({ ...question, growing: { ...question.growing, ...change }, stand }))); });
  it('is about all leaves of the tree whose turn it is, and about no other place', () => {
    expect(asked({})).toBeUndefined();
    expect(new Set(leavesOf(question.growing, 1)).size).toBeGreaterThan(2);
    fc.assert(fc.property(fc.nat(question.growing.open.length - 1), (slot) => {
      expect(asked({ open: question.growing.open.with(slot, 1 - question.growing.open[slot]!) })).toBe('training-round-malformed');
    }), { numRuns: 200 });
    for (const stand of [{ tree: 0, count: 1 }, { tree: 2, count: 1 }, { tree: 1, count: 2 }]) expect(asked({}, stand)).toBe('training-round-malformed');
  });
  it('says of the trees before what rows can have, and no site makes margins of anything else', () => {
    const later = seen[5]!.question as Level;
    const told = (name: 'first' | 'second', slot: number, value: number) => codeOf(() => { requireTurn(plan, 5, questionFrom(plan, questionParts({ ...later, growing: { ...later.growing, [name]: later.growing[name].with(slot, value) } }))); });
    const leaves = [0, 1, 2].flatMap((tree) => leavesOf(later.growing, tree).map((slot) => ({ tree, slot })));
    for (const { tree, slot } of leaves) {
      const [gradient, hessian] = [later.growing.first[slot]!, later.growing.second[slot]!];
      expect(told('first', slot, gradient)).toBeUndefined();
      for (const wrong of [NaN, Infinity, -Infinity, 0.5, 257 * hessian + 1, -257 * hessian - 1]) expect(told('first', slot, wrong)).toBe('training-sum-impossible');
      for (const wrong of [NaN, Infinity, -1, 0.5, 150 * 64 + 1]) expect(told('second', slot, wrong)).toBe('training-sum-impossible');
      // Before the first tree a row has one of two gradients, and no other hessian than a quarter.
      if (tree === 0) for (const [name, wrong] of [['first', gradient + 1], ['first', 2 * hessian + 256], ['second', hessian + 1], ['second', 2 ** 30]] as const) expect(told(name, slot, wrong)).toBe('training-sum-impossible');
    }
    const none = { ...later.growing, first: new Float64Array(later.growing.first.length), second: new Float64Array(later.growing.second.length) };
    expect(codeOf(() => { requireTurn(plan, 5, questionFrom(plan, questionParts({ ...later, growing: none }))); })).toBe('training-sum-impossible');
  });
  it('is about each tree once, in its turn', () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 0, max: 5 }), (of, round) => {
      expect(codeOf(() => { requireTurn(plan, round, seen[of]!.question); })).toBe(of === round ? undefined : 'training-round-malformed');
    }));
  });
});
