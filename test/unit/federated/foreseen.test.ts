import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CELL_PARTS, cellOf, CELLS } from '../../../models/federated/cells.ts';
import { CLASSES_WIDTH, LABEL_PARTS } from '../../../models/federated/classes.ts';
import { Cohort } from '../../../models/federated/cohort.ts';
import { distanceOf, STEPS } from '../../../models/federated/distance.ts';
import { bootstrapWeights } from '../../../models/federated/draws.ts';
import { levelOf } from '../../../models/federated/level.ts';
import { modelFileOf } from '../../../models/federated/model-text.ts';
import { advance, beginRun, type Question } from '../../../models/federated/run.ts';
import { jitterDeviation, spanOf, type Part } from '../../../models/federated/jitter.ts';
import { positionOf, SCALE_PARTS } from '../../../models/federated/scale.ts';
import { questionFrom, questionParts } from '../../../models/federated/workflow/question.ts';
import { requireTurn } from '../../../models/federated/workflow/turn.ts';
import { decodeRun, encodeRun } from '../../../models/federated/workflow/stored.ts';
import { leafOf, type Tree } from '../../../models/forest/tree.ts';
import { codeOf } from '../../support/error-code.ts';
import { fileOf, maskedRun, planOf, played, playedToModel, rowsOf, runOver, type Table } from '../../support/federated.ts';
import { openedOfTrees, roundsOf } from '../../support/opened-of-trees.ts';
import { tables } from '../../support/tables.ts';

type Level = Extract<Question, { type: 'level' }>;

/** Weight, and weight of label 1, at a place of a tree, from the model's file alone. */
const saidOf = (tree: Tree, treeCount: number, place: number): readonly number[] => {
  const way = place.toString(2).slice(1);
  let node = 0;
  for (const step of way) node = (step === '0' ? tree.left : tree.right)[node]!;
  const leaves = (at: number): readonly number[] => (tree.left[at]! < 0 ? [at] : [...leaves(tree.left[at]!), ...leaves(tree.right[at]!)]);
  return [tree.cover[node]!, leaves(node).reduce((sum, leaf) => sum + Math.round(tree.condition[leaf]! * treeCount * tree.cover[leaf]!), 0)];
};

