import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binRows, type Bins } from '../../../models/federated/bins.ts';
import { CELLS } from '../../../models/federated/cells.ts';
import { CLASSES_PARTS, countClasses, outlineFrom, placeOfCells } from '../../../models/federated/classes.ts';
import { STEPS } from '../../../models/federated/distance.ts';
import { contentOf, jitterOf, movedBound, spanOf } from '../../../models/federated/jitter.ts';
import { countScale, framesFrom, type Frame } from '../../../models/federated/scale.ts';
import { rowsOf } from '../../support/federated.ts';
import { cellsFromMoments, singledByMoments, toldTheDraws } from '../../support/moment-attack.ts';
import type { Seen } from '../../support/reconstruction.ts';

const value = fc.oneof(fc.constant(NaN), fc.integer({ min: 0, max: 9 }), fc.double({ min: -3, max: 12, noNaN: true }));
const rowsFrom = (values: readonly number[], name = 'k') => rowsOf({ keys: values.map((_, i) => `${name}${i}`), labels: values.map((_, i) => i % 2), values: values.map((each) => [each]) });
const frameOf = fc.record({ centre: fc.double({ min: 0, max: 9, noNaN: true }), unit: fc.double({ min: 0.1, max: 9, noNaN: true }) });

/** Rows in each cell, their draws taken off: of one feature. */
const countedIn = (values: readonly number[], frame: Frame): readonly number[] => {
  const rows = rowsFrom(values);
  const sums = countClasses(rows, [frame], rows.drawKeys!, 'x');
  const draws = rows.drawKeys!.map((key, row) => jitterOf(key, 'x', contentOf(rows, row), CLASSES_PARTS.map(spanOf)));
  const first = CLASSES_PARTS.length - CELLS;
  return Array.from({ length: CELLS }, (_, cell) => (sums[placeOfCells(0) + cell]! - draws.reduce((sum, each) => sum + each[first + cell]!, 0)) / STEPS);
};

describe('rows that are counted in cells', () => {
  it('are, without their draws, those of each third of a unit, from two units below the centre to two above; whoever is further off is in the last, and who lacks the value in none', () => {
    fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), frameOf, (values, frame) => {
      const exact = Array<number>(12).fill(0);
      const known = values.map(Math.fround).filter((each) => !Number.isNaN(each));
      for (const each of known) {
        const units = Math.max(-2, Math.min(2, Math.round(((each - frame.centre) / frame.unit) * 4096) / 4096));
        const cell = [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5].filter((edge) => units * 3 >= edge).length;
        exact[cell]! += 1;
      }
      expect(countedIn(values, frame)).toEqual(exact);
    }), { examples: [[[NaN, 3, NaN, NaN], { centre: 3, unit: 1 }]] });
  });
  it('are none of a feature that is not asked about: how many have it is not counted again', () => {
    expect(countedIn([NaN, 1, 2, 3, NaN, 2], { centre: 0, unit: 0 })).toEqual(Array(12).fill(0));
  });
  it('move a sum by no more than its bound has it, however far their draws move them', () => {
    expect(movedBound([{ low: 0, high: 4096, widened: 3 }])).toBe(4096 * 2.5);
    expect(movedBound([{ low: -2, high: 2 }, { low: 0, high: 2, widened: 3 }])).toBe(5);
  });
});

describe('thresholds of a feature whose range goes beyond float32', () => {
  it('are float32 and finite, or none: a site would refuse any other', () => {
    const range = fc.constantFrom({ low: 0, high: 1e307 }, { low: -1e307, high: 1e307 }, { low: 0, high: 3.4e38 }, { low: 1e300, high: 2e300 });
    fc.assert(fc.property(range, fc.integer({ min: 2, max: 254 }), fc.nat(99), (each, binLimit, game) => {
      const rows = rowsFrom(Array.from({ length: 60 }, (_, i) => (i % 4) * 1e38), `${game} `);
      const frames = framesFrom(countScale(rows, [each], rows.drawKeys!, 'first'), [each], 60, 5);
      const { bins: [own], profile } = outlineFrom(countClasses(rows, frames, rows.drawKeys!, 'second'), frames, [30, 30], binLimit);
      expect(own!.edges.every((edge) => Number.isFinite(edge) && Math.fround(edge) === edge)).toBe(true);
      expect(own!.isMissing).toBe(own!.edges.length > 0);
      expect(profile.every(Number.isFinite)).toBe(true);
    }));
  });
});

describe('who attacks by moments of single features, the counts of cells among them', () => {
  const range = { low: 0, high: 9 };
  const seenOf = (values: readonly number[], game: number): Readonly<{ honest: ReturnType<typeof rowsFrom>; seen: readonly Seen[]; bins: readonly Bins[] }> => {
    const honest = rowsFrom(values, `${game} `);
    const scale = countScale(honest, [range], honest.drawKeys!, 'first');
    const frames = framesFrom(scale, [range], values.length, 5);
    const rows = [values.length - Math.floor(values.length / 2), Math.floor(values.length / 2)] as const;
    const classes = countClasses(honest, frames, honest.drawKeys!, 'second');
    return { honest, seen: [{ question: { type: 'scale' }, sum: scale }, { question: { type: 'classes', frames, rows }, sum: classes }], bins: outlineFrom(classes, frames, rows, 8).bins };
  };
  it('takes no bin for empty that is not, and claims nobody who is not there: told the draws, or hidden by them', () => {
    const own = rowsFrom([0, 1, 4.5, 9, NaN], 'own');
    fc.assert(fc.property(fc.array(value, { minLength: 20, maxLength: 60 }), fc.nat(1e6), fc.boolean(), (values, game, isTold) => {
      const { honest, seen, bins } = seenOf(values, game);
      const known = isTold ? toldTheDraws(seen, [range], [honest]) : seen;
      const sure = isTold ? 0 : 6;
      const binned = binRows(honest, bins);
      for (const { byLabel } of cellsFromMoments(known, [range], own, [honest], bins, sure)) {
        byLabel.forEach((most, label) => { expect([...binned].filter((bin, i) => honest.labels[i] === label && most[bin] === 0)).toEqual([]); });
      }
      expect(singledByMoments(known, [range], own, [honest], bins, sure).wrong).toBe(0);
    }), { numRuns: 60 });
  });
  it('is told what rows make of their cells, where it is told the draws', () => {
    fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), fc.oneof(frameOf, fc.constant({ centre: 0, unit: 0 })), (values, frame) => {
      const rows = rowsFrom(values);
      const asked: Seen = { question: { type: 'classes', frames: [frame], rows: [30, 30] }, sum: countClasses(rows, [frame], rows.drawKeys!, 'x') };
      const [told] = toldTheDraws([asked], [range], [rows]);
      expect([...told!.sum.subarray(placeOfCells(0))].map((each) => each / STEPS)).toEqual(countedIn(values, frame));
    }));
  });
});
