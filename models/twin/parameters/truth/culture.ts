import { breathing, carbonDioxideOf, contaminantLoad, oxygenOf, phOf, phOffsetAt, temperatureAt } from '../../culture/environment.ts';
import { MINUTES_AN_HOUR } from '../../culture/culture.ts';
import { KINETICS } from '../../culture/kinetics.ts';
import { STATE, type StateName } from '../../culture/state.ts';
import { momentary, type BatchRun, type Signal } from '../run.ts';
import type { Stretch } from '../stretches.ts';

/** What a chamber full of contaminant adds to turbidity; assumed. All else it does is in the core. */
const CONTAMINANT_TURBIDITY = 3;
const [UPTAKE_MMOL_PER_HOUR_PER_BILLION, HALF_PERCENT_AIR, TRANSFER_PER_HOUR, SOLUBILITY_MMOL_PER_L_PER_PERCENT_AIR] = [KINETICS.oxygenUptakeMmolPerHourPerBillion.value, KINETICS.oxygenUptakeHalfPercentAir.value, KINETICS.oxygenTransferPerHour.value, KINETICS.oxygenSolubilityMmolPerLPerPercentAir.value];

const component = (name: StateName, cause: string): Signal => momentary(cause, ({ record, points }) => record.values.subarray(STATE[name] * points, (STATE[name] + 1) * points));

export const glucoseMmolPerL = component('glucoseMmolPerL', 'uptake by the cells, feed');
export const lactateMmolPerL = component('lactateMmolPerL', 'made from glucose, washed out by feed');
export const glutamineMmolPerL = component('glutamineMmolPerL', 'uptake, own breakdown, feed');
export const ammoniaMmolPerL = component('ammoniaMmolPerL', 'made from glutamine, washed out by feed');
export const interleukin2IuPerMl = component('interleukin2IuPerMl', 'uptake, feed');
export const volumeMl = component('volumeMl', 'additions, difference of feed and waste');
export const deadMillionPerMl = component('deadCellsMillionPerMl', 'death less lysis');
export const cyclingMillionPerMl = component('cyclingCellsMillionPerMl', 'growth of activated T cells');

/** Fill minute by minute inside each stretch; minutes count from the run's first one, hours from activation. */
export const each = (run: BatchRun, value: (minute: number, stretch: Stretch, hour: number) => number): Float64Array => {
  const out = new Float64Array(run.points);
  for (const stretch of run.stretches) for (let minute = stretch.fromMinute; minute < stretch.toMinute; minute += 1) out[minute] = value(minute, stretch, (run.firstMinute + minute) / MINUTES_AN_HOUR);
  return out;
};

export const viableMillionPerMl = momentary('growth less death of all viable cells', (run) => {
  const { values, points } = run.record;
  const [resting, active, other] = [STATE.restingCellsMillionPerMl * points, STATE.cyclingCellsMillionPerMl * points, STATE.otherCellsMillionPerMl * points];
  return each(run, (minute) => (values[resting + minute] ?? 0) + (values[active + minute] ?? 0) + (values[other + minute] ?? 0));
});
export const allCellsMillionPerMl = momentary('viable and dead cells', (run) => {
  const [living, lost] = [viableMillionPerMl.of(run), deadMillionPerMl.of(run)];
  return each(run, (minute) => (living[minute] ?? 0) + (lost[minute] ?? 0));
});
export const viabilityPercent = momentary('viable of all cells, %', (run) => {
  const [living, all] = [viableMillionPerMl.of(run), allCellsMillionPerMl.of(run)];
  return each(run, (minute) => (100 * (living[minute] ?? 0)) / Math.max(1e-9, all[minute] ?? 0));
});
/** Capacitance sees volume of living cells: blasts are larger than resting cells. pF/cm. */
export const capacitancePfPerCm = momentary('viable cell volume; blasts count more than resting cells', (run) => {
  const [living, active] = [viableMillionPerMl.of(run), cyclingMillionPerMl.of(run)];
  return each(run, (minute) => 0.45 * (living[minute] ?? 0) + 0.45 * (active[minute] ?? 0));
});

