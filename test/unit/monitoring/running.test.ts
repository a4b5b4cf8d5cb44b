import fc from 'fast-check';
import { CholeskyDecomposition, Matrix, pseudoInverse } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { judgeOf } from '../../../models/monitoring/judge.ts';
import { countMoments, naturalOf, toParts } from '../../../models/monitoring/moments.ts';
import { planeFrom } from '../../../models/monitoring/pca.ts';
import { ASSURANCE, courseLeft, coursesOf, type Part } from '../../../models/monitoring/running.ts';
import { addedTo, NOTHING_SEEN, shareOf, trajectoryValue, windowOf } from '../../../models/monitoring/trajectory.ts';
import { createGenerator } from '../../../models/random/generator.ts';
import { MONITORED, MONITORED_NAMES, MONITORING, normalValue } from '../../support/monitoring.ts';

const HOUR_MS = 3_600_000;
const { plane } = MONITORING;
const { judge, judgeRunning } = judgeOf(plane);
const HOURS = [4, 8, 12, 16, 20, 24] as const;
/** Places of the variables that are new at an hour: glucose and pH. */
const newAt = (hour: number): readonly number[] => MONITORED_NAMES.flatMap((name, i) => (name.endsWith(`-${hour}`) ? [i] : []));
const partsOf = (values: readonly number[], hour: number, share: number): readonly Part[] => newAt(hour).map((place) => ({ place, value: values[place]!, share }));
const normal = MONITORED_NAMES.map(normalValue);
/** Values of a batch, each off the middle by so many hundredths of its range. */
const batches = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: normal.length, maxLength: normal.length }).map((by) => normal.map((value, i) => value + (by[i]! / 100) * (MONITORED[i]!.high - MONITORED[i]!.low) / 10));
const shares = fc.double({ min: 0.01, max: 0.99, noNaN: true });

describe('a batch within a window', () => {
  it('is judged as its whole window is once all of it was seen', () => {
    fc.assert(fc.property(batches, fc.constantFrom(...HOURS), (values, hour) => {
      const { atLeast, ...judgement } = judgeRunning(values, partsOf(values, hour, 1), hour);
      expect(judgement).toEqual(judge(values, hour));
      expect(atLeast).toEqual({ t2: judgement.t2, q: judgement.q });
    }));
  });
  it('comes to no more at least than it comes to as expected, and is beyond a limit by what it comes to at least', () => {
    fc.assert(fc.property(batches, fc.constantFrom(...HOURS), shares, (values, hour, share) => {
      const { t2, q, atLeast, confidence, limits } = judgeRunning(values, partsOf(values, hour, share), hour);
      expect([atLeast.t2 <= t2, atLeast.q <= q]).toEqual([true, true]);
      for (const each of limits) expect(confidence >= each.level).toBe(atLeast.t2 >= each.t2 || atLeast.q >= each.q);
    }));
  });
  it('is judged by nothing that is still to come', () => {
    fc.assert(fc.property(batches, batches, fc.constantFrom(...HOURS), shares, (values, other, hour, share) => {
      const future = values.map((value, i) => (Number(MONITORED_NAMES[i]!.split('-').at(-1)) >= hour ? other[i]! : value));
      expect(judgeRunning(future, partsOf(values, hour, share), hour)).toEqual(judgeRunning(values, partsOf(values, hour, share), hour));
    }));
  });
  it('has contributions that add up to its T² and Q, with the mean so far as the value', () => {
    fc.assert(fc.property(batches, fc.constantFrom(...HOURS), shares, (values, hour, share) => {
      const { t2, q, contributions } = judgeRunning(values, partsOf(values, hour, share), hour);
      expect(contributions.reduce((sum, each) => sum + each.q, 0)).toBeCloseTo(q, 9);
      expect(Math.max(0, contributions.reduce((sum, each) => sum + each.t2, 0))).toBeCloseTo(t2, 9);
      for (const place of newAt(hour)) expect(contributions.find(({ variable }) => variable === MONITORED_NAMES[place])!.value).toBe(values[place]);
    }));
  });
  it('lacks a sensor that told nothing in this window, and one that told nothing before', () => {
    const [glucose, ph] = newAt(8) as [number, number];
    expect(judgeRunning(normal, [{ place: ph, value: normal[ph]!, share: 0.5 }], 8).missing).toEqual([]);
    expect(judgeRunning(normal.map((value, i) => (newAt(8).includes(i) ? Number.NaN : value)), [{ place: ph, value: normal[ph]!, share: 0.5 }], 8).missing).toEqual([MONITORED_NAMES[glucose]]);
    expect(judgeRunning(normal.map((value, i) => (i === 0 ? Number.NaN : value)), partsOf(normal, 8, 0.5), 8).missing).toEqual([MONITORED_NAMES[0]]);
  });
  it('is beyond early, with a sensor far off, and the earlier the further', () => {
    const toldAt = (by: number): number => {
      const values = normal.map((value, i) => (MONITORED_NAMES[i] === 'ph-mean-8-12' ? value + by : value));
      return Array.from({ length: 100 }, (_, i) => (i + 1) / 100).find((share) => judgeRunning(values, partsOf(values, 12, share), 12).confidence >= 0.99) ?? 2;
    };
    const told = [0, 0.05, 0.1, 0.2, 0.4].map(toldAt);
    expect(told[0]).toBe(2);
    expect(told[4]).toBeLessThan(0.3);
    expect(told.toSorted((a, b) => b - a)).toEqual(told);
  });
  it.each<readonly [string, Part]>([['a place that is none', { place: 99, value: 1, share: 0.5 }], ['a value that is none', { place: 1, value: Number.NaN, share: 0.5 }], ['nothing of a window', { place: 1, value: 7, share: 0 }], ['more than a window', { place: 1, value: 7, share: 1.1 }]])('is not judged by %s', (_, part) => {
    expect(() => judgeRunning(normal, [part], 4)).toThrow(RangeError);
  });
});

