import type { Known } from './known.ts';
import type { Reading } from './reading.ts';
import { FIRST_HOURS } from './hours.ts';

const READ = ['density', 'viability', 'glucose', 'lactate', 'ammonia'] as const;
const RECORDED = ['ageYears', 'hoursSinceCollection', 'cd4Cd8Ratio', 'startingViability', 'cd3AtStart', 'memoryAtStart', 'vectorTitre', 'interleukin2', 'seeding'] as const;

/** Names of the features of the 72-hour prediction, in the order of `featuresAt72`. */
export const FEATURES_AT_72: readonly string[] = [
  ...FIRST_HOURS.flatMap((hour) => READ.map((name) => `${name} at ${hour} h`)), 'growth from 24 to 72 h, 1/h', 'glucose used per cell', 'lactate per glucose', 'largest departure of temperature, °C', 'largest departure of pH probe',
  'lowest oxygen, %', 'CAR+ at 72 h', 'CD3+ at 72 h', 'prior bendamustine', 'body weight, kg', ...RECORDED,
];

/**
 * What the 72-hour prediction sees: readings up to hour 72 and the record of the starting material. Later readings are not looked at.
 *
 * @throws RangeError when a reading of the first 72 hours is missing
 */
export const featuresAt72 = (known: Known, readings: readonly Reading[]): readonly number[] => {
  const early = readings.filter(({ hour }) => hour <= 72);
  const at = FIRST_HOURS.map((hour) => {
    const reading = early.find((each) => each.hour === hour);
    if (reading === undefined) throw new RangeError(`readings: got none at hour ${hour}, want one`);
    return reading;
  });
  const [first, last] = [at[0], at[4]] as [Reading, Reading];
  const farthest = (pick: (reading: Reading) => number): number => early.reduce((most, reading) => Math.max(most, Math.abs(pick(reading))), 0);
  const used = first.glucose - last.glucose;
  return [
    ...at.flatMap((reading) => READ.map((name) => reading[name])), Math.log(last.density / first.density) / 48, used / ((first.density + last.density) / 2), (last.lactate - first.lactate) / Math.max(used, 0.1),
    farthest(({ temperature }) => temperature - 37), farthest(({ phProbe, phSample }) => phProbe - phSample), early.reduce((least, { oxygen }) => Math.min(least, oxygen), Infinity), last.carPositive, last.cd3Positive,
    known.priorBendamustine === true ? 1 : 0, known.weightKg, ...RECORDED.map((name) => known[name]),
  ];
};
