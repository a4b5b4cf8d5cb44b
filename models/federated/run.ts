import { DomainError } from '../../shared/errors.ts';
import type { Forest } from '../forest/tree.ts';
import { CLASSES_BOUND, CLASSES_WIDTH, outlineFrom } from './classes.ts';
import { requireClasses, requireScale } from './contradicting-moments.ts';
import { barrenIn, partsRows } from './barren.ts';
import type { Bins } from './bins.ts';
import { foreseenTrees, takeLeaves } from './boosting.ts';
import { BOOSTED_ROWS, GRADIENT_SCALE } from './gradients.ts';
import type { Growing, Stand } from './growing.ts';
import { foreseenRoots, growLevel } from './growth.ts';
import { LEAST_OF_LABEL, levelOf, varying } from './level.ts';
import { forestOf } from './model.ts';
import { MOMENT_BOUND, momentWidth } from '../monitoring/moments.ts';
import { driftCountsFrom, driftWidth, type DriftCounts } from '../drift/counts.ts';
import { askedIn, privatePlanOf, rangesOf, requirePlan, type Plan } from './plan.ts';
import { leafWidth, privateForest } from './private/forest.ts';
import { WEIGHT_LIMIT } from './draws.ts';
import type { Profile } from './profile.ts';
import { framesFrom, SCALE_BOUND, SCALE_WIDTH, type Frame } from './scale.ts';

/** What sites are asked in one round. They answer with integers of `widthOf(question)`, each at most `rowBoundOf` a row. */
export type Question =
  | Readonly<{ type: 'moments' }>
  | Readonly<{ type: 'leaves' }>
  | Readonly<{ type: 'drift' }>
  | Readonly<{ type: 'scale' }>
  /** Rows of each label over the network, so that a site sees that there are enough. */
  | Readonly<{ type: 'classes'; frames: readonly Frame[]; rows: readonly [number, number] }>
  | Readonly<{ type: 'level'; bins: readonly Bins[]; growing: Growing; stand: Stand }>;

/** A run between two rounds, as the coordinator keeps it. `round` counts the sums taken in. */
export type Run = Readonly<{ plan: Plan; round: number; rows: number; prior: number; question: Question | undefined; forest: Forest | undefined; /** Of a complete monitoring run. */ moments: Float64Array | undefined; /** Of a complete run of drift. */ drift?: DriftCounts; /** Of a complete private run: the counts with noise, as they were opened. */ opened?: ArrayLike<number>; /** Of trees, from the second sum on. */ profile?: Profile; constant: readonly string[] }>;

/** @throws DomainError `training-plan-malformed` */
export const beginRun = (plan: Plan): Run => {
  requirePlan(plan);
  const first = askedIn(plan, 0);
  if (first === 'classes' || first === 'level') throw new RangeError(`got ${first} as a first question`);
  return { plan, round: 0, rows: 0, prior: 0, question: { type: first }, forest: undefined, moments: undefined, constant: [] };
};

/** How many integers answer a question. */
export const widthOf = (plan: Plan, question: Question): number => {
  switch (question.type) {
    case 'moments': return momentWidth(plan.features.length);
    case 'leaves': return leafWidth(plan);
    case 'drift': return driftWidth(plan.features.length);
    case 'scale': return plan.features.length * SCALE_WIDTH + 2;
    case 'classes': return plan.features.length * CLASSES_WIDTH;
    case 'level': return levelOf(question.growing, question.stand).width;
    default: return question satisfies never;
  }
};

/** Largest magnitude one row adds to one integer, and whether it can be negative. */
export const rowBoundOf = ({ method }: Plan, { type }: Pick<Question, 'type'>): Readonly<{ bound: number; isSigned: boolean }> => {
  if (type === 'moments') return { bound: MOMENT_BOUND, isSigned: true };
  if (type === 'leaves') return { bound: 1, isSigned: true };
  if (type === 'scale') return { bound: SCALE_BOUND, isSigned: true };
  if (type === 'classes') return { bound: CLASSES_BOUND, isSigned: true };
  if (type === 'drift') return { bound: 1, isSigned: false };
  return method === 'forest' ? { bound: WEIGHT_LIMIT, isSigned: false } : { bound: GRADIENT_SCALE, isSigned: true };
};

/** Rows of each label, which stand at the end of the first sum. @throws DomainError `training-label-one-class` */
const labelled = (run: Run, sum: ArrayLike<number>): Readonly<{ run: Run; zeros: number; ones: number }> => {
  const [zeros, ones] = [sum[sum.length - 2] ?? 0, sum[sum.length - 1] ?? 0];
  if (zeros === 0 || ones === 0) throw new DomainError('training-label-one-class', `label ${run.plan.label}: got ${zeros} rows of 0 and ${ones} of 1 over all sites, want both`, { label: run.plan.label });
  return { run: { ...run, rows: zeros + ones, prior: ones / (zeros + ones) }, zeros, ones };
};