describe('the course of a normal batch within a window', () => {
  it('is no departure, however fast it rises or bends', () => {
    fc.assert(fc.property(fc.double({ min: -0.5, max: 0.5, noNaN: true }), fc.double({ min: -0.05, max: 0.05, noNaN: true }), fc.integer({ min: 1, max: 4 }), shares, (rise, bend, window, share) => {
      const course = (hour: number): number => 20 + rise * hour + bend * (hour - 12) ** 2;
      const meanOver = (from: number, to: number): number => { const whole = (hour: number): number => 20 * hour + (rise * hour ** 2) / 2 + (bend * (hour - 12) ** 3) / 3; return (whole(to) - whole(from)) / (to - from); };
      expect(meanOver(5, 5 + 1e-6)).toBeCloseTo(course(5), 3);
      const variables = MONITORED.filter(({ name }) => name.startsWith('glucose'));
      const means = variables.map((_, i) => meanOver(i * 4, i * 4 + 4));
      const random = createGenerator(3);
      const own = planeFrom(variables, countMoments(variables, Array.from({ length: 40 }, () => means.map((mean) => mean + random.normal()))), 1);
      const parts = (of: number): number => ((meanOver(window * 4, window * 4 + share * 4) - of) * share) + naturalOf(variables[window]!, courseLeft(coursesOf(own)[window]!, share) * own.deviations[window]!);
      expect(parts(means[window]!)).toBeCloseTo(0, 0);
      const exact = { ...own, means: means.map((mean, i) => ((mean - variables[i]!.low) / (variables[i]!.high - variables[i]!.low)) * 4096) };
      expect((meanOver(window * 4, window * 4 + share * 4) - means[window]!) * share + naturalOf(variables[window]!, courseLeft(coursesOf(exact)[window]!, share) * exact.deviations[window]!)).toBeCloseTo(0, 9);
    }));
  });
});