describe('a forest whose splits are foreseen', () => {
  it('opens of its trees nothing but what its model file says, roots and all: from rows of any kind, whatever the plan', () => {
    let nodes = 0;
    fc.assert(fc.property(tables, fc.nat(1000), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 3 }), (table, seed, treeCount, depth, featuresPerNode) => {
      const plan = planOf({ seed, treeCount, depth, featuresPerNode });
      const whole = playedToModel(plan, rowsOf(table));
      fc.pre(whole !== undefined);
      expect(roundsOf(whole.seen)).toEqual(['scale', 'classes', 'level']);
      for (const { opened, said } of openedOfTrees(whole, (tree, place) => saidOf(tree, treeCount, place))) {
        expect(opened).toEqual(said);
        nodes += said.length;
      }
    }), { numRuns: 40 });
    expect(nodes).toBeGreaterThan(500);
  });
  it('opens before its trees three numbers of each feature over all rows, two over all rows of each label, and how many lie in each of twelve cells, every row moved by its draws; and how many rows there are of each', () => {
    fc.assert(fc.property(tables, (table) => {
      const plan = planOf();
      const { seen: [scale, classes] } = played(plan, rowsOf(table));
      const ofLabel = (label: number): number => table.labels.filter((each) => each === label).length;
      const { frames, rows } = classes!.question as Extract<Question, { type: 'classes' }>;
      expect([[...scale!.sum.subarray(-2)], rows]).toEqual([[ofLabel(0), ofLabel(1)], [ofLabel(0), ofLabel(1)]]);
      // What rows make of it without their draws, and how far these move a sum of so many at most.
      const columns = [0, 1, 2].map((feature) => table.values.map((row) => row[feature]!));
      const total = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
      const firsts = columns.flatMap((column) => {
        const positions = column.map((each) => (Number.isNaN(each) ? 0 : positionOf(each, plan.ranges![0]!)));
        return [total(column.map((each) => (Number.isNaN(each) ? 0 : 4096))), total(positions), total(positions.map((each) => each ** 2))];
      });
      const seconds = columns.flatMap((column, feature) => {
        const distances = column.map((each) => distanceOf(each, frames[feature]!));
        const sums = [0, 1].flatMap((label) => {
          const own = distances.filter((_, i) => table.labels[i] === label);
          return [total(own), total(own.map(Math.abs))];
        });
        return [...sums, ...Array.from({ length: CELLS }, (_, cell) => STEPS * column.filter((each, i) => !Number.isNaN(each) && frames[feature]!.unit > 0 && cellOf(distances[i]!) === cell).length)];
      });
      const all = table.keys.length;
      const far = (opened: Float64Array, exact: readonly number[], parts: readonly Part[], rowsOf: readonly number[]): readonly number[] => exact.map((each, i) => Math.abs(opened[i]! - each) / (spanOf(parts[i % parts.length]!) * jitterDeviation(rowsOf[i % parts.length]!)));
      const inSecond = [...LABEL_PARTS, ...LABEL_PARTS, ...CELL_PARTS];
      const off = [...far(scale!.sum, firsts, SCALE_PARTS, [all, all, all]), ...far(classes!.sum, seconds, inSecond, [rows[0], rows[0], rows[1], rows[1], ...CELL_PARTS.map(() => all)])];
      expect([seconds.length, classes!.sum.length]).toEqual([3 * CLASSES_WIDTH, 3 * CLASSES_WIDTH]);
      expect(Math.max(...off)).toBeLessThan(6);
      expect(Math.max(...off)).toBeGreaterThan(0.5);
      expect(off.filter((each) => each === 0).length).toBeLessThan(3);
    }), { numRuns: 20 });
  });
  it('counts a root that is not split as a whole, and asks of it no more', () => {
    fc.assert(fc.property(tables, (table) => {
      const plan = planOf({ minimumLeaf: 500 });
      const { run, seen } = played(plan, rowsOf(table));
      expect(seen).toHaveLength(3);
      const { growing, stand } = seen[2]!.question as Level;
      expect(levelOf(growing, stand).nodes.map(({ place }) => place)).toEqual([1, 1, 1, 1, 1]);
      expect([...seen[2]!.sum]).toEqual(run.forest!.trees.flatMap((tree) => saidOf(tree, plan.treeCount, 1)));
    }), { numRuns: 10 });
  });
  it('asks in each round what a site answers in it, also where a tree draws so many rows that its root could be split after all', () => {
    // Names that weigh twice or more in the first tree: it holds twice as many rows as there are.
    const names = Array.from({ length: 1000 }, (_, i) => `row-${i}`);
    const weights = bootstrapWeights(7, names, 1);
    const heavy = names.filter((_, i) => weights[i]! >= 2);
    fc.assert(fc.property(tables, fc.constantFrom(0.1, 0.48, 0.5, 'above half'), (table, part) => {
      const rows = table.keys.length;
      const minimumLeaf = part === 'above half' ? Math.floor(rows / 2) + 1 : Math.floor(rows * Number(part));
      const plan = planOf({ seed: 7, minimumLeaf, treeCount: 8 });
      const { seen } = played(plan, rowsOf({ ...table, drawKeys: heavy.slice(0, rows) }));
      for (const [round, { question }] of seen.entries()) {
        expect(codeOf(() => { requireTurn(plan, round, questionFrom(plan, questionParts(question))); })).toBeUndefined();
      }
      if (part !== 'above half') return;
      const { question, sum } = seen[2]!;
      const { growing, stand } = question as Level;
      expect(levelOf(growing, stand).nodes.map(({ place }) => place)).toEqual(Array<number>(8).fill(1));
      expect(sum[0]).toBeGreaterThanOrEqual(2 * rows);
    }), { numRuns: 40 });
  });
  it('is the same file, byte for byte, however rows are spread over 1 to 10 sites, and in depth + 2 rounds', () => {
    fc.assert(fc.property(tables, fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 6 }), (table, siteCount, depth) => {
      const plan = planOf({ depth });
      const sites = Array.from({ length: siteCount }, (_, site) => table.keys.flatMap((_key, i) => ((i * 7) % siteCount === site ? [i] : [])));
      const pooled = runOver(plan, [rowsOf(table)]);
      expect(fileOf(runOver(plan, sites.map((members) => rowsOf(table, members))))).toBe(fileOf(pooled));
      expect(pooled.round).toBeLessThanOrEqual(depth + 2);
    }), { numRuns: 40 });
  });
  it('is the same file under masks, and when the coordinator begins anew from what it kept after each round', () => {
    fc.assert(fc.property(tables, (table) => {
      const plan = planOf();
      const pooled = fileOf(runOver(plan, [rowsOf(table)]));
      expect(fileOf(maskedRun(plan, [0, 1, 2].map((site) => rowsOf(table, table.keys.flatMap((_, i) => (i % 3 === site ? [i] : []))))))).toBe(pooled);
      const cohort = new Cohort(plan, rowsOf(table));
      let run = beginRun(plan);
      while (run.question !== undefined) {
        const next = advance(run, cohort.answer(run.question));
        run = next.question === undefined ? next : decodeRun(plan, encodeRun(next));
      }
      expect(fileOf(run)).toBe(pooled);
    }), { numRuns: 15 });
  });
  it('holds the rows it says, by a naive count over rows, and the gains they make', () => {
    const gini = (ones: number, all: number): number => (all === 0 ? 0 : (ones ** 2 + (all - ones) ** 2) / all);
    fc.assert(fc.property(tables, (table) => {
      const plan = planOf();
      const weights = bootstrapWeights(plan.seed, table.keys, plan.treeCount);
      runOver(plan, [rowsOf(table)]).forest!.trees.forEach((tree, t) => {
        const counted = tree.left.map(() => [0, 0]);
        table.values.forEach((row, i) => {
          for (let node = leafOf(tree, row); ; node = tree.parent[node]!) {
            counted[node]![0]! += weights[i * plan.treeCount + t]!;
            counted[node]![1]! += weights[i * plan.treeCount + t]! * table.labels[i]!;
            if (node === 0) break;
          }
        });
        tree.left.forEach((left, node) => {
          const [all, ones] = counted[node]! as [number, number];
          expect(tree.cover[node]).toBe(all);
          if (left < 0) { if (all > 0) expect(tree.condition[node]).toBeCloseTo(ones / all / plan.treeCount, 6); return; }
          const [low, high] = [counted[left]!, counted[tree.right[node]!]!];
          expect(tree.gain[node]).toBeCloseTo(Math.max(0, gini(low[1]!, low[0]!) + gini(high[1]!, high[0]!) - gini(ones, all)), 4);
        });
      });
    }), { numRuns: 20 });
  });
  it('splits no feature where the way to the node leaves nothing of it to split', () => {
    let again = 0;
    fc.assert(fc.property(tables, fc.nat(1000), (table, seed) => {
      for (const tree of runOver(planOf({ seed, features: ['a', 'b', 'c'], featuresPerNode: 1 }), [rowsOf({ ...table, values: table.values.map((row) => row.map((each) => (Number.isNaN(each) ? 4 : each))) })]).forest!.trees) {
        tree.left.forEach((left, node) => {
          if (left < 0) return;
          for (let below = node; below > 0; below = tree.parent[below]!) {
            const above = tree.parent[below]!;
            if (tree.feature[above] !== tree.feature[node]) continue;
            again += 1;
            if (tree.left[above] === below) expect(tree.condition[node]!).toBeLessThan(tree.condition[above]!);
            else expect(tree.condition[node]!).toBeGreaterThan(tree.condition[above]!);
          }
        });
      }
    }), { numRuns: 40 });
    expect(again).toBeGreaterThan(50);
  });
  it('learns what there is to learn, and says in its file how', () => {
    const table: Table = { keys: Array.from({ length: 200 }, (_, i) => `k${i}`), values: Array.from({ length: 200 }, (_, i) => [i % 10, (i * 7) % 13, i % 3]), labels: Array.from({ length: 200 }, (_, i) => ((i % 10) + ((i * 7) % 13) > 11 ? 1 : 0)) };
    const run = runOver(planOf({ treeCount: 60, depth: 5, featuresPerNode: 1 }), [rowsOf(table)]);
    const scores = table.values.map((row) => run.forest!.trees.reduce((sum, tree) => sum + tree.condition[leafOf(tree, row)]!, 0));
    expect(scores.filter((score, i) => (score > 0.5 ? 1 : 0) === table.labels[i]).length).toBeGreaterThan(180);
    expect(modelFileOf(run)).toContain('\\"splits\\":\\"foreseen\\"');
  });
});