/** Load of a contaminant, share of the most the chamber holds. */
export const contaminantLoadShare = momentary('contamination fault, glucose, washing out', (run) => {
  const { values, points } = run.record;
  return each(run, (minute, { conditions }) => contaminantLoad(values[STATE.contaminantDoublings * points + minute] ?? 0, conditions));
});

export const turbidityAu = momentary('cells, dead ones less; contaminant', (run) => {
  const [living, lost, load] = [viableMillionPerMl.of(run), deadMillionPerMl.of(run), contaminantLoadShare.of(run)];
  return each(run, (minute) => 0.02 + 0.12 * (living[minute] ?? 0) + 0.07 * (lost[minute] ?? 0) + CONTAMINANT_TURBIDITY * (load[minute] ?? 0));
});

export const temperatureCelsius = momentary('heating, temperature fault', (run) => each(run, (_, { conditions }, hour) => temperatureAt(conditions, hour)));

export const ph = momentary('true pH: bicarbonate, lactate, ammonia, CO2 given', (run) => {
  const [acid, base] = [lactateMmolPerL.of(run), ammoniaMmolPerL.of(run)];
  return each(run, (minute, { conditions }, hour) => phOf(Math.max(0, acid[minute] ?? 0), Math.max(0, base[minute] ?? 0), conditions.phSetPoint, phOffsetAt(conditions, hour)));
});
/** The controller holds this one at its set-point, so a probe that drifts up drives the truth down. */
export const phOfController = momentary('true pH and the drift of the control probe', (run) => {
  const truth = ph.of(run);
  return each(run, (minute, { conditions }, hour) => (truth[minute] ?? 0) + phOffsetAt(conditions, hour));
});
export const carbonDioxideMmHg = momentary('CO2 the pH controller gives, mmHg', (run) => {
  const [acid, base] = [lactateMmolPerL.of(run), ammoniaMmolPerL.of(run)];
  return each(run, (minute, { conditions }, hour) => carbonDioxideOf(Math.max(0, acid[minute] ?? 0), Math.max(0, base[minute] ?? 0), conditions.phSetPoint, phOffsetAt(conditions, hour)));
});

export const oxygenPercentAir = momentary('balance of transfer and uptake of cells and contaminant, pressure of the gas line', (run) => {
  const [living, load] = [viableMillionPerMl.of(run), contaminantLoadShare.of(run)];
  return each(run, (minute, { conditions }, hour) => oxygenOf(breathing(living[minute] ?? 0, load[minute] ?? 0), conditions, hour));
});
/** mmol/L/h. */
export const oxygenUptakeMmolPerLPerHour = momentary('respiration of viable cells and contaminant', (run) => {
  const [living, level, load] = [viableMillionPerMl.of(run), oxygenPercentAir.of(run), contaminantLoadShare.of(run)];
  return each(run, (minute) => UPTAKE_MMOL_PER_HOUR_PER_BILLION * breathing(living[minute] ?? 0, load[minute] ?? 0) * ((level[minute] ?? 0) / (HALF_PERCENT_AIR + (level[minute] ?? 0))));
});
/** Oxygen the gas must hold for the set-point asked for, in % of the most the equipment may give; over 100 the set-point can not be held. */
export const oxygenDemandPercent = momentary('uptake over transfer at the set-point asked for', (run) => {
  const used = oxygenUptakeMmolPerLPerHour.of(run);
  return each(run, (minute, { conditions, control }) => (100 * (control.oxygenSetPointPercentAir + (used[minute] ?? 0) / (SOLUBILITY_MMOL_PER_L_PER_PERCENT_AIR * TRANSFER_PER_HOUR * conditions.transferFactor))) / control.oxygenHighestPercentAir);
});
