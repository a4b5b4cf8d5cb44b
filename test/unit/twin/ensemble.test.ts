import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGenerator } from '../../../models/random/generator.ts';
import { assimilate, ensembleAt72, type Particle } from '../../../models/twin/assist/ensemble.ts';
import { moved, solved, triangleOf, type Voice } from '../../../models/twin/assist/kalman.ts';
import { growLibrary, PRIOR } from '../../../models/twin/assist/library.ts';
import { unknownsOf, withUnknowns } from '../../../models/twin/assist/unknowns.ts';
import { grow } from '../../../models/twin/culture/culture.ts';
import { drawBatch } from '../../../models/twin/draw/batch.ts';
import { knownOf } from '../../../models/twin/seen/known.ts';
import { readingsOf } from './readings.ts';
import { worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const library = growLibrary(world, PRIOR.seed, 600);
/** A sound batch of a seed that nothing was learnt from. */
const soundBatch = (index: number) => ({ ...drawBatch(world, 77, index), faults: [] });
const ROUNDS = [24, 36, 48, 60, 72, 76, 88, 100, 112, 124] as const;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const spread = (values: readonly number[]): number => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));

describe('solving by a triangle', () => {
  it('gives back the right side, for any symmetric positive matrix', () => {
    const entry = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(fc.property(fc.integer({ min: 1, max: 6 }).chain((size) => fc.tuple(fc.constant(size), fc.array(entry, { minLength: size * size, maxLength: size * size }), fc.array(entry, { minLength: size, maxLength: size }))), ([size, root, b]) => {
      const at = (i: number, j: number): number => Array.from({ length: size }, (_, k) => root[i * size + k]! * root[j * size + k]!).reduce((sum, each) => sum + each, i === j ? 1 : 0);
      const matrix = Float64Array.from({ length: size * size }, (_, n) => at(Math.floor(n / size), n % size));
      const x = solved(triangleOf(matrix, size), Float64Array.from(b));
      b.forEach((value, i) => { expect(x.reduce((sum, each, j) => sum + each * matrix[i * size + j]!, 0)).toBeCloseTo(value, 8); });
    }));
  });
});

describe('moving guesses by what is read', () => {
  const random = createGenerator(8);
  /** Unknowns (x, y): x from N(2, 0.5²), y = 3x + N(0, 0.1²); said: 2x. */
  const voices = Array.from({ length: 4000 }, (): Voice => {
    const x = 2 + 0.5 * random.normal();
    return { unknowns: Float64Array.of(x, 3 * x + 0.1 * random.normal()), said: Float64Array.of(2 * x), weight: 1 };
  });

  it('is Bayes’ rule where all is linear and normal: mean and spread, of what is read and of what goes with it', () => {
    const after = moved(voices, voices, { values: Float64Array.of(5), errors: Float64Array.of(0.8) }, random);
    const gain = (2 * 0.25) / (4 * 0.25 + 0.64);
    const variance = 0.25 - gain * 2 * 0.25;
    const [x, y] = [after.map((each) => each[0]!), after.map((each) => each[1]!)];
    expect(mean(x)).toBeCloseTo(2 + gain * (5 - 4), 1);
    expect(spread(x)).toBeCloseTo(Math.sqrt(variance), 1);
    expect(mean(y)).toBeCloseTo(3 * (2 + gain), 1);
    expect(spread(y) / Math.sqrt(9 * variance + 0.01)).toBeCloseTo(1, 1);
  });

  it('leaves them where they are when nothing is read, and when there is but one', () => {
    expect(moved(voices, voices.slice(0, 3), { values: new Float64Array(), errors: new Float64Array() }, random)).toEqual(voices.slice(0, 3).map(({ unknowns }) => unknowns));
    expect(moved(voices.slice(0, 1), voices.slice(0, 1), { values: Float64Array.of(5), errors: Float64Array.of(0.8) }, random)).toEqual([voices[0]!.unknowns]);
  });

  it('spreads out guesses that are all far from what is read', () => {
    const farOff = { values: Float64Array.of(12), errors: Float64Array.of(0.1) };
    const alike = voices.map((voice): Voice => ({ ...voice, said: Float64Array.of(4 + 0.02 * (voice.said[0]! - 4)), unknowns: Float64Array.of(2 + 0.02 * (voice.unknowns[0]! - 2)) }));
    const gain = (0.01 * 0.02) / (0.02 ** 2 + 0.01);
    expect(mean(moved(alike, alike, farOff, random).map((each) => each[0]!)) - 2).toBeGreaterThan(2 * gain * 8);
  });
});

