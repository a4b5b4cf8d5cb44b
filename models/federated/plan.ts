import { createHash } from 'node:crypto';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import { DomainError } from '../../shared/errors.ts';

export type Method = 'forest' | 'boosting';

/** What a training run computes. Sites and coordinator hold the same plan; nothing in it depends on who holds which row. */
export type Plan = Readonly<{
  method: Method;
  /** Names of the input columns, in the order of the model; every site has the same. */
  features: readonly string[];
  label: string;
  /** Of every draw, in [0, 2^32). */
  seed: number;
  treeCount: number; depth: number;
  /** Bins of one feature at most; missing values have a bin of their own beside them. */
  binLimit: number;
  /** Features drawn for each node. */
  featuresPerNode: number;
  /** Least weight of a child: bootstrapped rows in a forest, sum of hessians in boosting. */
  minimumLeaf: number;
  /** Boosting only: share of each tree's step that is taken, and weight added to each sum of hessians. */
  learningRate: number; regularisation: number;
  /** Rows one site may hold: the sums can not overflow while every site keeps to it. */
  rowLimit: number;
}>;

export const LIMITS = { features: 10_000, trees: 2_000, depth: 12, bins: 254, rows: 1_000_000 } as const;

const refuse = (field: string, got: unknown, want: string): never => {
  throw new DomainError('training-plan-malformed', `${field}: got ${String(got)}, want ${want}`, { field });
};

const requireWhole = (field: string, value: number, low: number, high: number): void => {
  if (!Number.isInteger(value) || value < low || value > high) refuse(field, value, `a whole number from ${low} to ${high}`);
};

const requireNames = ({ features, label }: Plan): void => {
  requireWhole('features', features.length, 1, LIMITS.features);
  const twice = features.find((name, i) => features.indexOf(name) !== i);
  if (twice !== undefined) refuse('features', `${twice} twice`, 'each once');
  if (features.includes('')) refuse('features', 'an empty name', 'a name');
  if (features.includes(label)) refuse('features', `the label ${label}`, 'the label not among them');
};

/** @throws DomainError `training-plan-malformed`, naming the field */
export const requirePlan = (plan: Plan): void => {
  requireNames(plan);
  requireWhole('seed', plan.seed, 0, 2 ** 32 - 1);
  requireWhole('treeCount', plan.treeCount, 1, LIMITS.trees);
  requireWhole('depth', plan.depth, 1, LIMITS.depth);
  requireWhole('binLimit', plan.binLimit, 2, LIMITS.bins);
  requireWhole('featuresPerNode', plan.featuresPerNode, 1, plan.features.length);
  requireWhole('rowLimit', plan.rowLimit, 1, LIMITS.rows);
  if (!(plan.minimumLeaf > 0 && plan.minimumLeaf <= LIMITS.rows)) refuse('minimumLeaf', plan.minimumLeaf, `above 0, at most ${LIMITS.rows}`);
  if (!(plan.learningRate > 0 && plan.learningRate <= 1)) refuse('learningRate', plan.learningRate, 'above 0, at most 1');
  if (!(plan.regularisation >= 0 && plan.regularisation <= LIMITS.rows)) refuse('regularisation', plan.regularisation, `from 0 to ${LIMITS.rows}`);
};

/** SHA-256 of a plan's canonical JSON, hexadecimal: a site answers for the plan it was shown, and no other. */
export const planHash = (plan: Plan): string => createHash('sha256').update(canonicalJson(plan)).digest('hex');

/** Rounds of statistics a run takes at most: two for the bins, then one a level; boosting grows its trees one after another. */
export const roundLimit = ({ method, depth, treeCount }: Plan): number => 2 + depth * (method === 'forest' ? 1 : treeCount);
