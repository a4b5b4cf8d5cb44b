import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readArtefactText } from '../../../models/artefact.ts';
import { predict } from '../../../models/forest/evaluate.ts';
import { TreeShap } from '../../../models/forest/shap.ts';
import { MOST_DEPTH, PRUNED } from '../../../models/forest/tree-shape.ts';
import type { Forest, Objective, Tree } from '../../../models/forest/tree.ts';
import { parseXgboostJson, writeXgboostJson } from '../../../models/forest/xgboost-json.ts';
import { DomainError } from '../../../shared/errors.ts';
import { codeOf } from '../../support/error-code.ts';

/** A tree of these children; a node of -1 and -1 is a leaf of its own number. */
const treeOf = (children: readonly (readonly [number, number])[]): Tree => ({
  left: children.map(([left]) => left), right: children.map(([, right]) => right), feature: children.map(() => 0), condition: children.map((_, node) => node), defaultLeft: children.map(() => true),
  cover: children.map(() => 1), gain: children.map(() => 0), parent: children.map(() => PRUNED),
});
const LEAF = [-1, -1] as const;
const STUMP = treeOf([[1, 2], LEAF, LEAF]);
const textOf = (tree: Tree, objective: Objective = 'reg:squarederror'): string => writeXgboostJson({ objective, baseScore: 0.5, featureNames: ['a', 'b'], trees: [STUMP, tree] });
const read = (tree: Tree): Forest => parseXgboostJson(textOf(tree));
const said = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof DomainError && error.code === 'model-malformed') return error.message;
    throw error;
  }
  return 'nothing';
};
/** As deep as it says: at each level a leaf beside the next split. */
const chain = (depth: number): Tree => treeOf(Array.from({ length: 2 * depth + 1 }, (_, i) => (i % 2 === 0 && i < 2 * depth ? [i + 1, i + 2] as const : LEAF)));
/** Each node splits a leaf of the tree so far, whichever is drawn. */
const trees = fc.array(fc.nat(), { maxLength: 12 }).map((draws) => {
  const children: [number, number][] = [[-1, -1]];
  for (const draw of draws) {
    const leaves = children.flatMap(([left], node) => (left < 0 ? [node] : []));
    const at = leaves[draw % leaves.length] ?? 0;
    children[at] = [children.length, children.length + 1];
    children.push([-1, -1], [-1, -1]);
  }
  return treeOf(children);
});

