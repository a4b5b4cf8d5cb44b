import type { Culture } from '../culture/culture.ts';
import { STATE, valueOf } from '../culture/state.ts';
import type { Batch } from '../draw/batch.ts';
import { carPositiveShare } from '../outcome/product.ts';
import type { Known } from '../seen/known.ts';
import type { Reading, SampleSeen } from '../seen/sensors.ts';

/** What a guess would show, without error. Cells in 10^6/mL, glucose and lactate in mmol/L, shares 0 to 1. */
export type Shown = Readonly<{ densityMillionPerMl: number; glucoseMmolPerL: number; lactateMmolPerL: number; viability: number; carPositive: number; cd3Positive: number; memoryShare: number }>;

/** Cells, 10^6/mL, too few to take a logarithm of. */
export const LEAST_MILLION_PER_ML = 1e-6;

export const shownBy = ({ state }: Culture): Shown => {
  const tCellsMillionPerMl = valueOf(state, 'restingCellsMillionPerMl') + valueOf(state, 'cyclingCellsMillionPerMl');
  const viableMillionPerMl = tCellsMillionPerMl + valueOf(state, 'otherCellsMillionPerMl');
  return {
    densityMillionPerMl: viableMillionPerMl, viability: viableMillionPerMl / (viableMillionPerMl + valueOf(state, 'deadCellsMillionPerMl')), glucoseMmolPerL: valueOf(state, 'glucoseMmolPerL'), lactateMmolPerL: valueOf(state, 'lactateMmolPerL'), cd3Positive: tCellsMillionPerMl / viableMillionPerMl, memoryShare: valueOf(state, 'memoryShare'),
    carPositive: carPositiveShare(valueOf(state, 'copies')) * ((state[STATE.cyclingCellsMillionPerMl] ?? 0) / tCellsMillionPerMl),
  };
};

/** Something that was read: its value, how far the right guess may be from it (standard deviation), and what a guess says of it. */
export type Evidence = Readonly<{ value: number; error: number; of: (batch: Batch, now: Shown, then: Shown) => number }>;

/** Readings share model error, so together they say less than if each stood alone. */
const TEMPER = 0.6;
/**
 * How far a reading may be from what the right guess shows, standard deviations: what the model does not know of itself, and what the instruments are off (parameters/catalogue/instruments.ts; of a median over an hour little noise is
 * left). Of the logarithm for density. Assumed.
 */
const ERROR = { logDensity: 0.08, glucoseMmolPerL: 0.5, lactateMmolPerL: 0.6, viability: 0.021, carPositive: 0.025, cd3Positive: 0.015, memoryShare: 0.025 } as const;
/** How well the record's figures are known, standard deviations; relative for lots. */
const RECORD_ERROR = { memoryShare: 0.07, titreFactor: 0.13, cd3Share: 0.015, glucoseFactor: 0.015, supportFactor: 0.05 } as const;

/** What is not read says nothing. */
const read = (all: readonly Evidence[]): readonly Evidence[] => all.filter(({ value }) => !Number.isNaN(value)).map((each) => ({ ...each, error: each.error / Math.sqrt(TEMPER) }));

const logOf = (densityMillionPerMl: number): number => Math.log(Math.max(densityMillionPerMl, LEAST_MILLION_PER_ML));

/** What the sensors say of a culture now. */
export const sensorEvidence = ({ densityMillionPerMl, glucoseMmolPerL, lactateMmolPerL }: Reading): readonly Evidence[] => read([
  { value: logOf(densityMillionPerMl), error: ERROR.logDensity, of: (_, now) => logOf(now.densityMillionPerMl) },
  { value: glucoseMmolPerL, error: ERROR.glucoseMmolPerL, of: (_, now) => now.glucoseMmolPerL },
  { value: lactateMmolPerL, error: ERROR.lactateMmolPerL, of: (_, now) => now.lactateMmolPerL },
]);

const TESTED = ['viability', 'carPositive', 'cd3Positive', 'memoryShare'] as const;
/** What a sample's results say of the culture it was taken from (`then`). */
export const sampleEvidence = (sample: SampleSeen): readonly Evidence[] => read(TESTED.map((name) => ({ value: sample[name], error: ERROR[name], of: (_, __, then) => then[name] })));

/** What the batch record says of patient and lots. */
export const recordEvidence = ({ startingMemoryShare, vectorTitreFactor, startingCd3Share, glucoseFactor, supportFactor }: Known): readonly Evidence[] => read([
  { value: startingMemoryShare, error: RECORD_ERROR.memoryShare, of: ({ donor }) => donor.traits.startingMemoryShare },
  { value: Math.log(vectorTitreFactor), error: RECORD_ERROR.titreFactor, of: ({ lots }) => Math.log(lots.vectorTitreFactor) },
  { value: 1 - startingCd3Share, error: RECORD_ERROR.cd3Share, of: ({ donor }) => donor.otherShare },
  { value: Math.log(glucoseFactor), error: RECORD_ERROR.glucoseFactor, of: ({ lots }) => Math.log(lots.glucoseFactor) },
  { value: Math.log(supportFactor), error: RECORD_ERROR.supportFactor, of: ({ lots }) => Math.log(lots.growthFactor) },
]);
