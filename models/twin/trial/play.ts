import { DomainError } from '../../../shared/errors.ts';
import { streamOf } from '../../random/streams.ts';
import { adviseAt, openCourse, type Course } from '../assist/assistant.ts';
import { featuresAt72 } from '../assist/features.ts';
import { CHECKPOINT_HOURS } from '../assist/hours.ts';
import { EXTENSION_HOURS } from '../assist/plans.ts';
import { readCulture } from '../assist/reading.ts';
import { advance, startOf } from '../culture/culture.ts';
import { drawBatch, type Batch } from '../draw/batch.ts';
import type { Cause } from '../outcome/verdict.ts';
import { timelineOf } from '../recipe/timeline.ts';
import { deviationsOf, harvestAt } from './finish.ts';
import { playOracle } from './oracle.ts';
import { chanceOfFailure, densityAlert } from './predictor.ts';
import type { Arm, BatchResult } from './result.ts';
import { playAdaptive, playPid } from './set-points.ts';
import type { Setting } from './setting.ts';

const FIRST_READING_HOUR = 24;

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

const endOf = ({ world }: Setting, course: Course): number => course.harvestHour ?? world.recipe.harvestHour + (course.extended ? EXTENSION_HOURS : 0);

const playAssisted = (setting: Setting, batch: Batch, arm: Arm): BatchResult => {
  const { world, library, particles, policy } = setting;
  const course = openCourse(batch);
  const culture = startOf(world, batch);
  const random = streamOf(batch.seed, batch.index, 'readings');
  let alert = { predicted: Number.NaN, alerted: false };
  for (let hour = FIRST_READING_HOUR; hour < endOf(setting, course) && course.stopHour === undefined; hour += CHECKPOINT_HOURS) {
    advance(culture, batch.donor.traits, timelineOf(world, batch, course.actions), hour);
    course.readings.push(readCulture(culture, random));
    if (hour === 72) alert = alertOf(setting, arm, course);
    adviseAt(world, library, batch, course, { alerted: alert.alerted, particles, policy });
  }
  const base = { index: batch.index, arm, ...alert, recommendations: course.advice, actions: course.actions };
  if (course.stopHour !== undefined) return { ...base, failed: true, causes: ['stopped'], measured: undefined, harvestHour: course.stopHour, deviations: deviationsOf(world, batch, course.stopHour) };
  const harvestHour = endOf(setting, course);
  const { measured, failed, causes } = harvestAt(world, batch, culture, course.actions, harvestHour);
  return { ...base, failed, causes, measured, harvestHour, deviations: deviationsOf(world, batch, harvestHour) };
};

const SOLVER: readonly Cause[] = ['solver'];

/**
 * Play one batch of a trial in one arm. The same seed and index are the same patient, lots, faults, unknown days and assay errors in every arm.
 *
 * A culture whose equations can not be solved is a failed batch with cause `solver`.
 */
export const playBatch = (setting: Setting, seed: number, index: number, arm: Arm): BatchResult => {
  const batch = drawBatch(setting.world, seed, index);
  try {
    switch (arm) {
      case 'baseline': return playBaseline(setting, batch);
      case 'oracle': return playOracle(setting.world, batch, setting.policy);
      case 'assisted': case 'threshold': case 'always': return playAssisted(setting, batch, arm);
      case 'pid': return playPid(setting.world, batch);
      case 'adaptive': return playAdaptive(setting, batch);
      default: return arm satisfies never;
    }
  } catch (error) {
    if (!(error instanceof DomainError) || !error.code.startsWith('solver-')) throw error;
    return { index, arm, failed: true, causes: SOLVER, measured: undefined, harvestHour: setting.world.recipe.harvestHour, predicted: Number.NaN, alerted: false, recommendations: [], actions: [], deviations: 1 };
  }
};