describe('a tree of a model file', () => {
  it('is read whatever its shape, if it is one', () => { fc.assert(fc.property(trees, (tree) => { expect(read(tree).trees[1]).toEqual(tree); })); });
  it('is none when any node is led to twice, or by none', () => {
    fc.assert(fc.property(trees, fc.nat(), fc.nat(), (tree, one, other) => {
      const splits = tree.left.flatMap((left, node) => (left < 0 ? [] : [node]));
      fc.pre(splits.length > 1);
      const at = splits[one % splits.length] ?? 0;
      const target = 1 + (other % (tree.left.length - 1));
      fc.pre(target > at && target !== tree.left[at]);
      expect(said(() => read({ ...tree, left: tree.left.with(at, target) }))).toMatch(/^XGBoost model: learner\.gradient_booster\.model\.trees\.1: node \d+ (has two parents|is reached from nowhere)/);
    }));
  });
  it.each<readonly [string, Tree, string]>([
    ['one child on both sides', treeOf([[1, 1], LEAF]), 'node 1 has two parents'], ['a child of two nodes', treeOf([[1, 2], [3, 4], [4, 5], LEAF, LEAF, LEAF]), 'node 4 has two parents'],
    ['a leaf that nothing leads to', treeOf([[1, 2], LEAF, LEAF, LEAF]), 'node 3 is reached from nowhere'], ['a branch that nothing leads to', treeOf([[1, 2], LEAF, LEAF, [4, 5], LEAF, LEAF]), 'node 3 is reached from nowhere'],
    ['a leaf that nothing leads to, marked as pruned by half', { ...treeOf([[1, 2], LEAF, LEAF, LEAF]), feature: [0, 0, 0, PRUNED], defaultLeft: [true, true, true, false] }, 'node 3 is reached from nowhere'],
    ['a cycle', treeOf([[1, 2], [0, 3], LEAF, LEAF]), 'node 1 has impossible children'], ['a node that is its own child', treeOf([[0, 1], LEAF]), 'node 0 has impossible children'],
    ['half a leaf', treeOf([[1, -1], LEAF]), 'node 0 has impossible children'], ['a child that is not there', treeOf([[1, 9], LEAF]), 'node 0 has impossible children'],
    ['a feature that is not there', { ...STUMP, feature: [2, 0, 0] }, 'node 0 splits on a feature that is not there'],
    ['a leaf that is pruned and reached', { ...STUMP, feature: [0, PRUNED, 0] }, 'node 1 is said to be pruned, and is reached'], ['a split level too many', chain(MOST_DEPTH + 1), `want a tree of depth ${MOST_DEPTH} at most`],
  ])('is none with %s: named by tree and node', (_, tree, fault) => {
    const text = textOf(tree);
    expect(said(() => parseXgboostJson(text))).toContain(`trees.1: node ${/node (\d+)/.exec(fault)?.[1] ?? ''}`);
    expect(said(() => parseXgboostJson(text))).toContain(fault);
    expect(codeOf(() => readArtefactText(text))).toBe('model-malformed');
  });
  it.each<readonly [string, string, string, string]>([
    ['a leaf', '"split_conditions":[0.0,1.0,', '"split_conditions":[0.0,1e39,', 'node 1 has a leaf'], ['a condition', '"split_conditions":[0.0,', '"split_conditions":[-1e39,', 'node 0 has a condition'],
    ['a cover', '"sum_hessian":[1.0,1.0,', '"sum_hessian":[1.0,1e39,', 'node 1 has a cover'],
  ])('is none with %s that float32 does not hold', (_, part, other, fault) => {
    const text = textOf(STUMP);
    expect(text).toContain(part);
    expect(said(() => parseXgboostJson(text.replace(part, other)))).toContain(`trees.0: ${fault} that is no finite float32`);
    expect(said(() => parseXgboostJson(text.replaceAll('"split_conditions":[0.0,1.0,', '"split_conditions":[0.0,3e38,')))).toBe('nothing');
  });
  it('of the greatest depth is read, answered and explained', () => {
    const forest = read(chain(MOST_DEPTH));
    const { expected, contributions } = new TreeShap(forest).explain([1000, 0]);
    expect(expected + contributions.reduce((sum, each) => sum + each, 0)).toBeCloseTo(predict(forest, [1000, 0]), 6);
  });
  it('is told from one whose nodes are shared, or a path without an end in sight, before anything is explained', () => {
    const shared = treeOf([...Array.from({ length: 24 }, (_, i) => [i + 1, i + 1] as const), LEAF]);
    expect([said(() => read(shared)), said(() => read(chain(20_000)))]).toEqual([expect.stringContaining('node 1 has two parents'), expect.stringContaining(`want a tree of depth ${MOST_DEPTH} at most`)]);
  });
  it('may hold what XGBoost pruned: nothing leads there, and nothing is answered with it', () => {
    const pruned: Tree = { ...treeOf([[1, 2], LEAF, LEAF, LEAF]), feature: [0, 0, 0, PRUNED] };
    expect(read(pruned).trees[1]).toEqual(pruned);
    expect(said(() => parseXgboostJson(textOf(pruned).replace('"num_deleted":"1"', '"num_deleted":"0"')))).toContain('trees.1: got 1 pruned nodes, want the 0 of num_deleted');
  });
});

describe('the base score of a model file', () => {
  const based = (score: string, objective: Objective): string => textOf(STUMP, objective).replace('"base_score":"0.5"', `"base_score":"${score}"`);
  it.each(['0', '1', '-0.5', '2', '1E-50', '9.9999999E-1', '[0]', '', 'NaN'])('is none of %j where it is a probability', (score) => { expect(said(() => parseXgboostJson(based(score, 'binary:logistic')))).toContain('learner.learner_model_param.base_score'); });
  it.each(['1e39', '-1e39', 'Infinity', 'NaN'])('is none of %s where it is a sum', (score) => { expect(said(() => parseXgboostJson(based(score, 'reg:squarederror')))).toContain('learner.learner_model_param.base_score'); });
  it('may be anything between, and of a sum any number', () => {
    for (const [score, objective] of [['1E-40', 'binary:logistic'], ['[9.9E-1]', 'binary:logistic'], ['0', 'reg:squarederror'], ['-3', 'reg:squarederror']] as const) expect(said(() => parseXgboostJson(based(score, objective)))).toBe('nothing');
  });
});