describe('the unknowns of a guess', () => {
  it('go back to the same guess, and leave the one they are of as it was', () => {
    for (let index = 0; index < 20; index += 1) {
      const batch = soundBatch(index);
      const culture = grow(world, batch, [], 130);
      const before = [...culture.state];
      const again = withUnknowns(batch, culture, unknownsOf(batch, culture));
      // What has run out is a little above or below nothing, and is set to as good as nothing.
      for (const [i, value] of culture.state.entries()) expect(Math.abs((again.culture.state[i] ?? Number.NaN) - value)).toBeLessThan(value > 1e-3 ? 1e-9 * value : 1e-2);
      expect(again.batch.donor.traits.growthPerHour).toBeCloseTo(batch.donor.traits.growthPerHour, 12);
      withUnknowns(batch, culture, unknownsOf(batch, culture).map((value) => value + 1));
      expect([...culture.state]).toEqual(before);
    }
  });

  it('stay within what they may be, whatever is read', () => {
    const batch = soundBatch(1);
    const culture = grow(world, batch, [], 130);
    for (const far of [-1e9, 1e9]) {
      const wild = withUnknowns(batch, culture, unknownsOf(batch, culture).fill(far));
      expect([...wild.culture.state].every((value, i) => Number.isFinite(value) && (i > 3 || value >= 0))).toBe(true);
      expect(Object.values(wild.batch.donor.traits).every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
    }
  });
});

describe('an ensemble', () => {
  const followed = (index: number): readonly (readonly Particle[])[] => {
    const batch = soundBatch(index);
    const random = createGenerator(index);
    const readings = readingsOf(world, batch, ROUNDS);
    const first = readings.filter(({ hour }) => hour <= 76);
    let particles = ensembleAt72(library, knownOf(world, batch), first, 48, random);
    return readings.filter(({ hour }) => hour >= 76).map((reading) => (particles = assimilate(world, particles, reading, { actions: [], faults: [] }, random)));
  };
  const all = Array.from({ length: 24 }, (_, index) => ({ truth: soundBatch(index), rounds: followed(index) }));

  it('is never one guess many times over', () => {
    for (const { rounds } of all) for (const particles of rounds) expect(new Set(particles.map(({ batch }) => batch.donor.traits.otherGrowthPerHour)).size).toBeGreaterThan(24);
  });

  const TRAITS = ['growthPerHour', 'otherGrowthPerHour', 'doublingLimit'] as const;
  it.each(TRAITS)('is about as far from the truth as its guesses are from each other: %s', (trait) => {
    const scores = all.flatMap(({ truth, rounds }) => rounds.map((particles) => {
      const values = particles.map(({ batch }) => batch.donor.traits[trait]);
      return (mean(values) - truth.donor.traits[trait]) / spread(values);
    }));
    const rootMeanSquare = Math.sqrt(mean(scores.map((score) => score ** 2)));
    expect(rootMeanSquare).toBeGreaterThan(0.5);
    expect(rootMeanSquare).toBeLessThan(2);
  });

  it('knows growth of cells without CD3 better than the prior does, by a quarter', () => {
    const error = (guess: (at: (typeof all)[number]) => number): number => Math.sqrt(mean(all.map((each) => (guess(each) - each.truth.donor.traits.otherGrowthPerHour) ** 2)));
    const ofPrior = mean(library.map(({ batch }) => batch.donor.traits.otherGrowthPerHour));
    expect(error(({ rounds }) => mean(rounds.at(-1)!.map(({ batch }) => batch.donor.traits.otherGrowthPerHour)))).toBeLessThan(0.75 * error(() => ofPrior));
  });
});
