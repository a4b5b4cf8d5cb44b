import type { Generator } from '../../random/generator.ts';
import { streamOf } from '../../random/streams.ts';
import { MINUTE_SERIES } from '../parameters/catalogue/catalogue.ts';

/** How one sensor of a site differs from the catalogue's: factor on its scale, what it is off (its unit), factor on its noise. */
export type SensorEffect = Readonly<{ gain: number; offset: number; noise: number }>;

/**
 * What makes one hospital's batches differ from another's as a whole. Factors stand on the medians or means of the world's distributions; 1 changes nothing.
 *
 * `lots`: the supplier's medium and vector; `donors`: who is treated there; `operators`: hands and habits; `equipment`: the chamber and its pump.
 * A data set tells of them under these names (`SOURCE.json`), and streams are named by them: all are factors, whatever the name says.
 */
export type SiteEffects = Readonly<{
  sensors: Readonly<Record<string, SensorEffect>>;
  lots: Readonly<{ growth: number; vectorTitre: number; interleukin2: number; glucose: number }>;
  donors: Readonly<{ bendamustineShare: number; poorShare: number; ageYears: number; weightKg: number; hoursSinceCollection: number }>;
  operators: Readonly<{ seeding: number; recovery: number; additionDelayHours: number }>;
  equipment: Readonly<{ transfer: number; pump: number }>;
}>;

/** Standard deviations of the logarithms of factors between sites. All assumed: smaller than what differs between batches of one site, so that a site is a habit and not another process. */
const SPREAD = {
  sensorGain: 0.02, sensorNoise: 0.25,
  growth: 0.025, vectorTitre: 0.06, interleukin2: 0.04, glucose: 0.01,
  bendamustineShare: 0.4, poorShare: 0.4, ageYears: 0.04, weightKg: 0.04, hoursSinceCollection: 0.06,
  seeding: 0.04, recovery: 0.02, additionDelayHours: 0.3,
  transfer: 0.05, pump: 0.01,
} as const;
/** A site's instruments of one make share an offset, of this part of what they differ by from one to the next. */
const OFFSET_SHARE = 1.5;
/** No factor is further than this many standard deviations from 1. */
const FURTHEST = 2.5;

const score = (random: Generator): number => Math.min(FURTHEST, Math.max(-FURTHEST, random.normal()));

/** Every sensor draws from a stream of its own name, so that a new sensor in the catalogue moves no other. */
const sensorsOf = (seed: number, siteIndex: number): Readonly<Record<string, SensorEffect>> => Object.fromEntries(MINUTE_SERIES.map(({ name, sensor }) => {
  const random = streamOf(seed, siteIndex, `site/sensor/${name}`);
  const [gain, offset, noise] = [score(random), score(random), score(random)];
  // What has no error that grows with the value is not calibrated by a scale: a set-point, a thermometer.
  return [name, { gain: sensor.relativeNoise > 0 ? Math.exp(SPREAD.sensorGain * gain) : 1, offset: OFFSET_SHARE * sensor.bias * offset, noise: Math.exp(SPREAD.sensorNoise * noise) }];
}));

/**
 * One hospital of a network.
 *
 * @param seed      of the data set, integer in [0, 2^32)
 * @param siteIndex from 0; the same pair is the same site, however many sites there are
 */
export const drawSite = (seed: number, siteIndex: number): SiteEffects => {
  const of = (name: Exclude<keyof typeof SPREAD, 'sensorGain' | 'sensorNoise'>): number => Math.exp(SPREAD[name] * score(streamOf(seed, siteIndex, `site/${name}`)));
  return {
    sensors: sensorsOf(seed, siteIndex),
    lots: { growth: of('growth'), vectorTitre: of('vectorTitre'), interleukin2: of('interleukin2'), glucose: of('glucose') },
    donors: { bendamustineShare: of('bendamustineShare'), poorShare: of('poorShare'), ageYears: of('ageYears'), weightKg: of('weightKg'), hoursSinceCollection: of('hoursSinceCollection') },
    operators: { seeding: of('seeding'), recovery: of('recovery'), additionDelayHours: of('additionDelayHours') },
    equipment: { transfer: of('transfer'), pump: of('pump') },
  };
};
