import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cohort } from '../../../models/federated/cohort.ts';
import { bootstrapWeights } from '../../../models/federated/draws.ts';
import { monitoringPlan, privatePlan, type Plan } from '../../../models/federated/plan.ts';
import type { Rows } from '../../../models/federated/rows.ts';
import { advance, beginRun, type Question } from '../../../models/federated/run.ts';
import { settledCohort } from '../../../models/federated/secure/cohorts.ts';
import { pack } from '../../../models/federated/workflow/pack.ts';
import { decodeRows, encodeRows } from '../../../models/federated/workflow/stored.ts';
import { canonicalJson } from '../../../shared/record/canonical-json.ts';
import { codeOf } from '../../support/error-code.ts';
import { fileOf, planOf, rowsOf, runOver, sitesOver, type Table } from '../../support/federated.ts';

const COUNT = 60;
const table: Table = {
  keys: Array.from({ length: COUNT }, (_, i) => `b${i}`), drawKeys: Array.from({ length: COUNT }, (_, i) => `secret ${i}`), labels: Array.from({ length: COUNT }, (_, i) => ((i * 7) % 10 > 4 ? 1 : 0)),
  values: Array.from({ length: COUNT }, (_, i) => [i % 7, (i * 13) % 11, i % 4 === 0 ? NaN : (i * i) % 17]),
};
const keysFrom = (prefix: string): readonly string[] => table.keys.map((_, i) => `${prefix}${i}`);
const VARIABLES = ['a', 'b', 'c'].map((name) => ({ name, low: -50, high: 50 }));
const PRIVATE = privatePlan({ variables: VARIABLES, label: 'label', seed: 7, treeCount: 5, depth: 3, microEpsilon: 1_000_000, curious: 1, rowLimit: 1000 });
/** Plans that draw of rows. */
const DRAWING: readonly (readonly [string, Plan])[] = [['a forest', planOf()], ['boosting', planOf({ method: 'boosting', minimumLeaf: 0.5, treeCount: 2 })], ['private', PRIVATE]];
const FORESTS = DRAWING.slice(0, 2);
const OTHERS: readonly (readonly [string, Plan])[] = [['monitoring', monitoringPlan({ variables: VARIABLES, label: 'label', components: 2, rowLimit: 1000 })]];

/** A question whose answer hangs on draws: of a forest the last kind of a run, of boosting the first. */
const drawing = (plan: Plan, rows: Rows): Question => {
  if (plan.method !== 'forest') return { type: plan.method === 'private' ? 'leaves' : 'scale' };
  const cohort = new Cohort(plan, rows);
  let run = beginRun(plan);
  for (let { question } = run; question !== undefined && question.type !== 'level'; { question } = run) run = advance(run, Float64Array.from(cohort.answer(question)));
  return run.question!;
};

describe('draws of rows', () => {
  it.each(FORESTS)('hang on draw keys and not on names: the same file under any names, in any order, wherever rows live: %s', (_, plan) => {
    const file = fileOf(runOver(plan, [rowsOf(table)]));
    fc.assert(fc.property(fc.array(fc.nat(3), { minLength: COUNT, maxLength: COUNT }), fc.stringMatching(/^[a-z]{1,8}$/u), (places, prefix) => {
      const renamed = { ...table, keys: keysFrom(prefix) };
      const sites = [0, 1, 2, 3].map((site) => places.flatMap((place, i) => (place === site ? [i] : [])).reverse()).filter(({ length }) => length > 0);
      expect(fileOf(runOver(plan, sites.map((members) => rowsOf(renamed, members))))).toBe(file);
    }), { numRuns: 12 });
  });
  it.each(FORESTS)('are others with other draw keys, under the same names: %s', (_, plan) => {
    const file = fileOf(runOver(plan, [rowsOf(table)]));
    for (const drawKeys of [keysFrom('other '), table.keys, table.drawKeys!.toReversed()]) expect(fileOf(runOver(plan, [rowsOf({ ...table, drawKeys })]))).not.toBe(file);
  });
  it.each(DRAWING)('are in each count those of the draw keys; from the names nobody can say them: %s', (_, plan) => {
    const question = drawing(plan, rowsOf(table));
    const answerOf = (own: Table) => Array.from(new Cohort(plan, rowsOf(own)).answer(question));
    expect(answerOf(table)).toEqual(answerOf({ ...table, keys: table.drawKeys! }));
    expect(answerOf(table)).not.toEqual(answerOf({ ...table, drawKeys: table.keys }));
  });
  it('are by the names as far from the true ones as by any others', () => {
    const [treeCount, rowCount] = [100, 200];
    const keys = Array.from({ length: rowCount }, (_, i) => `name ${i}`);
    const [byDraws, byNames] = [bootstrapWeights(7, keys.map((key) => `secret of ${key}`), treeCount), bootstrapWeights(7, keys, treeCount)];
    const hits = byDraws.filter((weight, i) => weight === byNames[i]).length / byDraws.length;
    // Two Poisson weights of mean 1 are equal with probability I₀(2)/e² = 0.3085; five standard errors of 20,000.
    expect(Math.abs(hits - 0.3085)).toBeLessThan(5 * Math.sqrt((0.3085 * 0.6915) / byDraws.length));
  });
});

