import { streamOf } from '../../random/streams.ts';
import { answersFrom } from '../assist/scientist.ts';
import { steer, steerAt, type Surroundings } from '../control/adaptive.ts';
import { highestFeedFactor } from '../control/medium.ts';
import { GAINS, pidStep, type Gains, type PidState } from '../control/pid.ts';
import { actionsTo, FIRST_DECISION_HOUR, setPointsAt } from '../control/set-points.ts';
import { advance, recordFor, startOf } from '../culture/culture.ts';
import type { Batch } from '../draw/batch.ts';
import type { Action } from '../recipe/action.ts';
import { timelineOf } from '../recipe/timeline.ts';
import { knownOf } from '../seen/known.ts';
import { openWatch, readAt } from '../seen/reading.ts';
import type { Reading } from '../seen/sensors.ts';
import { nextRound } from '../seen/rounds.ts';
import type { World } from '../worlds/world.ts';
import { deviationsOf, harvestAt } from './finish.ts';
import type { Arm, BatchResult } from './result.ts';
import type { Setting } from './setting.ts';

/**
 * Run a batch to the recipe's harvest under a controller that is shown each reading and adds to `actions`. Readings are those of the assisted arm.
 *
 * The product is grown again in one go under what was done, so that a controller that does nothing leaves the recipe's batch to the last bit.
 */
const playControlled = (world: World, batch: Batch, actions: readonly Action[], control: (reading: Reading) => void): Omit<BatchResult, 'arm' | 'recommendations'> => {
  const { harvestHour } = world.recipe;
  const culture = startOf(world, batch);
  const record = recordFor(harvestHour);
  const watch = openWatch(world, batch, record);
  for (let hour = nextRound(); hour < harvestHour; hour = nextRound(hour)) {
    advance(culture, batch.donor.traits, timelineOf(world, batch, actions), hour, record);
    control(readAt(watch, actions, hour));
  }
  const { measured, failed, causes } = harvestAt(world, batch, startOf(world, batch), actions, harvestHour);
  return { index: batch.index, failed, causes, measured, harvestHour, predicted: Number.NaN, alerted: false, actions, deviations: deviationsOf(world, batch, harvestHour) };
};

/** The recipe with its feed under a PID controller on measured glucose and lactate: moves the pump by itself, asks nobody, sees nothing else. */
export const playPid = (world: World, batch: Batch, gains: Gains = GAINS): BatchResult => {
  const actions: Action[] = [];
  let state: PidState | undefined;
  const control = (reading: Reading): void => {
    const { hour } = reading;
    if (hour < FIRST_DECISION_HOUR) return;
    const held = setPointsAt(world, actions, hour);
    const step = pidStep(gains, state, reading, highestFeedFactor(world, actions, hour));
    state = step.state;
    actions.push(...actionsTo(held, { ...held, feedFactor: step.factor }, hour));
  };
  return { ...playControlled(world, batch, actions, control), arm: 'pid', recommendations: [] };
};

/**
 * The recipe with feed and oxygen under receding-horizon advice; harvest, repairs and everything else as the recipe has it.
 *
 * @param answer how a scientist answers; the twin's own unless a test stands in
 */
export const playAdaptive = ({ world, library, particles }: Pick<Setting, 'world' | 'library' | 'particles'>, batch: Batch, answer: Surroundings['answer'] = answersFrom(world.release.activationHour)): BatchResult => {
  const steered = steer(knownOf(world, batch));
  const surroundings: Surroundings = { library, particles, answer, stream: (purpose) => streamOf(batch.seed, batch.index, `set-points/${purpose}`) };
  const control = (reading: Reading): void => {
    steered.readings.push(reading);
    steerAt(world, steered, surroundings);
  };
  return { ...playControlled(world, batch, steered.actions, control), arm: 'adaptive' satisfies Arm, recommendations: steered.advice };
};
