import { DomainError } from '../../../shared/errors.ts';
import type { Grid } from '../../ode/grid.ts';
import { createSolver } from '../../ode/solver.ts';
import type { Batch } from '../draw/batch.ts';
import type { Action } from '../recipe/action.ts';
import { checkAction, MOST_CULTURE_HOURS } from '../recipe/action.ts';
import { timelineOf, type Control, type Happening } from '../recipe/timeline.ts';
import type { World } from '../worlds/world.ts';
import type { CellTraits, Conditions } from './conditions.ts';
import { KINETICS } from './kinetics.ts';
import { cultureRates } from './rates.ts';
import { STATE, STATE_SIZE } from './state.ts';

export const MINUTES_AN_HOUR = 60;
/** Error allowed per step; the smallest quantity that matters is some 10^4 cells/mL or 10 µmol/L. */
export const CULTURE_TOLERANCE = { relative: 1e-4, absolute: 1e-5 } as const;

/** A running culture: where it is, and what acts on it now. Copy with `copyOf` to look ahead. */
export type Culture = { hour: number; readonly state: Float64Array; readonly conditions: Conditions; readonly control: Control };

const solver = createSolver(STATE_SIZE, CULTURE_TOLERANCE);

/** The culture at activation: selected cells in fresh medium with the activating reagent. */
export const startOf = ({ recipe }: World, { donor, operator, lots, equipment }: Batch): Culture => {
  const state = new Float64Array(STATE_SIZE);
  const viableMillionPerMl = (recipe.seedCellsMillion * operator.seedingFactor) / recipe.startVolumeMl;
  const homeCelsius = recipe.temperatureCelsius + equipment.temperatureOffsetCelsius;
  state[STATE.restingCellsMillionPerMl] = viableMillionPerMl * (1 - donor.otherShare);
  state[STATE.otherCellsMillionPerMl] = viableMillionPerMl * donor.otherShare;
  state[STATE.deadCellsMillionPerMl] = viableMillionPerMl * (1 / donor.startingViability - 1);
  state[STATE.stimulusShare] = 1;
  state[STATE.interleukin2IuPerMl] = recipe.interleukin2IuPerMl * lots.interleukin2Factor;
  state[STATE.glucoseMmolPerL] = recipe.feedGlucoseMmolPerL * lots.glucoseFactor;
  state[STATE.glutamineMmolPerL] = recipe.feedGlutamineMmolPerL;
  state[STATE.memoryShare] = donor.traits.startingMemoryShare;
  state[STATE.volumeMl] = recipe.startVolumeMl;
  const pressureBar = KINETICS.supplyPressureBar.value;
  const conditions: Conditions = {
    feedMlPerHour: 0, wasteMlPerHour: 0, feedGlucoseMmolPerL: recipe.feedGlucoseMmolPerL * lots.glucoseFactor, feedGlutamineMmolPerL: recipe.feedGlutamineMmolPerL, feedInterleukin2IuPerMl: recipe.feedInterleukin2IuPerMl * lots.interleukin2Factor,
    oxygenSetPointPercentAir: recipe.oxygenSetPointPercentAir, oxygenHighestPercentAir: recipe.oxygenHighestPercentAir, transferFactor: UNSHAKEN_SHARE * equipment.transferFactor, phSetPoint: recipe.phSetPoint, phOffset: 0, phOffsetPerHour: 0, phOffsetFromHour: 0,
    temperatureTargetCelsius: homeCelsius, temperatureFromCelsius: homeCelsius, temperatureFromHour: 0, supplyTargetBar: pressureBar, supplyFromBar: pressureBar, supplyFromHour: 0, contaminantPerHour: 0, growthFactor: lots.growthFactor,
  };
  const control: Control = { perfusionMlPerHour: 0, feedFactor: 1, pumpShare: 1, pumpFactor: equipment.pumpFactor, oxygenSetPointPercentAir: recipe.oxygenSetPointPercentAir, oxygenHighestPercentAir: recipe.oxygenHighestPercentAir };
  return { hour: 0, state, conditions, control };
};

export const UNSHAKEN_SHARE = KINETICS.stillTransferShare.value;

export const copyOf = ({ hour, state, conditions, control }: Culture): Culture => ({ hour, state: state.slice(), conditions: { ...conditions }, control: { ...control } });

/** Where a minute-by-minute solution goes: every component at `points` minutes from activation on, component-major. */
export type Record = Readonly<{ values: Float64Array; points: number }>;
export const recordFor = (hours: number): Record => {
  const points = Math.floor(hours * MINUTES_AN_HOUR) + 1;
  return { values: new Float64Array(points * STATE_SIZE), points };
};

/** The grid minutes in [from, to) of a stretch; the last stretch takes its end too. */
const gridOf = (record: Record, fromHour: number, toHour: number, closed: boolean): Grid => {
  const first = Math.ceil(fromHour * MINUTES_AN_HOUR - 1e-9);
  const last = closed ? Math.floor(toHour * MINUTES_AN_HOUR + 1e-9) : Math.ceil(toHour * MINUTES_AN_HOUR - 1e-9) - 1;
  return { values: record.values, points: record.points, offset: first, first: first / MINUTES_AN_HOUR, every: 1 / MINUTES_AN_HOUR, count: Math.max(0, Math.min(last, record.points - 1) - first + 1) };
};

/**
 * Carry a culture to an hour, through everything that happens on the way. What happens exactly at `toHour` is left for the next call.
 *
 * @param happenings in order of time; those before the culture's hour are passed over
 * @param record     filled minute by minute when given
 * @throws DomainError `solver-*` when the equations can not be solved; the culture is then of no use
 */
export const advance = (culture: Culture, traits: CellTraits, happenings: readonly Happening[], toHour: number, record?: Record): void => {
  const rates = cultureRates(traits, culture.conditions);
  const stretch = (untilHour: number, closed: boolean): void => {
    if (untilHour > culture.hour) solver.advance(rates, culture.state, culture.hour, untilHour, record === undefined ? undefined : gridOf(record, culture.hour, untilHour, closed));
    culture.hour = untilHour;
  };
  for (const { hour, apply } of happenings) {
    if (hour < culture.hour) continue;
    if (hour >= toHour) break;
    stretch(hour, false);
    apply(culture.state, culture.conditions, culture.control);
  }
  stretch(toHour, true);
};

/** Do something with cultures whose equations may have no solution. @returns undefined when that is so; any other error is thrown */
export const ifSolved = <Result>(work: () => Result): Result | undefined => {
  try {
    return work();
  } catch (error) {
    if (error instanceof DomainError && error.code.startsWith('solver-')) return undefined;
    throw error;
  }
};

/**
 * Grow one batch from activation to an hour under a list of actions.
 *
 * @param hours end of the culture, up to 480
 * @throws RangeError for an impossible action or length
 */
export const grow = (world: World, batch: Batch, actions: readonly Action[], hours: number, record?: Record): Culture => {
  if (!(hours > 0 && hours <= MOST_CULTURE_HOURS)) throw new RangeError(`hours: got ${hours}, want above 0, at most ${MOST_CULTURE_HOURS}`);
  actions.forEach(checkAction);
  const culture = startOf(world, batch);
  advance(culture, batch.donor.traits, timelineOf(world, batch, actions), hours, record);
  return culture;
};
