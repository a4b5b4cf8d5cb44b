/**
 * Sensors of the catalogue that are read of a culture, by the name they have here. Units as in the catalogue. Apart from the catalogue itself, because a deployed function reads the same metrics from telemetry and does not carry it.
 */
export const SENSORS = {
  /** 10^6 viable cells/mL. */
  density: 'Bioreactor/Viable Cell Density', capacitance: 'Bioreactor/Capacitance', turbidity: 'Bioreactor/Turbidity',
  glucose: 'Bioreactor/Glucose', lactate: 'Bioreactor/Lactate', glutamine: 'Bioreactor/Glutamine', ammonia: 'Bioreactor/Ammonia',
  oxygen: 'Bioreactor/Dissolved Oxygen', temperature: 'Bioreactor/Temperature', phProbe: 'Bioreactor/pH', phPatch: 'Bioreactor/pH Optical Patch',
  /** Pressure in the oxygen line, bar. */
  oxygenSupply: 'Supply/O2 Pressure',
  /** mL/h: asked of the pump; seen by the flow meter. */
  feedAsked: 'Bioreactor/Perfusion Rate', feedFlow: 'Feed/Flow',
} as const;
export type SensorName = keyof typeof SENSORS;

/** Shares, 0 to 1, of the sample taken at an hour; NaN where a result is missing. `viability` of all cells, `cd3Positive` of viable ones, `carPositive` and `memory` of T cells. */
export type SampleSeen = Readonly<{ hour: number; viability: number; cd3Positive: number; carPositive: number; memory: number }>;

/**
 * What anyone who acts on a culture may see of it at one moment: sensors of the catalogue over the last hour, and the results of a sample that have come since the reading before. Never the state itself.
 *
 * Each sensor's value is the median of what it gave; NaN when it gave nothing, or nobody measures it. What is NaN weighs nothing.
 */
export type Reading = Readonly<Record<SensorName, number>> & Readonly<{ hour: number; sample: SampleSeen | undefined }>;

/** A sensor's value at a moment is the median of this long before it. */
export const READ_OVER_MINUTES = 60;

/** Median of what is a number; NaN when nothing is. */
export const medianOf = (values: Float64Array): number => {
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  const middle = known.length >> 1;
  return known.length % 2 === 1 ? known[middle] ?? Number.NaN : ((known[middle - 1] ?? Number.NaN) + (known[middle] ?? Number.NaN)) / 2;
};
