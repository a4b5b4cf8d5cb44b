import type { PolicyName } from '../../models/twin/assist/policy.ts';
import { startsOf } from '../../models/twin/release/arrivals.ts';
import { REPLAYS } from '../../models/twin/release/replay.ts';
import { releaseTimes } from '../../models/twin/release/release.ts';
import { chanceOfFailure, densityAlert, densityAt72, permuted, type Predictor, type Row } from '../../models/twin/trial/predictor.ts';
import type { Released } from '../../models/twin/trial/comparison.ts';
import { predictionReportOf, reportOf, type PlayedArm, type PredictionReport, type Report } from '../../models/twin/trial/report.ts';
import type { Arm, BatchResult } from '../../models/twin/trial/result.ts';
import { compareSetPoints } from '../../models/twin/trial/set-point-report.ts';
import { TRAINING_BATCHES, TRAINING_SEED } from '../../models/twin/trial/setting.ts';
import type { World } from '../../models/twin/worlds/world.ts';
import { openCrew, type Crew } from './crew.ts';
import { piecesOf, playAll, type Played } from './play.ts';

export type Trial = Readonly<{ world: World; seed: number; batches: number; arms: readonly Arm[]; workers: number; series: boolean; policy: PolicyName }>;
export type Tell = Readonly<{ step: (text: string) => void; played: (done: number) => void }>;

/** Arms whose records people read whole; the others are reviewed by exception. */
const READ_WHOLE: readonly Arm[] = ['baseline', 'pid', 'adaptive'];

/** One model of dealt-out outcomes leans one way or the other by chance; some together show that there is nothing to lean on. */
const [PERMUTATIONS, PERMUTED_ROWS] = [6, 600] as const;
/** Arms that differ in set-points only. */
const STEERED: readonly Arm[] = ['baseline', 'pid', 'adaptive'];

/** Replays that are handed to a worker at a time, at most. */
const REPLAYS_AT_ONCE = 5;

const releasedOf = async (crew: Crew, { world, seed, batches, workers }: Trial, arm: Arm, results: readonly BatchResult[]): Promise<PlayedArm> => {
  const starts = startsOf(world.release, seed, batches);
  const jobs = results.map(({ index, harvestHour, deviations, recommendations, failed }, i) => ({
    index, siteIndex: starts[i]?.siteIndex ?? 0, startDay: starts[i]?.startDay ?? 0, harvestHour, deviations, interventions: recommendations.filter(({ signed, kind }) => signed && kind === 'intervention').length, failed,
  }));
  const mode = READ_WHOLE.includes(arm) ? 'manual' : 'by-exception';
  const times = releaseTimes(world.release, jobs, mode, seed);
  const sum = (figure: 'entries' | 'read' | 'returned' | 'unseen'): number => times.reduce((total, each) => total + each[figure], 0);
  return {
    results: results.map((result, i) => ({ ...result, releasedAtDays: times[i]?.releasedAtDays })), review: { mode, entries: sum('entries'), read: sum('read'), returned: sum('returned'), unseen: sum('unseen') },
    replayedMeanDays: (await Promise.all(piecesOf(REPLAYS, workers, REPLAYS_AT_ONCE).map((piece) => crew.ask('replays', { jobs, mode, ...piece })))).flat(),
  };
};

/** Batches whose rows are handed to a worker at a time, at most. */
const ROWS_AT_ONCE = 60;
const rowsBy = async (crew: Crew, seed: number, batches: number, workers: number): Promise<readonly Row[]> => (await Promise.all(piecesOf(batches, workers, ROWS_AT_ONCE).map((piece) => crew.ask('rows', { seed, ...piece })))).flat();

