import type { Conditions } from './conditions.ts';
import { KINETICS } from './kinetics.ts';
import { STATE } from './state.ts';

const TRANSFER = KINETICS.oxygenTransfer.value;
const UPTAKE = KINETICS.oxygenUptake.value / KINETICS.oxygenSolubility.value;
const HALF = KINETICS.oxygenUptakeHalf.value;
const [BICARBONATE, SOLUBILITY, ACID] = [KINETICS.bicarbonate.value, KINETICS.carbonDioxideSolubility.value, KINETICS.acidConstant.value];
const [CO2_HIGHEST, CO2_LOWEST] = [KINETICS.carbonDioxideHighest.value, KINETICS.carbonDioxideLowest.value];
const LAG = KINETICS.temperatureLagHours.value;
const LEAST_BICARBONATE = KINETICS.bicarbonateLowest.value;

/** Chamber temperature, °C: first-order approach to the target since the last change. */
export const temperatureAt = ({ temperatureTarget, temperatureFrom, temperatureFromHour }: Conditions, hour: number): number =>
  temperatureTarget === temperatureFrom ? temperatureTarget : temperatureTarget + (temperatureFrom - temperatureTarget) * Math.exp(-(hour - temperatureFromHour) / LAG);

/** What the probe shows above the truth at an hour. */
export const phOffsetAt = ({ phOffset, phOffsetPerHour, phOffsetFromHour }: Conditions, hour: number): number => phOffset + phOffsetPerHour * (hour - phOffsetFromHour);

/**
 * True pH, from what is left of the buffer and the CO2 the controller gives (Henderson and Hasselbalch).
 *
 * Fresh medium brings bicarbonate and takes lactate and ammonia away in the same stream, so bicarbonate = its value in medium − lactate + ammonia.
 * The controller sees the probe, not the truth: it aims at the set-point less the probe's offset, within the CO2 it can give.
 */
export const phOf = (lactate: number, ammonia: number, setPoint: number, probeOffset: number): number => {
  const bicarbonate = Math.max(LEAST_BICARBONATE, BICARBONATE - lactate + ammonia);
  const wanted = bicarbonate / (SOLUBILITY * 10 ** (setPoint - probeOffset - ACID));
  const pressure = Math.min(CO2_HIGHEST, Math.max(CO2_LOWEST, wanted));
  return ACID + Math.log10(bicarbonate / (SOLUBILITY * pressure));
};

/** Partial pressure of CO2 the controller asks for, mmHg. */
export const carbonDioxideOf = (lactate: number, ammonia: number, setPoint: number, probeOffset: number): number => {
  const bicarbonate = Math.max(LEAST_BICARBONATE, BICARBONATE - lactate + ammonia);
  return Math.min(CO2_HIGHEST, Math.max(CO2_LOWEST, bicarbonate / (SOLUBILITY * 10 ** (setPoint - probeOffset - ACID))));
};

/**
 * Dissolved oxygen, % air saturation, at the balance of transfer and uptake (reached in minutes): kLa (S − O) = q X O / (K + O).
 *
 * At the set-point when the gas supply suffices, else the positive root of the quadratic at the highest supply.
 */
export const oxygenOf = (viableCells: number, { oxygenSetPoint, oxygenHighest, transferFactor }: Pick<Conditions, 'oxygenSetPoint' | 'oxygenHighest' | 'transferFactor'>): number => {
  const transfer = TRANSFER * transferFactor;
  const demand = UPTAKE * Math.max(0, viableCells);
  const needed = oxygenSetPoint + (demand * oxygenSetPoint) / (transfer * (HALF + oxygenSetPoint));
  if (needed <= oxygenHighest) return oxygenSetPoint;
  const b = HALF + demand / transfer - oxygenHighest;
  return 0.5 * (-b + Math.sqrt(b * b + 4 * HALF * oxygenHighest));
};

export const viableCellsOf = (state: Float64Array): number => (state[STATE.restingCells] ?? 0) + (state[STATE.cyclingCells] ?? 0) + (state[STATE.otherCells] ?? 0);
