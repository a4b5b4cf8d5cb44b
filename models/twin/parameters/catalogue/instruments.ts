import type { Group, Method, MinuteSeries, Sensor } from '../parameter.ts';
import type { Signal } from '../run.ts';

const IDEAL: Sensor = { noise: 0, relativeNoise: 0, step: 0.01, bias: 0, driftPerDay: 0, gapsPerDay: 0.02, gapMinutes: 4, latencyMinutes: 0, low: -Infinity, high: Infinity };
const instrument = (figures: Partial<Sensor>): Sensor => ({ ...IDEAL, ...figures });

/** Instruments of the catalogue, in the unit of what they measure. Usual figures of data sheets, rounded; assumed. */
export const INSTRUMENTS = {
  resistanceThermometer: instrument({ noise: 0.02, step: 0.01, bias: 0.03, driftPerDay: 0.002, low: -20, high: 120 }),
  roomThermometer: instrument({ noise: 0.05, step: 0.1, bias: 0.1, driftPerDay: 0.002, low: -20, high: 60 }),
  coldThermometer: instrument({ noise: 0.1, step: 0.1, bias: 0.3, driftPerDay: 0.005, low: -200, high: 40 }),
  phProbe: instrument({ noise: 0.01, step: 0.01, bias: 0.015, driftPerDay: 0.003, low: 2, high: 12 }),
  phPatch: instrument({ noise: 0.02, step: 0.01, bias: 0.03, driftPerDay: 0.006, gapsPerDay: 0.1, gapMinutes: 6, latencyMinutes: 1, low: 5.5, high: 8.5 }),
  oxygenProbe: instrument({ noise: 0.4, step: 0.1, bias: 0.5, driftPerDay: 0.08, low: 0, high: 500 }),
  oxygenPatch: instrument({ noise: 0.8, step: 0.1, bias: 1, driftPerDay: 0.2, gapsPerDay: 0.1, gapMinutes: 6, latencyMinutes: 1, low: 0, high: 250 }),
  carbonDioxideProbe: instrument({ noise: 0.5, step: 0.1, bias: 1, driftPerDay: 0.1, latencyMinutes: 3, low: 0, high: 200 }),
  enzymeSensor: instrument({ noise: 0.06, relativeNoise: 0.005, step: 0.05, bias: 0.08, driftPerDay: 0.03, gapsPerDay: 0.15, gapMinutes: 20, latencyMinutes: 5, low: 0, high: 60 }),
  raman: instrument({ noise: 0.08, relativeNoise: 0.02, step: 0.01, bias: 0.05, driftPerDay: 0.01, gapsPerDay: 0.2, gapMinutes: 30, latencyMinutes: 15, low: 0, high: 30 }),
  capacitanceProbe: instrument({ noise: 0.02, relativeNoise: 0.01, step: 0.01, bias: 0.02, driftPerDay: 0.005, gapsPerDay: 0.05, gapMinutes: 10, latencyMinutes: 1, low: 0, high: 400 }),
  turbidityProbe: instrument({ noise: 0.01, relativeNoise: 0.01, step: 0.01, bias: 0.01, driftPerDay: 0.004, low: 0, high: 10 }),
  calculated: instrument({ noise: 0.01, relativeNoise: 0.03, step: 0.001, latencyMinutes: 5, low: 0, high: 50 }),
  levelSensor: instrument({ noise: 0.05, step: 0.1, bias: 0.5, low: 0, high: 1000 }),
  conductivityProbe: instrument({ noise: 0.01, step: 0.01, bias: 0.03, driftPerDay: 0.004, low: 0, high: 100 }),
  tachometer: instrument({ noise: 0.3, step: 1, low: 0, high: 500 }),
  pumpTachometer: instrument({ noise: 0, step: 0.1, low: 0, high: 600 }),
  setting: instrument({ noise: 0, step: 0.01 }),
  liquidFlowMeter: instrument({ noise: 0.03, relativeNoise: 0.01, step: 0.01, bias: 0.02, gapsPerDay: 0.05, low: 0, high: 200 }),
  totaliser: instrument({ noise: 0.2, step: 1, bias: 0.5, low: 0, high: 1e5 }),
  gasFlowMeter: instrument({ noise: 0.05, step: 0.1, bias: 0.05, driftPerDay: 0.005, low: 0, high: 500 }),
  airFlowMeter: instrument({ noise: 0.1, step: 0.1, bias: 0.2, driftPerDay: 0.01, low: 0, high: 500 }),
  controllerOutput: instrument({ noise: 0.2, step: 0.1, low: 0, high: 100 }),
  pressureGauge: instrument({ noise: 0.05, step: 0.1, bias: 0.05, driftPerDay: 0.003, low: 0, high: 400 }),
  balance: instrument({ noise: 0.3, step: 1, bias: 0.5, low: 0, high: 6000 }),
  gasAnalyser: instrument({ noise: 0.03, step: 0.1, bias: 0.03, driftPerDay: 0.005, low: 0, high: 100 }),
  hygrometer: instrument({ noise: 0.3, step: 0.5, bias: 0.8, driftPerDay: 0.01, low: 0, high: 100 }),
  cabinetCounter: instrument({ noise: 1, relativeNoise: 0.5, step: 1, gapsPerDay: 0.1, gapMinutes: 10, low: 0, high: 1e7 }),
  roomCounter: instrument({ noise: 120, relativeNoise: 0.2, step: 1, gapsPerDay: 0.1, gapMinutes: 10, low: 0, high: 1e8 }),
  coarseCounter: instrument({ noise: 6, relativeNoise: 0.3, step: 1, gapsPerDay: 0.1, gapMinutes: 10, low: 0, high: 1e7 }),
  roomGauge: instrument({ noise: 0.3, step: 0.1, bias: 0.2, driftPerDay: 0.01, low: -100, high: 100 }),
  anemometer: instrument({ noise: 0.005, step: 0.01, bias: 0.01, low: 0, high: 5 }),
  ammeter: instrument({ noise: 1.5, step: 1, bias: 1, low: 0, high: 1e4 }),
  voltmeter: instrument({ noise: 0.1, step: 0.1, bias: 0.1, low: 0, high: 500 }),
  frequencyMeter: instrument({ noise: 0.002, step: 0.01, low: 40, high: 70 }),
  coarseMeter: instrument({ noise: 3, step: 1, bias: 5, low: 0, high: 1e5 }),
  fineMeter: instrument({ noise: 0.005, step: 0.01, bias: 0.005, low: 0, high: 1000 }),
  percentMeter: instrument({ noise: 0.1, step: 0.1, bias: 0.2, low: 0, high: 100 }),
  contact: instrument({ noise: 0, step: 1, low: 0, high: 1 }),
} as const;

