import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commitmentOf, differing, settledCohort, type Cohorts } from '../../../models/federated/secure/cohorts.ts';
import { EMPTY_LEDGER, requireFresh, withAnswer, withSum, type Asked, type Ledger } from '../../../models/federated/secure/ledger.ts';
import { singledOut } from '../../../models/federated/secure/trackers.ts';
import { notAgreeing } from '../../../models/federated/workflow/coordination.ts';
import { codeOf } from '../../support/error-code.ts';
import { rowsOf, type Table } from '../../support/federated.ts';

const over = (sites: string, rows = '1'): Cohorts => Object.fromEntries(Array.from(sites, (site) => [site, rows]));
const asked = (runId: string, cohorts: Cohorts, driftOf?: string): Asked => ({ runId, round: 0, attempt: 1, cohorts, driftOf });
/** What a site lets pass, one run after another, each confirmed. */
const ledgerOf = (runs: readonly Cohorts[], driftOf?: string): Ledger => runs.reduce((ledger, cohorts, i) => {
  const ask = asked(`run-${i}`, cohorts, driftOf);
  requireFresh(ledger, ask, 'q');
  return withSum(withAnswer(ledger, ask, 'q'), ask.runId);
}, EMPTY_LEDGER);
const after = (runs: readonly Cohorts[], next: Cohorts, driftOf?: string) => codeOf(() => { requireFresh(ledgerOf(runs, driftOf), asked('next', next, driftOf), 'other'); });

describe('what a site says of its rows', () => {
  const table: Table = { keys: ['k1', 'k2', 'k3'], labels: [0, 1, 0], values: [[1, 2, 3], [4, 5, 6], [7, 8, 9]] };
  it('is the same for the same rows, in any order, with whatever columns; and another with a row more', () => {
    const all = commitmentOf({}, rowsOf(table));
    expect(commitmentOf({}, rowsOf(table, [2, 0, 1], ['b', 'a', 'c']))).toBe(all);
    expect(commitmentOf({}, { ...rowsOf(table), features: ['c'], columns: [Float32Array.of(3, 6, 9)] })).toBe(all);
    expect(commitmentOf({}, rowsOf(table, [0, 1]))).not.toBe(all);
  });
  it('is in a count of drift another once an outcome came', () => {
    const drift = { modelId: 'm', version: 1, artefactSha256: 'ab', fromEpochMs: 0, toEpochMs: 1 };
    const later = { ...table, values: [[1, 2, NaN], ...table.values.slice(1)] };
    expect(commitmentOf({ drift }, rowsOf(table))).not.toBe(commitmentOf({ drift }, rowsOf(later)));
    expect(commitmentOf({ drift }, rowsOf(table, [1, 2, 0]))).toBe(commitmentOf({ drift }, rowsOf(table)));
  });
});

