import { effectOf, figuresOf, relativeChangesOf, type ArmFigures, type Effect, type Figure, type Released } from './comparison.ts';
import { aucOf, discriminate, type Discrimination } from './discrimination.ts';
import type { Estimate } from '../../../shared/statistics/exact-interval.ts';
import type { ReviewMode } from '../release/job.ts';
import type { Arm } from './result.ts';
import type { SetPointReport } from './set-point-report.ts';

/** What the paper this work is measured against reports, as relative changes. */
export const PAPER: Readonly<Partial<Record<Figure, Readonly<{ from: number; to: number; relativeChange: number }>>>> = {
  failureRate: { from: 0.154, to: 0.105, relativeChange: 0.105 / 0.154 - 1 },
  meanReleaseTimeDays: { from: 14.2, to: 10.7, relativeChange: 10.7 / 14.2 - 1 },
  potencyCv: { from: 0.221, to: 0.175, relativeChange: 0.175 / 0.221 - 1 },
};
/** What this work aims at: a fall of at least this share. */
export const AIMS: Readonly<Partial<Record<Figure, number>>> = { failureRate: -0.4, meanReleaseTimeDays: -0.35, potencyCv: -0.25 };

/** What review of all records of an arm came to: entries there are, those read, errors sent back, and errors nobody saw. */
export type ReviewTotals = Readonly<{ mode: ReviewMode; entries: number; read: number; returned: number; unseen: number }>;
/** An arm as it was played: what the review of its records came to where it is known, and mean release times of trials like it. */
export type PlayedArm = Readonly<{ results: readonly Released[]; review?: ReviewTotals; replayedMeanDays: readonly number[] }>;
export type ArmReport = ArmFigures & Readonly<{ relativeChange?: Readonly<Record<Figure, Estimate>>; effect?: Effect; review?: ReviewTotals }>;
/** `permutedLabelsAuc`, `permutedLabelsSpread`: mean and standard deviation over models that learnt from outcomes dealt out anew, all judged on the same batches. */
export type PredictionReport = Readonly<{ model: Discrimination; thresholdRule: Discrimination; alwaysAct: Discrimination; permutedLabelsAuc: number; permutedLabelsSpread: number; permutations: number }>;
export type Report = Readonly<{
  world: string; seed: number; policy: string; batches: number; arms: Readonly<Partial<Record<Arm, ArmReport>>>; prediction?: PredictionReport;
  /** Share of what the oracle prevents, and of what it takes off each figure, that an arm reaches. */
  ofTheCeiling?: Readonly<Partial<Record<Arm, Readonly<Partial<Record<Figure, number>>>>>>;
  /** Feed and oxygen by other hands than the recipe's, where such arms were played. */
  setPoints?: SetPointReport['arms'];
  paper: typeof PAPER; aims: typeof AIMS;
}>;

const armReportOf = ({ results, review, replayedMeanDays }: PlayedArm, baseline: readonly Released[] | undefined): ArmReport => {
  const figures = { ...figuresOf(results, replayedMeanDays), ...(review === undefined ? {} : { review }) };
  if (baseline === undefined || baseline === results) return figures;
  return { ...figures, relativeChange: relativeChangesOf(baseline, results), effect: effectOf(baseline, results) };
};

const ceilingOf = (arms: Readonly<Partial<Record<Arm, ArmReport>>>): Report['ofTheCeiling'] => {
  const { baseline, oracle } = arms;
  if (baseline === undefined || oracle === undefined) return undefined;
  const shares = (arm: ArmReport): Partial<Record<Figure, number>> => Object.fromEntries((['failureRate', 'meanReleaseTimeDays', 'potencyCv'] as const).map((figure) => [figure, (baseline[figure] - arm[figure]) / (baseline[figure] - oracle[figure])]));
  return Object.fromEntries(Object.entries(arms).filter(([name]) => name !== 'baseline' && name !== 'oracle').map(([name, arm]) => [name, shares(arm)]));
};

/**
 * The report of a trial.
 *
 * @param played     by arm, all over the same batches in the same order
 * @param prediction made at hour 72 on the batches of the trial, when the baseline was played
 */
export const reportOf = (trial: Readonly<{ world: string; seed: number; policy: string }>, played: ReadonlyMap<Arm, PlayedArm>, prediction?: PredictionReport): Report => {
  const baseline = played.get('baseline')?.results;
  const arms = Object.fromEntries([...played].map(([arm, each]) => [arm, armReportOf(each, baseline)])) as Partial<Record<Arm, ArmReport>>;
  const ofTheCeiling = ceilingOf(arms);
  return { ...trial, batches: [...played.values()][0]?.results.length ?? 0, arms, ...(prediction === undefined ? {} : { prediction }), ...(ofTheCeiling === undefined ? {} : { ofTheCeiling }), paper: PAPER, aims: AIMS };
};

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Judge three ways of alerting on the same batches: the model, few cells at 72 h, and everybody. */
export const predictionReportOf = (scored: readonly Readonly<{ predicted: number; densityAlert: boolean; densityMillionPerMl: number; permuted: readonly number[] }>[], failed: readonly boolean[], threshold: number): PredictionReport => {
  const predicted = scored.map((each) => each.predicted);
  const permutations = scored[0]?.permuted.length ?? 0;
  const permutedAucs = Array.from({ length: permutations }, (_, i) => aucOf(scored.map(({ permuted }) => permuted[i] ?? Number.NaN), failed));
  return {
    model: discriminate(predicted, predicted.map((chance) => chance >= threshold), failed),
    thresholdRule: discriminate(scored.map(({ densityMillionPerMl }) => -densityMillionPerMl), scored.map(({ densityAlert }) => densityAlert), failed, false),
    alwaysAct: discriminate(scored.map(() => 1), scored.map(() => true), failed),
    permutedLabelsAuc: meanOf(permutedAucs), permutedLabelsSpread: Math.sqrt(meanOf(permutedAucs.map((auc) => (auc - meanOf(permutedAucs)) ** 2)) * (permutations / (permutations - 1))), permutations,
  };
};
