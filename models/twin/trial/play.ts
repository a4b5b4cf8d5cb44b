import { adviseAt, endOf, openCourse, takenUp, type Course } from '../assist/assistant.ts';
import { featuresAt72 } from '../assist/features.ts';
import { answersFrom } from '../assist/scientist.ts';
import { advance, ifSolved, recordFor, startOf } from '../culture/culture.ts';
import { drawBatch, type Batch } from '../draw/batch.ts';
import { EXTENSION_HOURS } from '../recipe/action.ts';
import { timelineOf } from '../recipe/timeline.ts';
import { openWatch, readAt } from '../seen/reading.ts';
import { nextRound } from '../seen/rounds.ts';
import { deviationsOf, harvestAt, UNSOLVED } from './finish.ts';
import { playOracle } from './oracle.ts';
import { chanceOfFailure, densityAlert } from './predictor.ts';
import type { Arm, BatchResult } from './result.ts';
import { playAdaptive, playPid } from './set-points.ts';
import { aimFor, type Setting } from './setting.ts';

const playBaseline = ({ world }: Setting, batch: Batch): BatchResult => {
  const { harvestHour } = world.recipe;
  const { measured, failed, causes } = harvestAt(world, batch, startOf(world, batch), [], harvestHour);
  return { index: batch.index, arm: 'baseline', failed, causes, measured, harvestHour, predicted: Number.NaN, alerted: false, recommendations: [], actions: [], deviations: deviationsOf(world, batch, harvestHour) };
};

/** Whether hour 72 asks for a look-ahead, and the predicted chance of failure. */
const alertOf = ({ predictor }: Setting, arm: Arm, course: Course): Readonly<{ predicted: number; alerted: boolean }> => {
  const features = featuresAt72(course.known, course.readings);
  const predicted = chanceOfFailure(predictor, features);
  switch (arm) {
    case 'threshold': return { predicted, alerted: densityAlert(predictor, features) };
    case 'always': return { predicted, alerted: true };
    default: return { predicted, alerted: predicted >= predictor.threshold };
  }
};

/**
 * The recipe with everything the assistant proposes and a scientist signs.
 *
 * The product is grown again in one go under what was done, so that an assistant nobody heeds leaves the recipe's batch to the last bit.
 */
const playAssisted = (setting: Setting, batch: Batch, arm: Arm): BatchResult => {
  const { world, library, particles } = setting;
  const aim = aimFor(setting, batch.index);
  const answers = setting.answers ?? answersFrom(world.release.activationHour);
  const course = openCourse(world, batch);
  const culture = startOf(world, batch);
  const record = recordFor(world.recipe.harvestHour + EXTENSION_HOURS);
  const watch = openWatch(world, batch, record);
  let alert = { predicted: Number.NaN, alerted: false };
  for (let hour = nextRound(); hour < endOf(world, course) && course.stopHour === undefined; hour = nextRound(hour)) {
    advance(culture, batch.donor.traits, timelineOf(world, batch, course.actions), hour, record);
    course.readings.push(readAt(watch, course.actions, hour));
    if (hour === 72) alert = alertOf(setting, arm, course);
    adviseAt(world, library, batch, course, { alerted: alert.alerted, particles, aim, answers });
  }
  const ended = course.stopHour ?? endOf(world, course);
  const base = { index: batch.index, arm, ...alert, recommendations: takenUp(course.advice, ended), actions: course.actions.filter(({ hour }) => hour < ended) };
  if (course.stopHour !== undefined) return { ...base, failed: true, causes: ['stopped'], measured: undefined, harvestHour: course.stopHour, deviations: deviationsOf(world, batch, course.stopHour) };
  const harvestHour = ended;
  const { measured, failed, causes } = harvestAt(world, batch, startOf(world, batch), course.actions, harvestHour);
  return { ...base, failed, causes, measured, harvestHour, deviations: deviationsOf(world, batch, harvestHour) };
};

/** Play a batch in one arm. A culture whose equations can not be solved is a failed batch with cause `solver`. */
export const playDrawn = (setting: Setting, batch: Batch, arm: Arm): BatchResult => {
  const { index } = batch;
  const played = ifSolved(() => {
    switch (arm) {
      case 'baseline': return playBaseline(setting, batch);
      case 'oracle': return playOracle(setting.world, batch, { ...aimFor(setting, index), fine: true });
      case 'assisted': case 'threshold': case 'always': return playAssisted(setting, batch, arm);
      case 'pid': return playPid(setting.world, batch);
      case 'adaptive': return playAdaptive(setting, batch);
      default: return arm satisfies never;
    }
  });
  return played ?? { index, arm, failed: true, causes: UNSOLVED, measured: undefined, harvestHour: setting.world.recipe.harvestHour, predicted: Number.NaN, alerted: false, recommendations: [], actions: [], deviations: 1 };
};

/** Play one batch of a trial in one arm, as `playDrawn` does. The same seed and index are the same patient, lots, faults, unknown days and assay errors in every arm. */
export const playBatch = (setting: Setting, seed: number, index: number, arm: Arm): BatchResult => playDrawn(setting, drawBatch(setting.world, seed, index), arm);