describe('sums of several trainings', () => {
  it.each([
    ['all but one', [over('ABCD')], over('ABC')], ['all but two', [over('ABCDE')], over('ABC')], ['one more', [over('ABC')], over('ABCD')],
    ['new rows at one site', [over('ABC')], { ...over('BC'), A: '2' }], ['new rows at two', [over('ABC')], { C: '1', ...over('AB', '2') }],
    ['a third sum that takes two others away to two sites', [over('ABCDEF'), over('DEFG')], over('ABCH')],
    ['a site that came back, though the others have new rows', [over('ABCD'), over('ABC', '2')], { ...over('ABC', '2'), D: '1' }],
  ] as const)('are refused where together they tell of fewer than three sites: %s', (_, runs, next) => { expect(after(runs, next)).toBe('training-sites-changed'); });
  it.each([
    ['the same again', [over('ABC')], over('ABC')], ['new rows at three', [over('ABC')], over('ABC', '2')], ['a network that grows by one, with news of two', [over('ABC')], { C: '1', D: '1', ...over('AB', '2') }],
    ['a network that grows by three', [over('ABC')], over('ABCDEF')], ['other rows altogether', [over('ABC')], over('ABD', '2')], ['two sums put together', [over('ABC'), over('DEF')], over('ABCDEF')],
  ] as const)('are let pass: %s', (_, runs, next) => { expect(after(runs, next)).toBeUndefined(); });
  it('of drift may follow each other over the same sites, however few have news, but not over one less', () => {
    expect(after([over('ABCD')], { ...over('BCD'), A: '2' }, 'model')).toBeUndefined();
    expect(after([over('ABCD')], { ...over('BC'), A: '2' }, 'model')).toBe('training-sites-changed');
    expect(after([over('ABCD'), over('ABC', '2')], { ...over('ABC', '2'), D: '1' }, 'model')).toBe('training-sites-changed');
  });
  it('never give a difference of one site or two, whatever is asked in whatever order: each that was let pass differs from each other in none or at least three', () => {
    const cohorts = fc.dictionary(fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F'), fc.constantFrom('1', '2'), { minKeys: 3 });
    fc.assert(fc.property(fc.array(cohorts, { maxLength: 8 }), (asks) => {
      let passed: readonly Cohorts[] = [];
      for (const next of asks) if (after(passed, next) === undefined) passed = [...passed, next];
      for (const one of passed) for (const other of passed) expect([1, 2]).not.toContain(differing(one, other).length);
    }), { numRuns: 60 });
  });
  it('are held against each other by a naive search over small combinations', () => {
    const cohorts = fc.subarray(['A', 'B', 'C', 'D', 'E'], { minLength: 3 }).map((sites) => over(sites.join('')));
    fc.assert(fc.property(fc.array(cohorts, { minLength: 1, maxLength: 3 }), cohorts, (before, next) => {
      const weights = before.reduce<readonly (readonly number[])[]>((all) => all.flatMap((each) => [-2, -1, 0, 1, 2].map((weight) => [...each, weight])), [[]]);
      const tells = weights.some((each) => {
        const left = Array.from('ABCDE').filter((site) => (next[site] === undefined ? 0 : 1) + each.reduce((sum, weight, i) => sum + (before[i]![site] === undefined ? 0 : weight), 0) !== 0).length;
        return left === 1 || left === 2;
      });
      // Half of a sum, too: a determinant of three rows of zeros and ones is two at most.
      const isNothingNew = [1, 2].some((factor) => weights.some((each) => Array.from('ABCDE').every((site) => (next[site] === undefined ? 0 : factor) + each.reduce((sum, weight, i) => sum + (before[i]![site] === undefined ? 0 : weight), 0) === 0)));
      if (tells && !isNothingNew) expect(singledOut(before, next)).toBeDefined();
    }), { numRuns: 100, examples: [[[over('BDE'), over('ACDE'), over('ABC')], over('ABCDE')]] });
  });
});

describe('the rows a site takes part with', () => {
  const many: Table = { keys: Array.from({ length: 40 }, (_, i) => `k${i}`), labels: Array.from({ length: 40 }, (_, i) => i % 2), values: Array.from({ length: 40 }, (_, i) => [i, i, i]) };
  const first = (count: number) => rowsOf(many, many.keys.flatMap((_, i) => (i < count ? [i] : [])));
  it('are those of the time before until as many are new as it takes part with', () => {
    const before = [new Set(first(20).keys)];
    expect(settledCohort(first(24), before, 5)).toEqual(first(20));
    expect(settledCohort(first(25), before, 5)).toEqual(first(25));
    expect(settledCohort(first(20), [], 5)).toEqual(first(20));
  });
  it('never differ by one to four from any time before, however many come in between', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 8 }), (arriving) => {
      const told = [new Set(first(6).keys)];
      let total = 6;
      for (const more of arriving) {
        total = Math.min(40, total + more);
        const keys = new Set(settledCohort(first(total), told, 5).keys);
        for (const earlier of told) expect([1, 2, 3, 4]).not.toContain([...keys].filter((key) => !earlier.has(key)).length);
        told.push(keys);
      }
    }));
  });
  it('are fewer by as many as hide which of those before are missing now', () => {
    const settled = settledCohort(first(18), [new Set(first(20).keys)], 5);
    expect(settled.keys).toHaveLength(15);
    expect(settledCohort(first(18), [new Set(first(20).keys), new Set(settled.keys)], 5)).toEqual(settled);
  });
  it('are none where no choice keeps to that', () => {
    expect(codeOf(() => settledCohort(first(20), [new Set(first(10).keys), new Set(first(12).keys)], 5))).toBeUndefined();
    expect(codeOf(() => settledCohort(first(12), [new Set(first(10).keys), new Set(first(12).keys)], 5))).toBe('training-cohort-too-small');
    expect(codeOf(() => settledCohort(rowsOf(many, [30, 31, 32, 33, 34, 35]), [new Set(first(20).keys)], 5))).toBeUndefined();
  });
});

describe('hospitals that did not all confirm each other', () => {
  const joined = { A: '', B: '', C: '', D: '' };
  it('go on without the one nobody knows, not without those that do not know it', () => {
    expect(notAgreeing({ joined, unconfirmed: { A: ['D'], B: ['D'], C: ['D'], D: [] } })).toEqual(['D']);
    expect(notAgreeing({ joined, unconfirmed: { A: [], B: [], C: [], D: ['A', 'B', 'C'] } })).toEqual(['D']);
    expect(notAgreeing({ joined, unconfirmed: { A: ['X'], B: [], C: [], D: [] } })).toEqual([]);
  });
  it('are a set in which each confirmed each', () => {
    const sites = ['A', 'B', 'C', 'D', 'E'];
    fc.assert(fc.property(fc.record(Object.fromEntries(sites.map((site) => [site, fc.subarray(sites)]))), (drawn) => {
      const unconfirmed = Object.fromEntries(Object.entries(drawn).map(([site, names]) => [site, names.filter((name) => name !== site)]));
      const gone = notAgreeing({ joined: Object.fromEntries(sites.map((site) => [site, ''])), unconfirmed });
      const left = sites.filter((site) => !gone.includes(site));
      for (const site of left) expect(left.filter((other) => unconfirmed[site]!.includes(other))).toEqual([]);
    }));
  });
});
