import type { Conditions } from './conditions.ts';
import { KINETICS } from './kinetics.ts';
import { STATE } from './state.ts';

const TRANSFER_PER_HOUR = KINETICS.oxygenTransferPerHour.value;
const UPTAKE = KINETICS.oxygenUptakeMmolPerHourPerBillion.value / KINETICS.oxygenSolubilityMmolPerLPerPercentAir.value;
const HALF_PERCENT_AIR = KINETICS.oxygenUptakeHalfPercentAir.value;
const [BICARBONATE_MMOL_PER_L, SOLUBILITY_MMOL_PER_L_PER_MMHG, ACID] = [KINETICS.bicarbonateMmolPerL.value, KINETICS.carbonDioxideSolubilityMmolPerLPerMmHg.value, KINETICS.acidConstant.value];
const [CO2_HIGHEST_MMHG, CO2_LOWEST_MMHG] = [KINETICS.carbonDioxideHighestMmHg.value, KINETICS.carbonDioxideLowestMmHg.value];
const LAG_HOURS = KINETICS.temperatureLagHours.value;
const [FULL_DOUBLINGS, SUPPLY_LAG_HOURS] = [KINETICS.contaminantDoublings.value, KINETICS.supplyFallHours.value];
const [REGULATOR_BAR, RICHEST_PERCENT_AIR] = [KINETICS.regulatorPressureBar.value, KINETICS.oxygenAtRegulatorPercentAir.value];
/** Viable cells, 10^6/mL, that respire as much as a chamber full of contaminant. */
const CONTAMINANT_BREATH_MILLION_PER_ML = KINETICS.contaminantOxygenMmolPerLPerHour.value / KINETICS.oxygenUptakeMmolPerHourPerBillion.value;
const LEAST_BICARBONATE_MMOL_PER_L = KINETICS.bicarbonateLowestMmolPerL.value;

/** Chamber temperature, °C: first-order approach to the target since the last change. */
export const temperatureAt = ({ temperatureTargetCelsius, temperatureFromCelsius, temperatureFromHour }: Conditions, hour: number): number =>
  temperatureTargetCelsius === temperatureFromCelsius ? temperatureTargetCelsius : temperatureTargetCelsius + (temperatureFromCelsius - temperatureTargetCelsius) * Math.exp(-(hour - temperatureFromHour) / LAG_HOURS);

/** Pressure in the chamber's gas line, bar: falls towards what a failing supply still holds. */
export const supplyPressureAt = ({ supplyTargetBar, supplyFromBar, supplyFromHour }: Conditions, hour: number): number =>
  supplyTargetBar === supplyFromBar ? supplyTargetBar : supplyTargetBar + (supplyFromBar - supplyTargetBar) * Math.exp(-(hour - supplyFromHour) / SUPPLY_LAG_HOURS);

/** Share of its full flow that a line of this pressure drives through the chamber's restrictor: all of it while the regulator holds, then in proportion. */
export const gasShareOf = (supplyPressureBar: number): number => Math.min(1, supplyPressureBar / REGULATOR_BAR);

/** Load of a contaminant, share of the most the chamber holds, from its doublings since it came in. */
export const contaminantLoad = (doublings: number, { contaminantPerHour }: Pick<Conditions, 'contaminantPerHour'>): number => (contaminantPerHour > 0 ? Math.min(1, 2 ** (doublings - FULL_DOUBLINGS)) : 0);

/** Cells that would breathe as much as cells and contaminant do together, 10^6/mL. */
export const breathing = (viableCellsMillionPerMl: number, loadShare: number): number => Math.max(0, viableCellsMillionPerMl) + CONTAMINANT_BREATH_MILLION_PER_ML * loadShare;

/** What the probe shows above the truth at an hour. */
export const phOffsetAt = ({ phOffset, phOffsetPerHour, phOffsetFromHour }: Conditions, hour: number): number => phOffset + phOffsetPerHour * (hour - phOffsetFromHour);

/** Bicarbonate over dissolved CO2 at a pH (Henderson and Hasselbalch). */
export const bufferRatioAt = (ph: number): number => 10 ** (ph - ACID);
/** pH of a ratio of bicarbonate to dissolved CO2. */
export const phAtRatio = (bufferRatio: number): number => ACID + Math.log10(bufferRatio);

