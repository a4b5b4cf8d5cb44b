import { createHash } from 'node:crypto';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import { DomainError } from '../../shared/errors.ts';
import { requirePrivatePlan, type PrivatePlan } from './private/forest.ts';
import { driftColumns } from '../drift/counts.ts';
import type { DriftTerms } from '../drift/file.ts';
import { requireVariables, type Variable } from '../monitoring/moments.ts';

export const METHODS = ['forest', 'boosting', 'monitoring', 'private', 'drift'] as const;
export type Method = (typeof METHODS)[number];
/** Of a feature, by its specification and never by the data. */
export type Range = Readonly<{ low: number; high: number }>;
/** Principal components of batches that went well: whose label is 0. Ranges of the features, in their order, are those of the specification, never of the data. */
export type MonitoringTerms = Readonly<{ components: number; ranges: readonly Range[] }>;
/** A forest of which a row is ε-private, from the sum of all sites, for all but `curious` of them and the coordinator together. Ranges as for monitoring. */
export type PrivateTerms = Readonly<{ microEpsilon: number; curious: number; ranges: readonly Range[] }>;

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
  /** Of forest and boosting, and of nothing else: splits are chosen before anything of their node is counted, so that of a tree nothing is but what the model holds. A plan of before without it counted rows by value, and is trained no more. */
  splits?: 'foreseen';
  /** With it: of the features, in their order. A value beyond its range counts as the end of it until trees are grown. */
  ranges?: readonly Range[];
  /** Rows one site may hold: the sums can not overflow while every site keeps to it. */
  rowLimit: number;
  /** For the method `monitoring` alone, which draws and grows nothing. */
  monitoring?: MonitoringTerms;
  /** For the method `private` alone. */
  private?: PrivateTerms;
  /** For the method `drift` alone. The features are then the columns of its rows. */
  drift?: DriftTerms;
}>;

export const LIMITS = { features: 10_000, trees: 2_000, depth: 12, bins: 254, variables: 300, driftColumns: 501, rows: 1_000_000, curious: 499, /** Least learning rate: with a smaller one a step could be so near to none that float32 has fewer digits for it. */ leastRate: 1e-6 } as const;

const refuse = (field: string, got: unknown, want: string): never => {
  throw new DomainError('training-plan-malformed', `${field}: got ${String(got)}, want ${want}`, { field });
};

const requireWhole = (field: string, value: number, low: number, high: number): void => {
  if (!Number.isInteger(value) || value < low || value > high) refuse(field, value, `a whole number from ${low} to ${high}`);
};

const requireNames = ({ features, label, method }: Plan): void => {
  requireWhole('features', features.length, 1, LIMITS.features);
  const twice = features.find((name, i) => features.indexOf(name) !== i);
  if (twice !== undefined) refuse('features', `${twice} twice`, 'each once');
  if (features.includes('')) refuse('features', 'an empty name', 'a name');
  const unreadable = method === 'drift' ? undefined : features.find((name) => /[[\]<]/.test(name));
  if (unreadable !== undefined) refuse('features', unreadable, 'names without [, ] and <, which XGBoost does not read');
  if (features.includes(label)) refuse('features', `the label ${label}`, 'the label not among them');
};

const withRanges = (features: readonly string[], ranges: readonly Range[] | undefined, field: string): readonly Variable[] => features.map((name, i) => {
  const range = ranges?.[i];
  return range === undefined ? refuse(field, 'none', `one for ${name}`) : { name, ...range };
});

/** What a monitoring plan sums over. @throws DomainError `training-plan-malformed` for a plan of another method */
export const variablesOf = ({ features, monitoring }: Plan): readonly Variable[] => withRanges(features, monitoring?.ranges, 'monitoring.ranges');

