import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requireNoTestRows, wasDeclaredBefore, type DeclaredSet } from '../../../shared/model-registry/declared-data.ts';
import { DomainError } from '../../../shared/errors.ts';
import { dataStatements, manifestOfStatements } from '../../support/model-fixtures.ts';

const part = (nodeId: string) => fc.record({ nodeId: fc.constant(nodeId), from: fc.integer({ min: 0, max: 60 }), records: fc.integer({ min: 1, max: 12 }) });
const rows = (role: string) => fc.tuple(part('north'), part('hill')).map((sites) => manifestOfStatements(dataStatements(role, sites)));
const set: fc.Arbitrary<DeclaredSet> = rows('test').chain((manifest) => fc.integer({ min: 0, max: 999 }).map((n) => ({ testDataId: `set-${n}`, registeredAt: '2026-03-02T14:05:09.120Z', manifest })));

describe('training rows and declared test data', () => {
  it('share no record: each set that holds one is named, and no other', () => {
    let [refused, taken] = [0, 0];
    fc.assert(fc.property(rows('training'), fc.array(set, { maxLength: 4 }), (training, declared) => {
      const digests = new Set(training.sites.flatMap(({ recordDigests }) => recordDigests));
      const sharing = declared.filter(({ manifest }) => manifest.sites.some(({ recordDigests }) => recordDigests.some((digest) => digests.has(digest)))).map(({ testDataId }) => testDataId);
      let found: DomainError | undefined;
      try {
        requireNoTestRows(training, declared);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        found = error;
      }
      if (sharing.length === 0) taken += 1; else refused += 1;
      expect(found?.code).toBe(sharing.length === 0 ? undefined : 'model-data-overlap');
      if (found !== undefined) expect(found.facts['testDataIds']).toEqual(sharing);
    }));
    expect(Math.min(refused, taken)).toBeGreaterThan(10);
  });
  it('are held against what was declared when the run was planned, at that very moment too', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), fc.integer({ min: -5, max: 5 }), (at, by) => {
      expect(wasDeclaredBefore({ registeredAt: new Date(at).toISOString() }, at + by)).toBe(by >= 0);
    }));
  });
});
