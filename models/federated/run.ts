import { DomainError } from '../../shared/errors.ts';
import type { Forest } from '../forest/tree.ts';
import { requireCoarse, requireFine } from './contradictions.ts';
import { binsFrom, COARSE_WIDTH, fineWidthOf, refine, type Bins, type Refinement } from './bins.ts';
import { GRADIENT_SCALE } from './gradients.ts';
import { growingOf, openRoots, type Growing, type Stand } from './growing.ts';
import { growLevel } from './growth.ts';
import { levelOf, varying } from './level.ts';
import { forestOf } from './model.ts';
import { MOMENT_BOUND, momentWidth } from '../monitoring/moments.ts';
import { driftCountsFrom, driftWidth, type DriftCounts } from '../drift/counts.ts';
import { firstQuestionOf, privatePlanOf, requirePlan, type Plan } from './plan.ts';
import { leafWidth, privateForest } from './private/forest.ts';
import { WEIGHT_LIMIT } from './draws.ts';
import type { Profile } from './profile.ts';

/** What sites are asked in one round. They answer with integers of `widthOf(question)`, each at most `rowBoundOf` a row. */
export type Question =
  | Readonly<{ type: 'moments' }>
  | Readonly<{ type: 'leaves' }>
  | Readonly<{ type: 'drift' }>
  | Readonly<{ type: 'coarse' }>
  | Readonly<{ type: 'fine'; refinements: readonly Refinement[] }>
  | Readonly<{ type: 'level'; bins: readonly Bins[]; growing: Growing; stand: Stand }>;

/** A run between two rounds, as the coordinator keeps it. `round` counts the sums taken in. */
export type Run = Readonly<{ plan: Plan; round: number; rows: number; prior: number; coarse: ArrayLike<number>; question: Question | undefined; forest: Forest | undefined; /** Of a complete monitoring run. */ moments: Float64Array | undefined; /** Of a complete run of drift. */ drift?: DriftCounts; /** Of a complete private run: the counts with noise, as they were opened. */ opened?: ArrayLike<number>; /** Of a run with foreseen splits, from the third sum on. */ profile?: Profile; constant: readonly string[] }>;

/** @throws DomainError `training-plan-malformed` */
export const beginRun = (plan: Plan): Run => {
  requirePlan(plan);
  return { plan, round: 0, rows: 0, prior: 0, coarse: [], question: { type: firstQuestionOf(plan.method) }, forest: undefined, moments: undefined, constant: [] };
};

/** How many integers answer a question. */
export const widthOf = (plan: Plan, question: Question): number => {
  switch (question.type) {
    case 'moments': return momentWidth(plan.features.length);
    case 'leaves': return leafWidth(plan);
    case 'drift': return driftWidth(plan.features.length);
    case 'coarse': return plan.features.length * COARSE_WIDTH + 2;
    case 'fine': return fineWidthOf(question.refinements);
    case 'level': return levelOf(plan, question.bins, question.growing, question.stand).width;
    default: return question satisfies never;
  }
};

/** Largest magnitude one row adds to one integer, and whether it can be negative. */
export const rowBoundOf = ({ method }: Plan, { type }: Question): Readonly<{ bound: number; isSigned: boolean }> => {
  if (type === 'moments') return { bound: MOMENT_BOUND, isSigned: true };
  if (type === 'leaves') return { bound: 1, isSigned: true };
  if (type !== 'level') return { bound: 1, isSigned: false };
  return method === 'forest' ? { bound: WEIGHT_LIMIT, isSigned: false } : { bound: GRADIENT_SCALE, isSigned: true };
};

const afterCoarse = (run: Run, sum: ArrayLike<number>): Run => {
  const start = run.plan.features.length * COARSE_WIDTH;
  const [zeros, ones] = [sum[start] ?? 0, sum[start + 1] ?? 0];
  const rows = zeros + ones;
  if (zeros === 0 || ones === 0) throw new DomainError('training-label-one-class', `label ${run.plan.label}: got ${zeros} rows of 0 and ${ones} of 1 over all sites, want both`, { label: run.plan.label });
  requireCoarse(run.plan, sum, rows);
  return { ...run, rows, prior: ones / rows, coarse: sum, question: { type: 'fine', refinements: refine(sum, run.plan.features.length) } };
};

const afterFine = (run: Run, sum: ArrayLike<number>, refinements: readonly Refinement[]): Run => {
  requireFine(run.plan, run.coarse, sum, refinements);
  const bins = binsFrom(run.coarse, sum, refinements, run.plan.binLimit);
  const used = varying(bins);
  const constant = run.plan.features.filter((_, feature) => !used.includes(feature));
  if (used.length === 0) throw new DomainError('training-data-malformed', `features: got only constant ones (${constant.slice(0, 5).join(', ')}), want one that varies`);
  const growing = growingOf(run.plan);
  const stand = { tree: 0, count: run.plan.method === 'forest' ? run.plan.treeCount : 1 };
  openRoots(growing, stand);
  return { ...run, coarse: [], constant, question: { type: 'level', bins, growing, stand } };
};

const afterLevel = (run: Run, question: Extract<Question, { type: 'level' }>, sum: ArrayLike<number>): Run => {
  const { growing, profile } = growLevel(run.plan, question, sum, run.profile);
  const { bins } = question;
  if (growing.open.includes(1)) return { ...run, ...(profile !== undefined && { profile }), question: { ...question, growing } };
  const tree = question.stand.tree + question.stand.count;
  if (tree === run.plan.treeCount) return { ...run, question: undefined, forest: forestOf(run.plan, bins, growing, run.prior) };
  const stand = { tree, count: 1 };
  openRoots(growing, stand);
  return { ...run, question: { type: 'level', bins, growing, stand } };
};

/** Rows as the noisy counts have it: nothing else may say how many there are. */
const noisyRows = (sum: ArrayLike<number>): number => Math.max(0, Array.from(sum).reduce((rows, count) => rows + count, 0));

/**
 * Take in the sum over all sites of their answers to `run.question`.
 *
 * @throws DomainError `training-round-malformed` (length), `training-label-one-class`, `training-data-malformed` (all features constant), `training-sum-impossible` (sums that contradict each other)
 */
export const advance = (run: Run, sum: ArrayLike<number>): Run => {
  const { question } = run;
  if (question === undefined) throw new DomainError('training-round-stale', `got a sum for round ${run.round}, want none: the run is complete`);
  const width = widthOf(run.plan, question);
  if (sum.length !== width) throw new DomainError('training-round-malformed', `sum: got ${sum.length} integers, want ${width}`);
  const counted = { ...run, round: run.round + 1 };
  switch (question.type) {
    case 'moments': return { ...counted, rows: sum[0] ?? 0, moments: Float64Array.from(sum), question: undefined };
    case 'leaves': return { ...counted, rows: noisyRows(sum), opened: Array.from(sum), forest: privateForest(privatePlanOf(run.plan), sum), question: undefined };
    case 'drift': {
      const drift = driftCountsFrom(run.plan.features, sum);
      return { ...counted, rows: drift.cases, drift, question: undefined };
    }
    case 'coarse': return afterCoarse(counted, sum);
    case 'fine': return afterFine(counted, sum, question.refinements);
    case 'level': return afterLevel(counted, question, sum);
    default: return question satisfies never;
  }
};