/** The trial's own untouched batches, which the prediction has not learnt from, and predictors of dealt-out outcomes. */
type Judged = Readonly<{ rows: readonly Row[]; shuffled: readonly Predictor[] }>;
const judgedBy = async (crew: Crew, { seed, batches, workers }: Trial, learnt: readonly Row[]): Promise<Judged> => {
  const [shuffled, rows] = await Promise.all([
    Promise.all(Array.from({ length: PERMUTATIONS }, (_, i) => crew.ask('predictor', { rows: permuted(learnt.slice(0, PERMUTED_ROWS), TRAINING_SEED + 1 + i) }))),
    rowsBy(crew, seed, batches, workers),
  ]);
  return { shuffled, rows };
};

const predictionOf = (predictor: Predictor, { rows, shuffled }: Judged, baseline: readonly BatchResult[]): PredictionReport =>
  predictionReportOf(rows.map(({ features }) => ({ predicted: chanceOfFailure(predictor, features), densityAlert: densityAlert(predictor, features), densityMillionPerMl: densityAt72(features), permuted: shuffled.map((each) => chanceOfFailure(each, features)) })), baseline.map(({ failed }) => failed), predictor.threshold);

/** Train and play. What the prediction is judged on is worked out beside its training, which is one worker's. */
const play = async (crew: Crew, trial: Trial, tell: Tell, trainingBatches: number): Promise<Readonly<{ predictor: Predictor; played: Played; judged: Judged | undefined }>> => {
  const { world, seed, batches, arms, workers, series, policy } = trial;
  const startDays = startsOf(world.release, seed, batches).map(({ startDay }) => startDay);
  const [releaseTable, learnt] = await Promise.all([crew.ask('releaseTable', null), rowsBy(crew, TRAINING_SEED, trainingBatches, workers)]);
  const trained = async (): Promise<Readonly<{ predictor: Predictor; played: Played }>> => {
    const predictor = await crew.ask('predictor', { rows: learnt });
    return { predictor, played: await playAll(crew, { predictor, seed, arms, series, policy, releaseTable, startDays }, batches, workers, tell.played) };
  };
  const [outcome, judged] = await Promise.all([trained(), arms.includes('baseline') ? judgedBy(crew, trial, learnt) : undefined]);
  return { ...outcome, judged };
};

type Outcome = Readonly<{ report: Report; results: ReadonlyMap<Arm, readonly Released[]> }>;

/** Let release times emerge, play them again as often as their interval needs, and compare. */
const compare = async (crew: Crew, trial: Trial, tell: Tell, { predictor, judged, played: { byArm } }: Awaited<ReturnType<typeof play>>): Promise<Outcome> => {
  const { world, seed, arms, policy } = trial;
  tell.step(`comparing; the release of each arm is played ${REPLAYS} times again`);
  const released = new Map(await Promise.all([...byArm].map(async ([arm, each]) => [arm, await releasedOf(crew, trial, arm, each)] as const)));
  const baseline = byArm.get('baseline');
  const prediction = baseline === undefined || judged === undefined ? undefined : predictionOf(predictor, judged, baseline);
  const report = reportOf({ world: world.name, seed, policy }, released, prediction);
  const steered = arms.includes('pid') || arms.includes('adaptive') ? { setPoints: compareSetPoints(world, seed, new Map([...byArm].filter(([arm]) => STEERED.includes(arm)))).arms } : {};
  return { report: { ...report, ...steered }, results: new Map([...released].map(([arm, { results }]) => [arm, results])) };
};

/** Train, play every arm, and compare. `trainingBatches` is fewer in tests only. */
export const runTrial = async (trial: Trial, tell: Tell, trainingBatches = TRAINING_BATCHES): Promise<Outcome> => {
  tell.step(`training the 72-hour prediction on ${trainingBatches} untouched batches of other seeds`);
  const crew = openCrew(trial.world, trial.workers);
  try {
    const played = await play(crew, trial, tell, trainingBatches);
    const { readings, missing } = played.played;
    if (trial.series) tell.step(`${readings.toLocaleString('en-GB')} readings of all sensors, one a minute; ${missing.toLocaleString('en-GB')} not given`);
    return await compare(crew, trial, tell, played);
  } finally {
    await crew.close();
  }
};
