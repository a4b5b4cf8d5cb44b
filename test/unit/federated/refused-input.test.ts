import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countMoments, type Variable } from '../../../models/monitoring/moments.ts';
import { Gathering } from '../../../models/federated/secure/gather.ts';
import { planHash } from '../../../models/federated/plan.ts';
import type { Ask } from '../../../models/federated/secure/messages.ts';
import { wordCount } from '../../../models/federated/words.ts';
import { codeOf } from '../../support/error-code.ts';
import { fileOf, NOW, planOf, rowsOf, runOver, sitesOver, type Table } from '../../support/federated.ts';

const whole = fc.integer({ min: -5, max: 5 });
/** Rows of three features, each of which varies, with both labels in numbers. */
const tables = fc.array(fc.tuple(whole, whole, whole, fc.nat(1)), { minLength: 12, maxLength: 40 }).map((rows): Table => ({
  keys: rows.map((_, i) => `b${i}`), values: rows.map(([a, b, c], i) => (i < 2 ? [9 - i, i - 9, 9 + i] : [a, b, c])), labels: rows.map(([, , , label], i) => (i < 10 ? i % 2 : label)),
}));
const FEATURES = ['a', 'b', 'c'] as const;
const place = fc.nat(2);
const withValue = ({ keys, values, labels }: Table, row: number, column: number, value: number): Table => ({ keys, labels, values: values.map((each, i) => (i === row % values.length ? each.map((old, j) => (j === column ? value : old)) : each)) });
const refusal = (sites: readonly Parameters<typeof runOver>[1][number][], plan = planOf()): unknown => codeOf(() => runOver(plan, sites));

describe('a site with rows that do not fit', () => {
  it('is refused for any other schema: a feature of another name, one too many, or in another order', () => {
    fc.assert(fc.property(tables, place, fc.string({ minLength: 1, maxLength: 8 }).filter((name) => !(FEATURES as readonly string[]).includes(name)), fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), (table, at, name, order) => {
      const rows = rowsOf(table);
      expect(refusal([rowsOf(table), { ...rows, features: FEATURES.map((each, i) => (i === at ? name : each)) }])).toBe('training-schema-mismatch');
      expect(refusal([{ ...rows, features: [...FEATURES, name], columns: [...rows.columns, rows.columns[0]!] }])).toBe('training-schema-mismatch');
      const isSame = order.every((each, i) => each === i);
      expect(refusal([{ ...rows, features: order.map((i) => FEATURES[i]!), columns: order.map((i) => rows.columns[i]!) }])).toBe(isSame ? undefined : 'training-schema-mismatch');
    }));
  });
  it('is refused for any feature it lacks, by its name', () => {
    fc.assert(fc.property(tables, place, (table, gone) => {
      const rows = rowsOf(table);
      const without = { ...rows, features: FEATURES.filter((_, i) => i !== gone), columns: rows.columns.filter((_, i) => i !== gone) };
      expect(refusal([rows, without])).toBe('training-schema-mismatch');
      expect(() => runOver(planOf(), [without])).toThrow(`want ${FEATURES[gone]}`);
    }));
  });
  it('is refused for an infinite value, wherever it is', () => {
    fc.assert(fc.property(tables, fc.nat(), place, fc.constantFrom(Infinity, -Infinity), (table, row, column, value) => { expect(refusal([rowsOf(withValue(table, row, column, value))])).toBe('training-data-malformed'); }));
  });
  it('is refused for a label that is none, whichever row has it', () => {
    fc.assert(fc.property(tables, fc.nat(), fc.integer({ min: 2, max: 255 }), (table, row, label) => { expect(refusal([rowsOf({ ...table, labels: table.labels.map((each, i) => (i === row % table.labels.length ? label : each)) })])).toBe('training-data-malformed'); }));
  });
});