/** What trees of a private plan are drawn from. @throws DomainError `training-plan-malformed` for a plan of another method */
export const privatePlanOf = ({ features, label, seed, treeCount, depth, private: terms }: Plan): PrivatePlan =>
  ({ features: withRanges(features, terms?.ranges, 'private.ranges'), label, seed, treeCount, depth, microEpsilon: terms?.microEpsilon ?? 0 });

/** Sites among which the noise is shared: the members but the curious ones, whose noise hides nothing from themselves. */
export const noiseParts = ({ private: terms }: Plan, members: number): number => Math.max(1, members - (terms?.curious ?? members));

/** What only a method that sees rows round after round needs. */
const NO_GROWING = { binLimit: 2, featuresPerNode: 1, minimumLeaf: 1, learningRate: 1, regularisation: 1 } as const;

/** A plan for a private forest. */
export const privatePlan = ({ variables, label, seed, treeCount, depth, microEpsilon, curious, rowLimit }: Readonly<{ variables: readonly Variable[]; label: string; seed: number; treeCount: number; depth: number; microEpsilon: number; curious: number; rowLimit: number }>): Plan => ({
  ...NO_GROWING, method: 'private', features: variables.map(({ name }) => name), label, seed, treeCount, depth, rowLimit, private: { microEpsilon, curious, ranges: variables.map(({ low, high }) => ({ low, high })) },
});

/** A plan for process monitoring; what only trees need stands at 1. */
export const monitoringPlan = ({ variables, label, components, rowLimit }: Readonly<{ variables: readonly Variable[]; label: string; components: number; rowLimit: number }>): Plan => ({
  ...NO_GROWING, method: 'monitoring', features: variables.map(({ name }) => name), label, seed: 0, treeCount: 1, depth: 1, rowLimit,
  monitoring: { components, ranges: variables.map(({ low, high }) => ({ low, high })) },
});

/** A plan for counting what a model was asked and answered, and what came true. @param inputs names in the model's order */
export const driftPlan = ({ inputs, terms, label, rowLimit }: Readonly<{ inputs: readonly string[]; terms: DriftTerms; label: string; rowLimit: number }>): Plan =>
  ({ method: 'drift', features: driftColumns(inputs), label, seed: 0, treeCount: 1, depth: 1, binLimit: 2, featuresPerNode: 1, minimumLeaf: 1, learningRate: 1, regularisation: 1, rowLimit, drift: terms });

const requireDrift = ({ method, drift, features }: Plan): void => {
  if ((method === 'drift') !== (drift !== undefined)) refuse('drift', `${drift === undefined ? 'none' : 'terms'} with method ${method}`, 'terms with method drift, and with no other');
  if (drift === undefined) return;
  requireWhole('features', features.length, 3, LIMITS.driftColumns);
  const columns = driftColumns(features.slice(0, -2));
  if (columns.join('\n') !== features.join('\n')) refuse('features', features.slice(-2).join(', '), `${columns.slice(-2).join(', ')} at the end`);
  if (drift.fromEpochMs > drift.toEpochMs) refuse('drift.toEpochMs', drift.toEpochMs, `at least ${drift.fromEpochMs}`);
};

const requireMonitoring = (plan: Plan): void => {
  const { method, monitoring, features } = plan;
  if (method !== 'monitoring') {
    if (monitoring !== undefined) refuse('monitoring', `terms with method ${method}`, 'none');
    return;
  }
  requireWhole('features', features.length, 2, LIMITS.variables);
  requireWhole('monitoring.ranges', monitoring?.ranges.length ?? 0, features.length, features.length);
  requireWhole('monitoring.components', monitoring?.components ?? 0, 1, features.length - 1);
  requireVariables(variablesOf(plan));
};

const requirePrivate = (plan: Plan): void => {
  const { method, private: terms, features } = plan;
  if (method !== 'private') {
    if (terms !== undefined) refuse('private', `terms with method ${method}`, 'none');
    return;
  }
  requireWhole('private.ranges', terms?.ranges.length ?? 0, features.length, features.length);
  requireWhole('private.curious', terms?.curious ?? 0, 1, LIMITS.curious);
  requirePrivatePlan(privatePlanOf(plan));
};

