import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rareValues } from '../../../models/federated/rare-values.ts';

const site = (...columns: readonly (readonly number[])[]) => ({ features: columns.map((_, i) => `f${i}`), columns: columns.map((values) => Float32Array.from(values)) });
const repeated = (value: number, count: number): readonly number[] => Array.from({ length: count }, () => value);

describe('features whose sums tell of few rows', () => {
  it('are flags that few rows have, over all sites, a missing value among them', () => {
    const [one, other] = [site([...repeated(0, 9), 1], repeated(7, 10), [...repeated(3, 9), Number.NaN]), site([...repeated(0, 7), 1, 1, 1], repeated(7, 10), repeated(3, 10))];
    expect(rareValues([one, other], 5)).toEqual([{ feature: 'f0', rows: 4 }, { feature: 'f2', rows: 1 }]);
    expect(rareValues([one, other], 4)).toEqual([{ feature: 'f2', rows: 1 }]);
  });
  it('are none that are constant, or take more values than sums can count', () => {
    expect(rareValues([site(repeated(5, 25), Array.from({ length: 25 }, (_, i) => i))], 5)).toEqual([]);
    expect(rareValues([], 5)).toEqual([]);
  });
  it('are the same wherever rows live', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(0, 1, 2, Number.NaN), { minLength: 1, maxLength: 30 }), fc.nat(30), (values, cut) => {
      expect(rareValues([site(values.slice(0, cut)), site(values.slice(cut))], 5)).toEqual(rareValues([site(values)], 5));
    }));
  });
});
