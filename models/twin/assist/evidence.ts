import type { Culture } from '../culture/culture.ts';
import { STATE, valueOf } from '../culture/state.ts';
import type { Batch } from '../draw/batch.ts';
import { carPositiveShare } from '../outcome/product.ts';
import type { Known } from '../seen/known.ts';
import type { Reading, SampleSeen } from '../seen/sensors.ts';

/** What a guess would show, without error. Cells in 10^6/mL, glucose and lactate in mmol/L, shares 0 to 1. */
export type Shown = Readonly<{ density: number; glucose: number; lactate: number; viability: number; carPositive: number; cd3Positive: number; memory: number }>;

/** Cells, 10^6/mL, too few to take a logarithm of. */
export const LEAST = 1e-6;

export const shownBy = ({ state }: Culture): Shown => {
  const tCells = valueOf(state, 'restingCells') + valueOf(state, 'cyclingCells');
  const viable = tCells + valueOf(state, 'otherCells');
  return {
    density: viable, viability: viable / (viable + valueOf(state, 'deadCells')), glucose: valueOf(state, 'glucose'), lactate: valueOf(state, 'lactate'), cd3Positive: tCells / viable, memory: valueOf(state, 'memory'),
    carPositive: carPositiveShare(valueOf(state, 'copies')) * ((state[STATE.cyclingCells] ?? 0) / tCells),
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
const ERROR = { density: 0.08, glucose: 0.5, lactate: 0.6, viability: 0.021, carPositive: 0.025, cd3Positive: 0.015, memory: 0.025 } as const;
/** How well the record's figures are known, standard deviations; relative for lots. */
const RECORD_ERROR = { memory: 0.07, titre: 0.13, cd3: 0.015, glucose: 0.015, support: 0.05 } as const;

/** What is not read says nothing. */
const read = (all: readonly Evidence[]): readonly Evidence[] => all.filter(({ value }) => !Number.isNaN(value)).map((each) => ({ ...each, error: each.error / Math.sqrt(TEMPER) }));

const logOf = (density: number): number => Math.log(Math.max(density, LEAST));

/** What the sensors say of a culture now. */
export const sensorEvidence = ({ density, glucose, lactate }: Reading): readonly Evidence[] => read([
  { value: logOf(density), error: ERROR.density, of: (_, now) => logOf(now.density) },
  { value: glucose, error: ERROR.glucose, of: (_, now) => now.glucose },
  { value: lactate, error: ERROR.lactate, of: (_, now) => now.lactate },
]);

const TESTED = ['viability', 'carPositive', 'cd3Positive', 'memory'] as const;
/** What a sample's results say of the culture it was taken from (`then`). */
export const sampleEvidence = (sample: SampleSeen): readonly Evidence[] => read(TESTED.map((name) => ({ value: sample[name], error: ERROR[name], of: (_, __, then) => then[name] })));

/** What the batch record says of patient and lots. */
export const recordEvidence = ({ memoryAtStart, vectorTitre, cd3AtStart, glucose, support }: Known): readonly Evidence[] => read([
  { value: memoryAtStart, error: RECORD_ERROR.memory, of: ({ donor }) => donor.traits.memoryAtStart },
  { value: Math.log(vectorTitre), error: RECORD_ERROR.titre, of: ({ lots }) => Math.log(lots.vectorTitre) },
  { value: 1 - cd3AtStart, error: RECORD_ERROR.cd3, of: ({ donor }) => donor.otherShare },
  { value: Math.log(glucose), error: RECORD_ERROR.glucose, of: ({ lots }) => Math.log(lots.glucose) },
  { value: Math.log(support), error: RECORD_ERROR.support, of: ({ lots }) => Math.log(lots.growth) },
]);