/** Everything again from its definitions, by matrices, with gradients by differences. */
const naive = (values: readonly number[], hour: number, share: (place: number) => number) => {
  const size = plane.variables.length;
  const correlation = Matrix.zeros(size, size);
  let at = 0;
  for (let i = 0; i < size; i += 1) for (let j = i; j < size; j += 1, at += 1) { correlation.set(i, j, plane.correlation[at]!); correlation.set(j, i, plane.correlation[at]!); }
  const loadings = new Matrix(plane.loadings.map((loading) => [...loading])).transpose();
  const ends = MONITORED_NAMES.map((name) => Number(name.split('-').at(-1)));
  const [past, fresh] = [ends.flatMap((end, i) => (end < hour ? [i] : [])), ends.flatMap((end, i) => (end === hour ? [i] : []))];
  const block = (rows: readonly number[], columns: readonly number[]): Matrix => new Matrix(rows.map((row) => columns.map((column) => correlation.get(row, column))));
  const rowsOf = (rows: readonly number[]): Matrix => new Matrix(rows.map((row) => loadings.getRow(row)));
  /** Values on the plane that the known ones make likely, as a matrix. */
  const predictor = (of: readonly number[], known: readonly number[]): Matrix => {
    const own = rowsOf(known);
    const theta = own.transpose().mmul(block(known, known)).mmul(own);
    return rowsOf(of).mmul(Matrix.diag([...plane.variances])).mmul(own.transpose().mmul(own)).mmul(pseudoInverse(theta)).mmul(own.transpose());
  };
  const scaled = values.map((value, i) => (toParts(plane.variables[i]!, value) - plane.means[i]!) / plane.deviations[i]!);
  const column = (from: readonly number[]): Matrix => Matrix.columnVector([...from]);
  const told = past.length === 0 ? Matrix.zeros(fresh.length, 1) : predictor(fresh, past).mmul(column(past.map((i) => scaled[i]!)));
  const courses = coursesOf(plane);
  const filled = fresh.map((i, k) => share(i) * scaled[i]! + (1 - share(i)) * told.get(k, 0) + courseLeft(courses[i]!, share(i)));
  const all = [...past, ...fresh];
  const distance = (own: readonly number[]): Readonly<{ t2: number; q: number }> => {
    const z = column([...past.map((i) => scaled[i]!), ...own]);
    const trimmed = rowsOf(all).transpose().mmul(z);
    const theta = rowsOf(all).transpose().mmul(block(all, all)).mmul(rowsOf(all));
    const residual = column(own).sub(predictor(fresh, all).mmul(z));
    return { t2: trimmed.transpose().mmul(pseudoInverse(theta)).mmul(trimmed).get(0, 0), q: residual.transpose().mmul(residual).get(0, 0) };
  };
  const m = past.length === 0 ? undefined : predictor(fresh, past);
  const spread = m === undefined ? block(fresh, fresh) : block(fresh, fresh).sub(m.mmul(block(past, fresh))).sub(block(fresh, past).mmul(m.transpose())).add(m.mmul(block(past, past)).mmul(m.transpose()));
  const least = (which: 't2' | 'q'): number => {
    const here = Math.sqrt(distance(filled)[which]);
    const gradient = fresh.map((_, k) => (Math.sqrt(distance(filled.map((value, i) => (i === k ? value + 1e-6 : value)))[which]) - Math.sqrt(distance(filled.map((value, i) => (i === k ? value - 1e-6 : value)))[which])) / 2e-6 * Math.sqrt(1 - share(fresh[k]!)));
    return Math.max(0, here - 1.6448536269514722 * Math.sqrt(column(gradient).transpose().mmul(spread).mmul(column(gradient)).get(0, 0))) ** 2;
  };
  return { ...distance(filled), atLeast: { t2: least('t2'), q: least('q') } };
};

describe('T² and Q within a window', () => {
  it('are, and are at least, what an independent computation gives', () => {
    fc.assert(fc.property(batches, fc.constantFrom(...HOURS), shares, shares, (values, hour, first, second) => {
      const share = (place: number): number => (place % 2 === 0 ? first : second);
      const parts = newAt(hour).map((place): Part => ({ place, value: values[place]!, share: share(place) }));
      const [got, want] = [judgeRunning(values, parts, hour), naive(values, hour, share)];
      fc.pre(want.t2 > 0.01 && want.q > 0.01);
      for (const [a, b] of [[got.t2, want.t2], [got.q, want.q], [got.atLeast.t2, want.atLeast.t2], [got.atLeast.q, want.atLeast.q]] as const) expect(Math.abs(a - b) / Math.max(0.01, Math.abs(b))).toBeLessThan(1e-4);
    }), { numRuns: 60 });
  });
});