/** Ranges of a plan with foreseen splits. @throws DomainError `training-plan-malformed` for a plan without */
export const rangesOf = ({ features, ranges }: Plan): readonly Range[] => withRanges(features, ranges, 'ranges');

/** Whether a method grows trees whose splits are foreseen. */
const isForeseen = (method: Method): boolean => method === 'forest' || method === 'boosting';

const requireRanges = ({ features, ranges = [] }: Plan): void => {
  requireWhole('ranges', ranges.length, features.length, features.length);
  ranges.forEach(({ low, high }, i) => {
    if (!(Number.isFinite(low) && Number.isFinite(high) && Number.isFinite(high - low) && low <= high)) refuse(`ranges.${i}`, `${low} to ${high} of ${features[i] ?? ''}`, 'two numbers, the second at least the first');
  });
};

const requireForeseen = (plan: Plan): void => {
  const { method, splits, ranges } = plan;
  if (isForeseen(method)) {
    if (splits === undefined) refuse('splits', 'none', 'foreseen: splits by counts told of rows what no model does, and are trained no more');
    requireRanges(plan);
  } else if (splits !== undefined || ranges !== undefined) {
    refuse(splits === undefined ? 'ranges' : 'splits', `some with method ${method}`, 'none, but for forest and boosting');
  }
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
  requireMonitoring(plan);
  requirePrivate(plan);
  requireDrift(plan);
  requireForeseen(plan);
  if (!(plan.minimumLeaf > 0 && plan.minimumLeaf <= LIMITS.rows)) refuse('minimumLeaf', plan.minimumLeaf, `above 0, at most ${LIMITS.rows}`);
  if (!(plan.learningRate >= LIMITS.leastRate && plan.learningRate <= 1)) refuse('learningRate', plan.learningRate, `from ${LIMITS.leastRate} to 1`);
  if (!(plan.regularisation >= 0 && plan.regularisation <= LIMITS.rows)) refuse('regularisation', plan.regularisation, `from 0 to ${LIMITS.rows}`);
};

/** Methods that ask once, and what. */
const ASKED_ONCE: Readonly<Partial<Record<Method, 'moments' | 'leaves' | 'drift'>>> = { monitoring: 'moments', private: 'leaves', drift: 'drift' };

/** What is asked of all rows before trees are. */
const BEFORE_TREES = ['scale', 'classes'] as const;

/** What a run asks in a round. */
export const askedIn = ({ method }: Pick<Plan, 'method'>, round: number): 'moments' | 'leaves' | 'drift' | 'level' | (typeof BEFORE_TREES)[number] => ASKED_ONCE[method] ?? BEFORE_TREES[round] ?? 'level';
/** How many rounds come before the first level of trees. */
export const ROUNDS_BEFORE_TREES = BEFORE_TREES.length;
/** Whether a run takes one round and no more. */
export const isAskedOnce = (method: Method): boolean => ASKED_ONCE[method] !== undefined;
/** Whether a question of this type belongs to a plan. */
export const isAskedBy = (plan: Pick<Plan, 'method'>, type: string): boolean => Array.from({ length: ROUNDS_BEFORE_TREES + 1 }, (_, round): string => askedIn(plan, round)).includes(type);

/** SHA-256 of a plan's canonical JSON, hexadecimal: a site answers for the plan it was shown, and no other. */
export const planHash = (plan: Plan): string => createHash('sha256').update(canonicalJson(plan)).digest('hex');

/** Rounds of statistics a run takes at most: two before trees; then one for each level of a forest, or for each tree of a boosting. Monitoring, a private forest and drift take one. */
export const roundLimit = ({ method, depth, treeCount }: Plan): number => (isAskedOnce(method) ? 1 : ROUNDS_BEFORE_TREES + (method === 'forest' ? depth : treeCount));
