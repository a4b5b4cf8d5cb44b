import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../shared/batch/refusal.ts';
import { DomainError } from '../../../shared/errors.ts';
import { countOpenPoints, listOpenPoints } from '../../../shared/release/open-points.ts';

const point = (subject: string, detail: string) => ({ rule: 'critical-gap-not-assessed', subject, detail });
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe('the open points of a review', () => {
  it('are all listed while an entry of the log holds them', () => {
    const points = [point('GAP-1', 'a'), point('GAP-2', 'b')];
    expect(listOpenPoints('north-1', points)).toEqual(points);
    expect(countOpenPoints(points)).toBe('2 open point(s)');
  });
  it('fit into an entry however many there are and whatever they say, the first of them in their order, and the rest counted', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 900 }), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 150 }), (count, text) => {
      const points = Array.from({ length: count }, (_, i) => point(`GAP-${i}`, text));
      const listed = listOpenPoints('north-1', points);
      expect(bytesOf(listed)).toBeLessThan(51_000);
      if (listed.length < points.length || listed.at(-1)?.rule === 'more-open-points') {
        const shown = listed.length - 1;
        expect(listed.slice(0, -1)).toEqual(points.slice(0, shown));
        expect(listed.at(-1)).toEqual({ rule: 'more-open-points', subject: 'north-1', detail: `${count - shown} more are open; the batch itself shows all` });
        expect(bytesOf(points.slice(0, shown + 1))).toBeGreaterThan(49_000);
        expect(countOpenPoints(listed)).toBe(`${shown} open points listed, ${count - shown} more are open; the batch itself shows all`);
      } else expect(listed).toEqual(points);
    }));
  });
});

describe('a refusal that names very many things', () => {
  it('is on record with as many as an event holds, and whole characters', () => {
    const refused = refusalOf(new DomainError('batch-open-points', '\u{1F9EC}'.repeat(60_000)), 'recordDisposition') as Readonly<{ detail: string }>;
    expect(refused.detail.length).toBeLessThan(4100);
    expect(refused.detail.isWellFormed()).toBe(true);
    expect(refusalOf(new DomainError('batch-open-points', 'one point'), 'recordDisposition')).toMatchObject({ detail: 'one point' });
  });
});