/**
 * Normal batches by the model's own word, with windows that are as rough as they may be: what a window brings comes in independent bits, so that the past of a window says nothing of its rest.
 *
 * @see Karatzas, Shreve 1991, Brownian Motion and Stochastic Calculus, 5.6B: the bridge, which is how such a window goes to a given end
 */
describe('what is said before a window ends', () => {
  const size = plane.variables.length;
  const square = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  let at = 0;
  for (let i = 0; i < size; i += 1) for (let j = i; j < size; j += 1, at += 1) { square[i]![j] = plane.correlation[at]!; square[j]![i] = plane.correlation[at]!; }
  const root = new CholeskyDecomposition(new Matrix(square)).lowerTriangularMatrix.to2DArray();
  const toValue = (z: number, i: number): number => naturalOf(plane.variables[i]!, plane.means[i]! + z * plane.deviations[i]!);
  const courses = coursesOf(plane);
  const LOOKS = 12;

  it.each([0.9, 0.95])('is confirmed at its end in 95 of 100 normal batches or more, looked at all the time, at level %d', (level) => {
    const random = createGenerator(77);
    let [told, unconfirmed] = [0, 0];
    for (let n = 0; n < 6000; n += 1) {
      const hour = HOURS[n % HOURS.length]!;
      const places = newAt(hour);
      const drawn = root.map(() => random.normal());
      const z = root.map((row) => row.reduce((sum, weight, k) => sum + weight * drawn[k]!, 0));
      // A window is what its past makes likely plus what is new of it: the part of the root from its first place on. That part comes bit by bit.
      const first = Math.min(...places);
      const steps = Array.from({ length: LOOKS }, () => places.map(() => random.normal() / Math.sqrt(LOOKS)));
      const ends = places.map((_, k) => steps.reduce((sum, step) => sum + step[k]!, 0));
      let walked = places.map(() => 0);
      const isTold = steps.slice(0, -1).some((step, look) => {
        walked = walked.map((sum, k) => sum + step[k]!);
        const share = (look + 1) / LOOKS;
        const fresh = walked.map((sum, k) => sum + share * (drawn[first + k]! - ends[k]!));
        const parts = places.map((place): Part => {
          const news = (of: readonly number[]): number => root[place]!.slice(first, first + places.length).reduce((sum, weight, m) => sum + weight * of[m]!, 0);
          const expected = z[place]! - news(places.map((_, m) => drawn[first + m]!));
          return { place, share, value: toValue((share * expected + news(fresh) - courseLeft(courses[place]!, share)) / share, place) };
        });
        return judgeRunning(z.map(toValue), parts, hour).confidence >= level;
      });
      if (!isTold) continue;
      told += 1;
      if (judge(z.map(toValue), hour).confidence < level) unconfirmed += 1;
    }
    expect(told).toBeGreaterThan(100);
    expect(unconfirmed / told, `${unconfirmed} of ${told}`).toBeLessThanOrEqual(1 - ASSURANCE);
  });
});

describe('a window that is read bit by bit', () => {
  const window = windowOf('glucose-mean-4-8')!;
  it('has the sum it has when it is read at once, to the last bit, and the share up to its last sample', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 40, noNaN: true }), { minLength: 1, maxLength: 30 }), fc.nat(30), (values, cut) => {
      const times = values.map((_, i) => 1000 + (3 + (6 * i) / values.length) * HOUR_MS);
      const parts = [[0, cut], [cut, values.length]].map(([from, to]) => ({ times: times.slice(from, to), values: values.slice(from, to) }));
      const seen = parts.reduce((sum, part) => addedTo(sum, part, 1000, window), NOTHING_SEEN);
      expect(seen).toEqual(addedTo(NOTHING_SEEN, { times, values }, 1000, window));
      if (seen.count > 0) expect(seen.sum / seen.count).toBe(trajectoryValue({ times, values }, 1000, window));
      const last = times.filter((time) => time >= 1000 + 4 * HOUR_MS && time < 1000 + 8 * HOUR_MS).at(-1);
      expect(shareOf(seen, 1000, window)).toBeCloseTo(last === undefined ? 0 : (last - 1000) / HOUR_MS / 4 - 1, 9);
    }));
  });
});