/**
 * Bicarbonate over dissolved CO2 as it is, from what is left of the buffer and the CO2 the controller gives to reach the ratio it wants, within what it can.
 *
 * Fresh medium brings bicarbonate and takes lactate and ammonia away in the same stream, so bicarbonate = its value in medium − lactate + ammonia.
 */
export const bufferRatioOf = (lactateMmolPerL: number, ammoniaMmolPerL: number, wantedRatio: number): number => {
  const bicarbonateMmolPerL = Math.max(LEAST_BICARBONATE_MMOL_PER_L, BICARBONATE_MMOL_PER_L - lactateMmolPerL + ammoniaMmolPerL);
  const wantedMmHg = bicarbonateMmolPerL / (SOLUBILITY_MMOL_PER_L_PER_MMHG * wantedRatio);
  const pressureMmHg = Math.min(CO2_HIGHEST_MMHG, Math.max(CO2_LOWEST_MMHG, wantedMmHg));
  return bicarbonateMmolPerL / (SOLUBILITY_MMOL_PER_L_PER_MMHG * pressureMmHg);
};

/** True pH. The controller sees the probe, not the truth: it aims at the set-point less the probe's offset. */
export const phOf = (lactateMmolPerL: number, ammoniaMmolPerL: number, setPoint: number, probeOffset: number): number => phAtRatio(bufferRatioOf(lactateMmolPerL, ammoniaMmolPerL, bufferRatioAt(setPoint - probeOffset)));

/** Partial pressure of CO2 the controller asks for, mmHg. */
export const carbonDioxideOf = (lactateMmolPerL: number, ammoniaMmolPerL: number, setPoint: number, probeOffset: number): number => {
  const bicarbonateMmolPerL = Math.max(LEAST_BICARBONATE_MMOL_PER_L, BICARBONATE_MMOL_PER_L - lactateMmolPerL + ammoniaMmolPerL);
  return Math.min(CO2_HIGHEST_MMHG, Math.max(CO2_LOWEST_MMHG, bicarbonateMmolPerL / (SOLUBILITY_MMOL_PER_L_PER_MMHG * bufferRatioAt(setPoint - probeOffset))));
};

/**
 * Dissolved oxygen, % air saturation, at the balance of transfer and uptake (reached in minutes): kLa (S − O) = q X O / (K + O).
 *
 * At the set-point when the gas suffices, else the positive root of the quadratic at the highest supply: what is asked of the gas, or what the line's pressure leaves of it.
 *
 * @param breathingCellsMillionPerMl what respires, as viable cells (`breathing`)
 */
export const oxygenOf = (breathingCellsMillionPerMl: number, conditions: Conditions, hour: number): number => {
  const { oxygenHighestPercentAir, transferFactor } = conditions;
  const highestPercentAir = Math.min(oxygenHighestPercentAir, RICHEST_PERCENT_AIR * gasShareOf(supplyPressureAt(conditions, hour)));
  const wantedPercentAir = Math.min(conditions.oxygenSetPointPercentAir, highestPercentAir);
  const transferPerHour = TRANSFER_PER_HOUR * transferFactor;
  const demandPercentAirPerHour = UPTAKE * breathingCellsMillionPerMl;
  const neededPercentAir = wantedPercentAir + (demandPercentAirPerHour * wantedPercentAir) / (transferPerHour * (HALF_PERCENT_AIR + wantedPercentAir));
  if (neededPercentAir <= highestPercentAir) return wantedPercentAir;
  const b = HALF_PERCENT_AIR + demandPercentAirPerHour / transferPerHour - highestPercentAir;
  return 0.5 * (-b + Math.sqrt(b * b + 4 * HALF_PERCENT_AIR * highestPercentAir));
};

export const viableCellsOf = (state: Float64Array): number => (state[STATE.restingCellsMillionPerMl] ?? 0) + (state[STATE.cyclingCellsMillionPerMl] ?? 0) + (state[STATE.otherCellsMillionPerMl] ?? 0);
