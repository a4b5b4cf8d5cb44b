import { DomainError } from '../../shared/errors.ts';
import type { Tree } from './tree.ts';

/** Deepest tree that is read; a training here makes none deeper than 12. Explaining takes the square of the depth for each leaf, and a call a level. */
export const MOST_DEPTH = 64;
/** What XGBoost writes as the split index of a node that it pruned, with missing values to the left: such a node stays in the file, a leaf that nothing leads to. */
export const PRUNED = 2_147_483_647;
const isPruned = ({ left, feature, defaultLeft }: Tree, node: number): boolean => feature[node] === PRUNED && defaultLeft[node] === true && (left[node] ?? -1) < 0;

const isChild = (child: number, parent: number, count: number): boolean => child === -1 || (child > parent && child < count);
const isFinite32 = (value: number | undefined): boolean => Number.isFinite(Math.fround(value ?? Number.NaN));

type Refuse = (node: number, what: string) => never;

/** Children come after their node, both or neither; splits are on features that are there. */
const requireNodes = ({ left, right, feature, condition, cover }: Tree, featureCount: number, refuse: Refuse): void => {
  left.forEach((first, node) => {
    const second = right[node] ?? Number.NaN;
    if (!isChild(first, node, left.length) || !isChild(second, node, left.length) || (first < 0) !== (second < 0)) refuse(node, 'has impossible children');
    if (first >= 0 && (feature[node] ?? featureCount) >= featureCount) refuse(node, 'splits on a feature that is not there');
    if (!isFinite32(condition[node])) refuse(node, `has a ${first < 0 ? 'leaf' : 'condition'} that is no finite float32`);
    if (!isFinite32(cover[node])) refuse(node, 'has a cover that is no finite float32');
  });
};

/** Levels below the root by node, undefined where no path leads. Children come after their node, so one pass in order finds them, and no path is a cycle. */
const levelsOf = ({ left, right }: Tree, refuse: Refuse): readonly (number | undefined)[] => {
  const levels = new Array<number | undefined>(left.length).fill(undefined);
  levels[0] = 0;
  left.forEach((first, node) => {
    const level = levels[node];
    if (first < 0 || level === undefined) return;
    if (level >= MOST_DEPTH) refuse(node, `is a split ${level} levels down, want a tree of depth ${MOST_DEPTH} at most`);
    for (const child of [first, right[node] ?? first]) {
      if (levels[child] !== undefined) refuse(child, 'has two parents');
      levels[child] = level + 1;
    }
  });
  return levels;
};

/**
 * That a tree is one: every node but the root has one parent and is reached from the root, but for those that XGBoost pruned, and every number it answers or explains with is a finite float32.
 *
 * @param where path of the tree in its file
 * @throws DomainError `model-malformed`, naming tree and node
 */
export const requireTree = (tree: Tree, featureCount: number, where: string): void => {
  const refuse: Refuse = (node, what) => {
    throw new DomainError('model-malformed', `XGBoost model: ${where}: node ${node} ${what}`);
  };
  requireNodes(tree, featureCount, refuse);
  levelsOf(tree, refuse).forEach((level, node) => {
    if (level === undefined && !isPruned(tree, node)) refuse(node, 'is reached from nowhere');
    if (level !== undefined && isPruned(tree, node)) refuse(node, 'is said to be pruned, and is reached');
  });
};

/** Nodes that are in the file alone. */
export const prunedCount = (tree: Tree): number => tree.left.filter((_, node) => isPruned(tree, node)).length;
