import type { Conditions } from '../culture/conditions.ts';
import { phOffsetAt, supplyPressureAt, temperatureAt } from '../culture/environment.ts';
import { KINETICS } from '../culture/kinetics.ts';
import { STATE } from '../culture/state.ts';
import type { Batch } from '../draw/batch.ts';
import type { Fault } from '../draw/fault.ts';
import type { World } from '../worlds/world.ts';
import type { Action } from './action.ts';

const FULL_PRESSURE_BAR = KINETICS.supplyPressureBar.value;

/** Something that changes a culture at one moment: its state (an addition), its conditions (a pump, a fault), or both. */
export type Happening = Readonly<{ hour: number; apply: (state: Float64Array, conditions: Conditions, control: Control) => void }>;

/** What was asked of the equipment, from which the conditions follow after its faults. */
export type Control = { perfusionMlPerHour: number; feedFactor: number; pumpShare: number; pumpFactor: number; oxygenSetPointPercentAir: number; oxygenHighestPercentAir: number };

const flow = (conditions: Conditions, control: Control): void => {
  conditions.feedMlPerHour = control.perfusionMlPerHour * control.feedFactor * control.pumpShare * control.pumpFactor;
  conditions.wasteMlPerHour = conditions.feedMlPerHour;
};
const gas = (conditions: Conditions, control: Control): void => {
  conditions.oxygenHighestPercentAir = control.oxygenHighestPercentAir;
  conditions.oxygenSetPointPercentAir = Math.min(control.oxygenSetPointPercentAir, control.oxygenHighestPercentAir);
};
const warm = (conditions: Conditions, hour: number, targetCelsius: number): void => {
  conditions.temperatureFromCelsius = temperatureAt(conditions, hour);
  conditions.temperatureFromHour = hour;
  conditions.temperatureTargetCelsius = targetCelsius;
};
/** A line that is no longer fed runs empty; one that is fed again is full at once. */
const supply = (conditions: Conditions, hour: number, targetBar: number): void => {
  conditions.supplyFromBar = targetBar < FULL_PRESSURE_BAR ? supplyPressureAt(conditions, hour) : targetBar;
  conditions.supplyFromHour = hour;
  conditions.supplyTargetBar = targetBar;
};
const drift = (conditions: Conditions, hour: number, perHour: number, offset: number): void => {
  Object.assign(conditions, { phOffset: offset, phOffsetFromHour: hour, phOffsetPerHour: perHour });
};

const DISSOLVED = [STATE.stimulusShare, STATE.interleukin2IuPerMl, STATE.glucoseMmolPerL, STATE.glutamineMmolPerL, STATE.lactateMmolPerL, STATE.ammoniaMmolPerL, STATE.vectorMillionTuPerMl] as const;

/** A contaminant is not kept with the cells: washing sets it back, at most to what came in. */
const washed = (state: Float64Array, keptShare: number): void => { state[STATE.contaminantDoublings] = Math.max(0, (state[STATE.contaminantDoublings] ?? 0) + Math.log2(keptShare)); };

/** Fresh medium in place of a share of the old, cells kept. */
const exchange = (state: Float64Array, conditions: Conditions, share: number): void => {
  for (const i of DISSOLVED) state[i] = (state[i] ?? 0) * (1 - share);
  washed(state, 1 - share);
  state[STATE.glucoseMmolPerL] = (state[STATE.glucoseMmolPerL] ?? 0) + share * conditions.feedGlucoseMmolPerL;
  state[STATE.glutamineMmolPerL] = (state[STATE.glutamineMmolPerL] ?? 0) + share * conditions.feedGlutamineMmolPerL;
  state[STATE.interleukin2IuPerMl] = (state[STATE.interleukin2IuPerMl] ?? 0) + share * conditions.feedInterleukin2IuPerMl;
};

/** Fresh medium on top: everything thins, what medium holds comes in. */
const add = (state: Float64Array, conditions: Conditions, volumeMl: number): void => {
  const beforeMl = state[STATE.volumeMl] ?? 0;
  const keptShare = beforeMl / (beforeMl + volumeMl);
  for (const i of [STATE.restingCellsMillionPerMl, STATE.cyclingCellsMillionPerMl, STATE.deadCellsMillionPerMl, STATE.otherCellsMillionPerMl]) state[i] = (state[i] ?? 0) * keptShare;
  exchange(state, conditions, 1 - keptShare);
  state[STATE.volumeMl] = beforeMl + volumeMl;
};

