import { createHash } from 'node:crypto';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import { DomainError } from '../../shared/errors.ts';
import { driftColumns } from '../drift/counts.ts';
import type { DriftTerms } from '../drift/file.ts';
import { requireVariables, type Variable } from '../monitoring/moments.ts';

export const METHODS = ['forest', 'boosting', 'monitoring', 'drift'] as const;
export type Method = (typeof METHODS)[number];
/** Principal components of batches that went well: whose label is 0. Ranges of the features, in their order, are those of the specification, never of the data. */
export type MonitoringTerms = Readonly<{ components: number; ranges: readonly Readonly<{ low: number; high: number }>[] }>;

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
  /** For the method `monitoring` alone, which draws and grows nothing. */
  monitoring?: MonitoringTerms;
  /** For the method `drift` alone. The features are then the columns of its rows. */
  drift?: DriftTerms;
}>;

export const LIMITS = { features: 10_000, trees: 2_000, depth: 12, bins: 254, variables: 300, driftColumns: 501, rows: 1_000_000 } as const;

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

/** What a monitoring plan sums over. @throws DomainError `training-plan-malformed` for a plan of another method */
export const variablesOf = ({ features, monitoring }: Plan): readonly Variable[] => features.map((name, i) => {
  const range = monitoring?.ranges[i];
  return range === undefined ? refuse('monitoring.ranges', 'none', `one for ${name}`) : { name, ...range };
});

/** A plan for process monitoring; what only trees need stands at 1. */
export const monitoringPlan = ({ variables, label, components, rowLimit }: Readonly<{ variables: readonly Variable[]; label: string; components: number; rowLimit: number }>): Plan => ({
  method: 'monitoring', features: variables.map(({ name }) => name), label, seed: 0, treeCount: 1, depth: 1, binLimit: 2, featuresPerNode: 1, minimumLeaf: 1, learningRate: 1, regularisation: 1, rowLimit,
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
  requireDrift(plan);
  if (!(plan.minimumLeaf > 0 && plan.minimumLeaf <= LIMITS.rows)) refuse('minimumLeaf', plan.minimumLeaf, `above 0, at most ${LIMITS.rows}`);
  if (!(plan.learningRate > 0 && plan.learningRate <= 1)) refuse('learningRate', plan.learningRate, 'above 0, at most 1');
  if (!(plan.regularisation >= 0 && plan.regularisation <= LIMITS.rows)) refuse('regularisation', plan.regularisation, `from 0 to ${LIMITS.rows}`);
};

/** What a run of this method is asked first; of one that grows no trees also last. */
export const firstQuestion = (method: Method): 'moments' | 'drift' | 'coarse' => {
  if (method === 'monitoring') return 'moments';
  return method === 'drift' ? 'drift' : 'coarse';
};
/** May a question of this kind be asked under a plan of this method? */
export const isQuestionOf = (method: Method, type: string): boolean => (method === 'monitoring' || method === 'drift' ? type === firstQuestion(method) : type !== 'moments' && type !== 'drift');

/** SHA-256 of a plan's canonical JSON, hexadecimal: a site answers for the plan it was shown, and no other. */
export const planHash = (plan: Plan): string => createHash('sha256').update(canonicalJson(plan)).digest('hex');

/** Rounds of statistics a run takes at most: two for the bins, then one a level; boosting grows its trees one after another. Monitoring and drift take one. */
export const roundLimit = ({ method, depth, treeCount }: Plan): number => method === 'monitoring' || method === 'drift' ? 1 : 2 + depth * (method === 'forest' ? 1 : treeCount);
