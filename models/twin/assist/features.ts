import type { Known } from '../seen/known.ts';
import type { Reading, SampleSeen } from '../seen/sensors.ts';
import { FIRST_HOURS } from '../seen/rounds.ts';

/** Sensors looked at on the last two days; density at every round. */
const READ = ['capacitancePfPerCm', 'turbidityAu', 'glucoseMmolPerL', 'lactateMmolPerL', 'ammoniaMmolPerL'] as const;
const SAMPLED = ['viability', 'carPositive', 'cd3Positive', 'memoryShare'] as const;
/** Samples whose results are in by hour 72. */
const SAMPLE_HOURS = [24, 48] as const;
const RECORDED = ['weightKg', 'startingViability', 'startingCd3Share', 'startingMemoryShare', 'vectorTitreFactor', 'interleukin2Factor', 'supportFactor', 'seedingFactor'] as const;
/** Findings in the patient and the collection that may tell how fit the cells are. */
const FINDINGS = [
  'Patient/Age', 'Patient/Lines of Therapy', 'Patient/C-Reactive Protein', 'Patient/Lactate Dehydrogenase', 'Patient/Ferritin', 'Patient/Haemoglobin', 'Patient/Platelets', 'Patient/Lymphocytes', 'Patient/CD3', 'Collection/CD3', 'Collection/Hours Since', 'Start/CD4 to CD8',
] as const;

/** Names of the features of the 72-hour prediction, in the order of `featuresAt72`. */
export const FEATURES_AT_72: readonly string[] = [
  ...FIRST_HOURS.map((hour) => `density at ${hour} h`), ...[48, 72].flatMap((hour) => READ.map((name) => `${name} at ${hour} h`)), 'growth from 24 to 72 h, 1/h', 'growth from 48 to 72 h, 1/h', 'glucose used per cell', 'lactate per glucose', 'largest departure of temperature, °C', 'largest departure of pH probe',
  'lowest oxygen, %', ...SAMPLE_HOURS.flatMap((hour) => SAMPLED.map((name) => `${name} of the sample at ${hour} h`)), 'prior bendamustine', ...RECORDED, ...FINDINGS,
];

const farthest = (readings: readonly Reading[], pick: (reading: Reading) => number): number => readings.map(pick).filter(Number.isFinite).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/**
 * What the 72-hour prediction sees: readings up to hour 72, samples whose results were in by then, and the record of the starting material. Later readings are not looked at; NaN where a sensor or a test gave nothing.
 *
 * @throws RangeError when a reading of the first 72 hours was not taken
 */
export const featuresAt72 = (known: Known, readings: readonly Reading[]): readonly number[] => {
  const early = readings.filter(({ hour }) => hour <= 72);
  const at = FIRST_HOURS.map((hour) => {
    const reading = early.find((each) => each.hour === hour);
    if (reading === undefined) throw new RangeError(`readings: got none at hour ${hour}, want one`);
    return reading;
  });
  const [first, middle, last] = [at[0], at[2], at[4]] as [Reading, Reading, Reading];
  const samples = SAMPLE_HOURS.map((hour) => early.find(({ sample }) => sample?.hour === hour)?.sample);
  const growth = (from: Reading): number => Math.log(last.densityMillionPerMl / from.densityMillionPerMl) / (last.hour - from.hour);
  const used = first.glucoseMmolPerL - last.glucoseMmolPerL;
  return [
    ...at.map(({ densityMillionPerMl }) => densityMillionPerMl), ...[middle, last].flatMap((reading) => READ.map((name) => reading[name])), growth(first), growth(middle), used / ((first.densityMillionPerMl + last.densityMillionPerMl) / 2), (last.lactateMmolPerL - first.lactateMmolPerL) / Math.max(used, 0.1),
    farthest(early, ({ temperatureCelsius }) => temperatureCelsius - 37), farthest(early, ({ phProbe, phPatch }) => phProbe - phPatch), early.reduce((least, { oxygenPercentAir }) => (oxygenPercentAir < least ? oxygenPercentAir : least), Infinity),
    ...samples.flatMap((sample: SampleSeen | undefined) => SAMPLED.map((name) => sample?.[name] ?? Number.NaN)), known.priorBendamustine === true ? 1 : 0, ...RECORDED.map((name) => known[name]), ...FINDINGS.map((name) => known.attributes[name] ?? Number.NaN),
  ];
};