const recipeHappenings = ({ recipe }: World, { operator, lots, equipment, faults }: Batch): Happening[] => {
  const lateHours = operator.additionDelayHours;
  const activeShare = faults.find((fault) => fault.name === 'transduction')?.activeShare ?? 1;
  return [
    { hour: recipe.vectorHour + lateHours, apply: (state) => { state[STATE.vectorMillionTuPerMl] = (state[STATE.vectorMillionTuPerMl] ?? 0) + recipe.vectorDoseMillionTuPerMl * lots.vectorTitreFactor * activeShare; } },
    ...recipe.additions.map(({ hour, volumeMl }): Happening => ({ hour: hour + lateHours, apply: (state, conditions) => { add(state, conditions, volumeMl); } })),
    ...recipe.exchanges.map(({ hour, share }): Happening => ({ hour: hour + lateHours, apply: (state, conditions) => { exchange(state, conditions, share); } })),
    ...recipe.perfusion.map(({ fromHour, mlPerHour }): Happening => ({ hour: fromHour, apply: (_, conditions, control) => { control.perfusionMlPerHour = mlPerHour; flow(conditions, control); } })),
    { hour: recipe.shakenFromHour, apply: (_, conditions) => { conditions.transferFactor = equipment.transferFactor; } },
  ];
};

const dayHappenings = ({ dailyGrowthFactors, lots }: Batch): Happening[] => dailyGrowthFactors.map((factor, day) => ({ hour: 24 * day, apply: (_, conditions) => { conditions.growthFactor = factor * lots.growthFactor; } }));

const faultHappenings = ({ recipe }: World, { equipment }: Batch, fault: Fault, endHour: number): Happening[] => {
  const homeCelsius = recipe.temperatureCelsius + equipment.temperatureOffsetCelsius;
  switch (fault.name) {
    case 'feed-pump': return [
      { hour: fault.onsetHour, apply: (_, conditions, control) => { control.pumpShare = fault.flowShare; flow(conditions, control); } },
      { hour: endHour, apply: (_, conditions, control) => { control.pumpShare = 1; flow(conditions, control); } }];
    case 'gas-supply': return [
      { hour: fault.onsetHour, apply: (_, conditions) => { supply(conditions, fault.onsetHour, Math.min(fault.pressureBar, FULL_PRESSURE_BAR)); } },
      { hour: endHour, apply: (_, conditions) => { supply(conditions, endHour, FULL_PRESSURE_BAR); } }];
    case 'temperature': return [
      { hour: fault.onsetHour, apply: (_, conditions) => { warm(conditions, fault.onsetHour, homeCelsius + fault.offsetCelsius); } },
      { hour: endHour, apply: (_, conditions) => { warm(conditions, endHour, homeCelsius); } }];
    case 'ph-probe': return [
      { hour: fault.onsetHour, apply: (_, conditions) => { drift(conditions, fault.onsetHour, fault.driftPerHour, phOffsetAt(conditions, fault.onsetHour)); } },
      { hour: endHour, apply: (_, conditions) => { drift(conditions, endHour, 0, 0); } }];
    case 'contamination': return [{ hour: fault.onsetHour, apply: (_, conditions) => { conditions.contaminantPerHour = fault.doublingsPerHour; } }];
    case 'transduction': return []; // acts through the dose of vector
    default: return fault satisfies never;
  }
};

/** What an action does, at its hour; a repair acts through the end of its fault. */
export const actionHappening = (action: Action): readonly Happening[] => {
  switch (action.type) {
    case 'exchange-medium': return [{ hour: action.hour, apply: (state, conditions) => { exchange(state, conditions, action.share); } }];
    case 'set-feed-rate': return [{ hour: action.hour, apply: (_, conditions, control) => { control.feedFactor = action.factor; flow(conditions, control); } }];
    case 'add-interleukin-2': return [{ hour: action.hour, apply: (state) => { state[STATE.interleukin2IuPerMl] = (state[STATE.interleukin2IuPerMl] ?? 0) + action.iuPerMl; } }];
    case 'set-oxygen': return [{ hour: action.hour, apply: (_, conditions, control) => { control.oxygenSetPointPercentAir = action.setPointPercentAir; control.oxygenHighestPercentAir = action.highestPercentAir; gas(conditions, control); } }];
    case 'repair-equipment': case 'harvest': case 'stop': return [];
    default: return action satisfies never;
  }
};

/** When a fault ends: by ordinary rounds, or by the first repair of it after its onset if that comes sooner. */
const endOf = ({ name, onsetHour, repairHour }: Fault, actions: readonly Action[]): number =>
  actions.reduce((endHour, action) => (action.type === 'repair-equipment' && action.fault === name && action.hour > onsetHour ? Math.min(endHour, action.hour) : endHour), repairHour);

/** Everything that happens to a batch under a recipe and a list of actions, in order of time; what comes first in the list comes first at one hour. */
export const timelineOf = (world: World, batch: Batch, actions: readonly Action[]): readonly Happening[] => {
  const all = [
    ...dayHappenings(batch), ...recipeHappenings(world, batch),
    ...batch.faults.flatMap((fault) => faultHappenings(world, batch, fault, endOf(fault, actions))),
    ...actions.flatMap(actionHappening),
  ];
  return all.map((happening, i) => ({ happening, i })).sort((a, b) => a.happening.hour - b.happening.hour || a.i - b.i).map(({ happening }) => happening);
};