/** A label of few rows is not asked about: what is summed over them is nearly they. */
const afterScale = (before: Run, sum: ArrayLike<number>): Run => {
  const { run, zeros, ones } = labelled(before, sum);
  if (Math.min(zeros, ones) < LEAST_OF_LABEL) throw new DomainError('training-cohort-too-small', `label ${run.plan.label}: got ${zeros} rows of 0 and ${ones} of 1 over all sites, want at least ${LEAST_OF_LABEL} of each`, { least: LEAST_OF_LABEL });
  if (run.plan.method === 'boosting' && run.rows > BOOSTED_ROWS) throw new DomainError('training-sum-overflow', `label ${run.plan.label}: got ${run.rows} rows, want at most ${BOOSTED_ROWS} for boosting: a file holds no sums over more of them to the last digit. Plan a forest`, { rows: run.rows });
  requireScale(run.plan, sum, run.rows);
  return { ...run, question: { type: 'classes', frames: framesFrom(sum, rangesOf(run.plan), run.rows, LEAST_OF_LABEL), rows: [zeros, ones] } };
};

const noneParts = (features: readonly string[]): DomainError => new DomainError('training-data-malformed', `features: got none of which a split parts rows (${features.slice(0, 5).join(', ')}), want one that varies`);

/** What does not vary over the network. @throws DomainError `training-data-malformed` where nothing does */
const constantIn = ({ features }: Plan, bins: readonly Bins[]): readonly string[] => {
  const used = varying(bins);
  const constant = features.filter((_, feature) => !used.includes(feature));
  if (used.length === 0) throw noneParts(constant);
  return constant;
};

/** The same of grown trees whose splits were foreseen, where sums told it of some features only. @throws DomainError `training-data-malformed` where nothing parts rows */
const constantAfter = ({ plan, constant }: Run, growing: Growing): readonly string[] => {
  if (growing.feature.some((feature) => feature >= 0) && !partsRows(plan, growing)) throw noneParts(plan.features);
  const barren = barrenIn(plan, growing);
  return plan.features.filter((name, feature) => constant.includes(name) || barren.has(feature));
};

const afterClasses = (run: Run, sum: ArrayLike<number>, { frames, rows }: Extract<Question, { type: 'classes' }>): Run => {
  requireClasses(run.plan, sum, rows);
  const { bins, profile } = outlineFrom(sum, frames, rows, run.plan.binLimit);
  const constant = constantIn(run.plan, bins);
  const { plan } = run;
  const question = plan.method === 'forest' ? { growing: foreseenRoots(plan, bins, profile, rows), stand: { tree: 0, count: plan.treeCount } } : { growing: foreseenTrees(plan, bins, profile, rows), stand: { tree: 0, count: 1 } };
  return { ...run, constant, profile, question: { type: 'level', bins, ...question } };
};

const afterLevel = (run: Run, question: Extract<Question, { type: 'level' }>, sum: ArrayLike<number>): Run => {
  const { plan, profile } = run;
  if (profile === undefined) throw new DomainError('training-round-stale', `got a sum for trees in round ${run.round}, want one that begins anew`, { round: run.round });
  const growing = plan.method === 'forest' ? growLevel(plan, question, sum, profile) : takeLeaves(plan, question, sum, run.rows);
  if (!growing.open.includes(1)) return { ...run, question: undefined, forest: forestOf(plan, question.bins, growing, run.prior), constant: constantAfter(run, growing) };
  return { ...run, question: { ...question, growing, ...(plan.method === 'boosting' && { stand: { tree: question.stand.tree + 1, count: 1 } }) } };
};

/** Rows as the noisy counts have it: nothing else may say how many there are. */
const noisyRows = (sum: ArrayLike<number>): number => Math.max(0, Array.from(sum).reduce((rows, count) => rows + count, 0));

/**
 * Take in the sum over all sites of their answers to `run.question`.
 *
 * @throws DomainError `training-round-malformed` (length), `training-label-one-class`, `training-cohort-too-small` (trees: few rows of a label), `training-sum-overflow` (boosting: many rows), `training-data-malformed` (all features constant), `training-sum-impossible` (sums that contradict each other)
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
    case 'scale': return afterScale(counted, sum);
    case 'classes': return afterClasses(counted, sum, question);
    case 'level': return afterLevel(counted, question, sum);
    default: return question satisfies never;
  }
};