/** Rows of one group: name, unit, true quantity, instrument, and how the quantity shows at this place. */
export const minuteRows = (group: Group) => (name: string, unit: string, signal: Signal, sensor: Sensor, { gain = 1, offset = 0 }: Readonly<{ gain?: number; offset?: number }> = {}): MinuteSeries =>
  ({ type: 'minute-series', name, unit, group, signal, sensor, gain, offset });

const EXACT: Method = { noise: 0, relativeNoise: 0, step: 1, low: -Infinity, high: Infinity, missedShare: 0, resultAfterHours: 0 };
export const method = (figures: Partial<Method>): Method => ({ ...EXACT, ...figures });

/** Methods of the laboratory. Usual repeatability; assumed. */
export const METHODS = {
  asRecorded: method({}),
  share: method({ noise: 1, step: 0.1, low: 0, high: 100, missedShare: 0.02, resultAfterHours: 4 }),
  count: method({ relativeNoise: 0.07, step: 0.01, low: 0, missedShare: 0.01, resultAfterHours: 1 }),
  viability: method({ noise: 1.5, step: 0.1, low: 0, high: 100, missedShare: 0.01, resultAfterHours: 1 }),
  metabolite: method({ noise: 0.03, relativeNoise: 0.02, step: 0.01, low: 0, missedShare: 0.02, resultAfterHours: 1 }),
  bloodGas: method({ noise: 0.01, step: 0.01, low: 0, missedShare: 0.02, resultAfterHours: 1 }),
  wide: method({ relativeNoise: 0.1, step: 0.01, low: 0, missedShare: 0.02, resultAfterHours: 24 }),
  certificate: method({ relativeNoise: 0.03, step: 0.01, low: 0 }),
  coarseCertificate: method({ relativeNoise: 0.08, step: 0.1, low: 0 }),
  clinical: method({ relativeNoise: 0.03, step: 0.1, low: 0, missedShare: 0.03 }),
} as const;
