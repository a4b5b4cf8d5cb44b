import type { PolicyName } from '../../models/twin/assist/policy.ts';
import { startsOf } from '../../models/twin/release/arrivals.ts';
import { releaseTimes } from '../../models/twin/release/release.ts';
import { chanceOfFailure, densityAlert, densityAt72, permuted, rowsOf, trainPredictor, type Predictor, type Row } from '../../models/twin/trial/predictor.ts';
import type { Released } from '../../models/twin/trial/comparison.ts';
import { predictionReportOf, reportOf, type PredictionReport, type Report, type ReviewTotals } from '../../models/twin/trial/report.ts';
import type { Arm, BatchResult } from '../../models/twin/trial/result.ts';
import { compareSetPoints } from '../../models/twin/trial/set-point-report.ts';
import { releaseTableFor, TRAINING_BATCHES, TRAINING_SEED } from '../../models/twin/trial/setting.ts';
import type { World } from '../../models/twin/worlds/world.ts';
import { playAll } from './play.ts';

export type Trial = Readonly<{ world: World; seed: number; batches: number; arms: readonly Arm[]; workers: number; series: boolean; policy: PolicyName }>;
export type Tell = Readonly<{ step: (text: string) => void; played: (done: number) => void }>;

/** Arms whose records people read whole; the others are reviewed by exception. */
const READ_WHOLE: readonly Arm[] = ['baseline', 'pid', 'adaptive'];

/** One model of dealt-out outcomes leans one way or the other by chance; some together show that there is nothing to lean on. */
const [PERMUTATIONS, PERMUTED_ROWS] = [6, 600] as const;
/** Arms that differ in set-points only. */
const STEERED: readonly Arm[] = ['baseline', 'pid', 'adaptive'];

const released = ({ world, seed, batches }: Trial, arm: Arm, results: readonly BatchResult[]): Readonly<{ results: readonly Released[]; review: ReviewTotals }> => {
  const starts = startsOf(world.release, seed, batches);
  const jobs = results.map(({ index, harvestHour, deviations, recommendations, failed }, i) => ({
    index, siteIndex: starts[i]?.siteIndex ?? 0, startDay: starts[i]?.startDay ?? 0, harvestHour, deviations, interventions: recommendations.filter(({ signed, kind }) => signed && kind === 'intervention').length, failed,
  }));
  const mode = READ_WHOLE.includes(arm) ? 'manual' : 'by-exception';
  const times = releaseTimes(world.release, jobs, mode, seed);
  const sum = (figure: 'entries' | 'read' | 'returned' | 'unseen'): number => times.reduce((total, each) => total + each[figure], 0);
  return { results: results.map((result, i) => ({ ...result, releasedAtDays: times[i]?.releasedAtDays })), review: { mode, entries: sum('entries'), read: sum('read'), returned: sum('returned'), unseen: sum('unseen') } };
};

/** Judge the 72-hour prediction on the trial's own untouched batches, which it has not learnt from. */
const judgePrediction = ({ world, seed, batches }: Trial, predictor: Predictor, shuffled: readonly Predictor[], baseline: readonly BatchResult[]): PredictionReport => {
  const rows: readonly Row[] = rowsOf(world, seed, 0, batches);
  return predictionReportOf(rows.map(({ features }) => ({ predicted: chanceOfFailure(predictor, features), densityAlert: densityAlert(predictor, features), density: densityAt72(features), permuted: shuffled.map((each) => chanceOfFailure(each, features)) })), baseline.map(({ failed }) => failed), predictor.threshold);
};

/** Train, play every arm, let release times emerge, and compare. `trainingBatches` is fewer in tests only. */
export const runTrial = async (trial: Trial, tell: Tell, trainingBatches = TRAINING_BATCHES): Promise<Readonly<{ report: Report; results: ReadonlyMap<Arm, readonly Released[]> }>> => {
  const { world, seed, batches, arms, workers, series, policy } = trial;
  tell.step(`training the 72-hour prediction on ${trainingBatches} untouched batches of other seeds`);
  const rows = rowsOf(world, TRAINING_SEED, 0, trainingBatches);
  const predictor = trainPredictor(rows);
  const { byArm, readings, missing } = await playAll({ world, predictor, seed, arms, series, policy, releaseTable: releaseTableFor(world), startDays: startsOf(world.release, seed, batches).map(({ startDay }) => startDay) }, batches, workers, tell.played);
  if (series) tell.step(`${readings.toLocaleString('en-GB')} readings of all sensors, one a minute; ${missing.toLocaleString('en-GB')} not given`);
  const reviewed = [...byArm].map(([arm, each]) => ({ arm, ...released(trial, arm, each) }));
  const results = new Map(reviewed.map((each) => [each.arm, each.results] as const));
  const baseline = results.get('baseline');
  tell.step('comparing');
  const prediction = baseline === undefined ? undefined : judgePrediction(trial, predictor, Array.from({ length: PERMUTATIONS }, (_, i) => trainPredictor(permuted(rows.slice(0, PERMUTED_ROWS), TRAINING_SEED + 1 + i))), baseline);
  const report = reportOf({ world: world.name, seed, policy }, results, prediction, new Map(reviewed.map(({ arm, review }) => [arm, review] as const)));
  const steered = arms.includes('pid') || arms.includes('adaptive') ? { setPoints: compareSetPoints(world, seed, new Map([...byArm].filter(([arm]) => STEERED.includes(arm)))).arms } : {};
  return { report: { ...report, ...steered }, results };
};
