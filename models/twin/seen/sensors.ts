/**
 * Sensors of the catalogue that are read of a culture, by the name they have here. Units as in the catalogue. Apart from the catalogue itself, because a deployed function reads the same metrics from telemetry and does not carry it.
 */
export const SENSORS = {
  densityMillionPerMl: 'Bioreactor/Viable Cell Density', capacitancePfPerCm: 'Bioreactor/Capacitance', turbidityAu: 'Bioreactor/Turbidity',
  glucoseMmolPerL: 'Bioreactor/Glucose', lactateMmolPerL: 'Bioreactor/Lactate', glutamineMmolPerL: 'Bioreactor/Glutamine', ammoniaMmolPerL: 'Bioreactor/Ammonia',
  oxygenPercentAir: 'Bioreactor/Dissolved Oxygen', temperatureCelsius: 'Bioreactor/Temperature', phProbe: 'Bioreactor/pH', phPatch: 'Bioreactor/pH Optical Patch',
  /** Pressure in the oxygen line. */
  oxygenSupplyBar: 'Supply/O2 Pressure',
  /** Asked of the pump; seen by the flow meter. */
  feedAskedMlPerHour: 'Bioreactor/Perfusion Rate', feedFlowMlPerHour: 'Feed/Flow',
} as const;
export type SensorName = keyof typeof SENSORS;

/** Shares, 0 to 1, of the sample taken at an hour; NaN where a result is missing. `viability` of all cells, `cd3Positive` of viable ones, `carPositive` and `memory` of T cells. */
export type SampleSeen = Readonly<{ hour: number; viability: number; cd3Positive: number; carPositive: number; memoryShare: number }>;

/**
 * What anyone who acts on a culture may see of it at one moment: sensors of the catalogue over the last hour, and the results of a sample that have come since the reading before. Never the state itself.
 *
 * Each sensor's value is the median of what it gave; NaN when it gave nothing, or nobody measures it. What is NaN weighs nothing.
 */
export type Reading = Readonly<Record<SensorName, number>> & Readonly<{ hour: number; sample: SampleSeen | undefined }>;

/** A sensor's value at a moment is the median of this long before it. */
export const READ_OVER_MINUTES = 60;

/**
 * Put in the place `k` what would be there if the first `count` values were in order, what is less before it and what is more after it.
 *
 * @see Hoare 1961, Algorithm 65: Find, Commun. ACM 4(7), 321
 */
const find = (values: Float64Array, count: number, k: number): number => {
  const at = (i: number): number => values[i] ?? Number.NaN;
  let [low, high] = [0, count - 1];
  while (low < high) {
    const pivot = at(k);
    let [i, j] = [low, high];
    while (i <= j) {
      while (at(i) < pivot) i += 1;
      while (pivot < at(j)) j -= 1;
      if (i > j) break;
      const value = at(i);
      values[i] = at(j);
      values[j] = value;
      i += 1;
      j -= 1;
    }
    if (j < k) low = i;
    if (k < i) high = j;
  }
  return at(k);
};

/** Median of what is a number; NaN when nothing is. */
export const medianOf = (values: Float64Array): number => {
  const known = new Float64Array(values.length);
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    known[count] = value;
    count += 1;
  }
  if (count === 0) return Number.NaN;
  const middle = count >> 1;
  const upper = find(known, count, middle);
  if (count % 2 === 1) return upper;
  let lower = -Infinity;
  for (let i = 0; i < middle; i += 1) lower = Math.max(lower, known[i] ?? Number.NaN);
  return (lower + upper) / 2;
};