describe('rows that can be used in part', () => {
  it('with a feature that is constant over the network train around it, part no rows by it or by what they name, and give the file they give without a difference between sites', () => {
    fc.assert(fc.property(tables, place, whole, fc.integer({ min: 1, max: 4 }), (table, constant, value, siteCount) => {
      const own = table.values.reduce((held, _, row) => withValue(held, row, constant, value), table);
      const run = runOver(planOf(), Array.from({ length: siteCount }, (_, site) => rowsOf(own, own.keys.flatMap((__, i) => (i % siteCount === site ? [i] : [])))));
      const idle = [constant, ...run.constant.map((name) => FEATURES.findIndex((each) => each === name))];
      for (const { left, right, feature, cover } of run.forest!.trees) feature.forEach((own, i) => { if (left[i]! >= 0 && idle.includes(own)) expect(Math.min(cover[left[i]!]!, cover[right[i]!]!)).toBe(0); });
      expect(fileOf(run)).toBe(fileOf(runOver(planOf(), [rowsOf(own)])));
    }), { numRuns: 40 });
  });
  it('with a feature that is constant at one site only lose nothing: the file is that of the pooled rows', () => {
    fc.assert(fc.property(tables, place, (table, column) => {
      const same = table.values[0]![column]!;
      const [of, rest] = [table.values.flatMap((row, i) => (row[column] === same ? [i] : [])), table.values.flatMap((row, i) => (row[column] === same ? [] : [i]))];
      expect(fileOf(runOver(planOf(), [of, rest].map((members) => rowsOf(table, members))))).toBe(fileOf(runOver(planOf(), [rowsOf(table)])));
    }), { numRuns: 40 });
  });
  it('with sites of one class each give the file of the pooled rows; with one class over all sites they are refused', () => {
    fc.assert(fc.property(tables, fc.nat(1), (table, label) => {
      const of = (own: number): readonly number[] => table.labels.flatMap((each, i) => (each === own ? [i] : []));
      expect(fileOf(runOver(planOf(), [0, 1].map((own) => rowsOf(table, of(own)))))).toBe(fileOf(runOver(planOf(), [rowsOf(table)])));
      expect(refusal([0, 1].map((side) => rowsOf(table, of(label).filter((_, i) => i % 2 === side))))).toBe('training-label-one-class');
    }), { numRuns: 40 });
  });
  it('with values that are missing anywhere train a forest on what is there, and leave the batch out of monitoring', () => {
    const variables: readonly Variable[] = FEATURES.map((name) => ({ name, low: -10, high: 10 }));
    fc.assert(fc.property(tables, fc.nat(), place, (table, row, column) => {
      const own = withValue(table, row < 2 ? row + 2 : row, column, Number.NaN);
      const half = [0, 1].map((side) => own.keys.flatMap((_, i) => (i % 2 === side ? [i] : [])));
      expect(fileOf(runOver(planOf(), half.map((members) => rowsOf(own, members))))).toBe(fileOf(runOver(planOf(), [rowsOf(own)])));
      expect(countMoments(variables, own.values)).toEqual(countMoments(variables, own.values.filter((values) => !values.some(Number.isNaN))));
    }), { numRuns: 40 });
  });
});

describe('an answer that does not belong', () => {
  const plan = planOf();
  const rows: Table = { keys: Array.from({ length: 20 }, (_, i) => `b${i}`), labels: Array.from({ length: 20 }, (_, i) => i % 2), values: Array.from({ length: 20 }, (_, i) => [i % 3, i % 5, i % 7]) };
  const { sites, certificates } = sitesOver(plan, Array.from({ length: 4 }, (_, site) => rowsOf(rows, rows.keys.flatMap((__, i) => (i % 4 === site ? [i] : [])))));
  const ask: Ask = { runId: 'run-1', planHash: planHash(plan), round: 0, attempt: 1, members: sites.map(({ siteId }) => siteId), certificates, closesAtEpochMs: NOW, question: { type: 'scale' } };
  const answers = sites.map((site) => site.answer(ask, NOW));
  const words = answers[0]!.words.length;
  const format = { bits: 32, isSigned: false } as const;
  const gathering = (): Gathering => new Gathering(ask, format, wordCount(words, format));
  const turns = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 1 });

  it('is refused when a site answers twice, in any order; what it said first stays, and the round goes on', () => {
    fc.assert(fc.property(turns, fc.nat(), (order, again) => {
      const round = gathering();
      for (const i of order) round.take(answers[i]!, NOW);
      const twice = order[again % order.length]!;
      expect(codeOf(() => { round.take({ ...answers[twice]!, words: answers[twice]!.words.map((word) => word + 1) }, NOW); })).toBe('training-round-answered');
      for (const i of [0, 1, 2, 3]) if (!order.includes(i)) round.take(answers[i]!, NOW);
      expect(round.complete().digests).toEqual((() => { const first = gathering(); for (const answer of answers) first.take(answer, NOW); return first.complete().digests; })());
    }));
  });
  it('is refused when it is late, however little, and leaves the site missing', () => {
    fc.assert(fc.property(fc.nat(3), fc.integer({ min: 1, max: 1e12 }), (i, lateMs) => {
      const round = gathering();
      expect(codeOf(() => { round.take(answers[i]!, NOW + lateMs); })).toBe('training-round-late');
      expect(round.missing).toContain(`site-${i}`);
    }));
  });
  it('is refused with any other length', () => {
    fc.assert(fc.property(fc.nat(3), fc.integer({ min: 0, max: 2 * words }).filter((length) => length !== words), (i, length) => {
      expect(codeOf(() => { gathering().take({ ...answers[i]!, words: new Uint32Array(length) }, NOW); })).toBe('training-round-malformed');
    }));
  });
  it('is refused from any other round, attempt or site', () => {
    fc.assert(fc.property(fc.nat(3), fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 9 }), fc.string(), (i, number, attempt, stranger) => {
      fc.pre(number !== 0 || attempt !== 1);
      const other = new Gathering({ ...ask, round: number, attempt }, format, wordCount(words, format));
      expect(codeOf(() => { other.take(answers[i]!, NOW); })).toBe('training-round-stale');
      expect(codeOf(() => { gathering().take({ ...answers[i]!, siteId: `${stranger}-` }, NOW); })).toBe('training-round-stale');
    }));
  });
});