describe('rows without draw keys', () => {
  const without: Rows = { ...rowsOf(table), drawKeys: undefined };
  it('train nothing that is drawn, whatever the rows, the seed and the kind of forest: neither a cohort nor a site is made of them', () => {
    fc.assert(fc.property(fc.subarray(table.keys.map((_, i) => i), { minLength: 1 }), fc.nat(2 ** 32 - 1), fc.constantFrom(...DRAWING), (members, seed, [, drawn]) => {
      const [plan, rows] = [{ ...drawn, seed }, rowsOf(table, members)];
      expect([() => new Cohort(plan, { ...rows, drawKeys: undefined }), () => sitesOver(plan, [{ ...rows, drawKeys: undefined }])].map(codeOf)).toEqual(['training-data-malformed', 'training-data-malformed']);
      expect([() => new Cohort(plan, rows), () => sitesOver(plan, [rows])].map(codeOf)).toEqual([undefined, undefined]);
    }));
  });
  it.each(OTHERS)('train what draws nothing of rows: %s', (_, plan) => {
    const first = beginRun(plan).question!;
    expect(Array.from(new Cohort(plan, without).answer(first))).toEqual(Array.from(new Cohort(plan, rowsOf(table)).answer(first)));
    expect(codeOf(() => runOver(plan, [without]))).toBeUndefined();
  });
  it.each([['one too few', table.drawKeys!.slice(1)], ['one too many', [...table.drawKeys!, 'more']], ['one given again', [...table.drawKeys!, 'secret 0']], ['one of two rows', [...table.drawKeys!.slice(1), 'secret 1']]])('are not made up for by %s', (_, drawKeys) => {
    for (const [, plan] of [...DRAWING, ...OTHERS]) expect(codeOf(() => new Cohort(plan, { ...rowsOf(table), drawKeys }))).toBe('training-data-malformed');
  });
});

describe('rows that a hospital keeps for a run', () => {
  const { keys, features, labels, columns } = rowsOf(table);
  const values = Float32Array.from(columns.flatMap((column) => [...column]));
  it('come back with names and draw keys, and without where they had none', () => {
    for (const rows of [rowsOf(table), { ...rowsOf(table), drawKeys: undefined }]) expect(decodeRows(encodeRows(rows))).toEqual(rows);
  });
  it('from before there were draw keys come back as they were, with the digest they had, and train nothing that is drawn', () => {
    const kept = decodeRows(pack({ head: { keys, features }, arrays: { labels, values } }));
    expect(kept).toEqual({ ...rowsOf(table), drawKeys: undefined });
    const former = createHash('sha256').update(canonicalJson(keys)).update(labels).update(new Uint8Array(values.buffer)).digest('hex');
    for (const [, plan] of OTHERS) expect(new Cohort(plan, kept).digest).toBe(former);
    for (const [, plan] of DRAWING) expect(codeOf(() => new Cohort(plan, kept))).toBe('training-data-malformed');
  });
  it('have a digest that nobody can try guesses against who has names, labels and values', () => {
    const [digest, other, former] = [rowsOf(table), rowsOf({ ...table, drawKeys: keysFrom('other ') }), { ...rowsOf(table), drawKeys: undefined }].map((rows) => new Cohort(OTHERS[0]![1], rows).digest);
    expect(new Set([digest, other, former]).size).toBe(3);
  });
  it('keep each its draw key where a cohort settles on some of them', () => {
    const first = (count: number): Rows => rowsOf(table, table.keys.flatMap((_, i) => (i < count ? [i] : [])));
    expect(settledCohort(first(24), [new Set(first(20).keys)], 5)).toEqual(first(20));
  });
  it('are left out, to hide which are missing now, by their draw keys: the names do not say which', () => {
    const hiddenBy = (drawKeys: readonly string[]): readonly string[] => {
      const now = rowsOf({ ...table, drawKeys }, table.keys.flatMap((_, i) => (i === 0 ? [] : [i])));
      const settled = settledCohort(now, [new Set(table.keys)], 5);
      expect(settled.keys).toHaveLength(COUNT - 5);
      return now.keys.filter((key) => !settled.keys.includes(key));
    };
    const rising = table.keys.map((_, i) => `secret ${100 + i}`);
    expect(hiddenBy(rising)).toEqual(['b56', 'b57', 'b58', 'b59']);
    expect(hiddenBy(rising.toReversed())).toEqual(['b1', 'b2', 'b3', 'b4']);
  });
});
