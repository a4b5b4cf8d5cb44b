import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cohort } from '../../../models/federated/cohort.ts';
import { modelFileOf } from '../../../models/federated/model-text.ts';
import { monitoringPlan, requirePlan, roundLimit, type Plan } from '../../../models/federated/plan.ts';
import { advance, beginRun } from '../../../models/federated/run.ts';
import { questionFrom } from '../../../models/federated/workflow/question.ts';
import { decodeMessage, encodeMessage } from '../../../models/federated/workflow/wire.ts';
import { readMonitoringFile } from '../../../models/monitoring/model-file.ts';
import { countMoments } from '../../../models/monitoring/moments.ts';
import { planeFrom } from '../../../models/monitoring/pca.ts';
import { codeOf } from '../../support/error-code.ts';
import { maskedRun, planOf, rowsOf, runOver, sitesOver, type Table } from '../../support/federated.ts';

const variables = [{ name: 'a', low: -10, high: 10 }, { name: 'b', low: -10, high: 10 }, { name: 'c', low: -10, high: 10 }];
const PLAN = monitoringPlan({ variables, label: 'failed', components: 2, rowLimit: 1000 });
const value = fc.oneof({ weight: 9, arbitrary: fc.double({ min: -15, max: 15, noNaN: true }).map(Math.fround) }, { weight: 1, arbitrary: fc.constant(NaN) });
/** Any batches, after six that went well and in which all varies. */
const table: fc.Arbitrary<Table> = fc.array(fc.tuple(value, value, value, fc.nat(1)), { minLength: 4, maxLength: 60 }).map((rows) => {
  const all = [...Array.from({ length: 6 }, (_, i) => [i, (i * i) % 7, (i * i * i) % 5, 0] as const), ...rows];
  return { keys: all.map((_, i) => `batch-${i}`), values: all.map(([a, b, c]) => [a, b, c]), labels: all.map(([, , , label]) => label) };
});
const FIXED: Table = { keys: Array.from({ length: 60 }, (_, i) => `k${i}`), values: Array.from({ length: 60 }, (_, i) => [i % 7, (i * 13) % 11, (i * i) % 17]), labels: Array.from({ length: 60 }, (_, i) => (i % 10 === 0 ? 1 : 0)) };
const thirds = [0, 1, 2].map((site) => rowsOf(FIXED, FIXED.keys.flatMap((_, i) => (i % 3 === site ? [i] : []))));

describe('process monitoring over sites', () => {
  it('gives the same file, byte for byte, however batches are spread over 1 to 10 sites, in any order: that of the pooled batches that went well', () => {
    fc.assert(fc.property(table, fc.integer({ min: 1, max: 10 }), fc.infiniteStream(fc.nat()), (rows, siteCount, numbers) => {
      const next = (): number => numbers.next().value as number;
      const order = rows.keys.map((_, i) => ({ i, at: next() })).sort((a, b) => a.at - b.at).map(({ i }) => i);
      const sites = Array.from({ length: siteCount }, (): number[] => []);
      for (const i of order) sites[next() % siteCount]!.push(i);
      const file = modelFileOf(runOver(PLAN, [rowsOf(rows)]));
      expect(modelFileOf(runOver(PLAN, sites.map((members) => rowsOf(rows, members))))).toBe(file);
      const normal = rows.values.filter((_, i) => rows.labels[i] === 0);
      expect(readMonitoringFile(file).plane).toEqual(JSON.parse(JSON.stringify(planeFrom(variables, countMoments(variables, normal), 2))));
    }), { numRuns: 60 });
  });
  it('takes one round, and gives the same file under masks, also when a site misses an attempt, or vanishes after its answer', () => {
    const plain = runOver(PLAN, [rowsOf(FIXED)]);
    expect([plain.round, roundLimit(PLAN), plain.rows]).toEqual([1, 1, 54]);
    expect(modelFileOf(maskedRun(PLAN, thirds))).toBe(modelFileOf(plain));
    expect(modelFileOf(maskedRun(PLAN, thirds, (site, _, attempt, stage) => stage === 'answer' && attempt === 1 && site === 'site-1'))).toBe(modelFileOf(plain));
    const quarters = [0, 1, 2, 3].map((site) => rowsOf(FIXED, FIXED.keys.flatMap((_, i) => (i % 4 === site ? [i] : []))));
    expect(modelFileOf(maskedRun(PLAN, quarters, (site, _, __, stage) => stage !== 'answer' && site === 'site-1'))).toBe(modelFileOf(plain));
  });
  it('is refused by a site with fewer than five batches that went well and are complete, whatever else it has', () => {
    const few = rowsOf({ ...FIXED, labels: FIXED.labels.map((_, i) => (i < 4 ? 0 : 1)) });
    const holes = rowsOf({ ...FIXED, values: FIXED.values.map((row, i) => (i < 10 ? row : [NaN, ...row.slice(1)])) }, Array.from({ length: 16 }, (_, i) => (i < 5 ? i : i + 10)));
    expect(codeOf(() => sitesOver(PLAN, [few], { leastCohort: 5 }))).toBe('training-cohort-too-small');
    expect(codeOf(() => sitesOver(PLAN, [holes], { leastCohort: 5 }))).toBe('training-cohort-too-small');
    expect(codeOf(() => sitesOver(planOf(), [few], { leastCohort: 5 }))).toBeUndefined();
  });
  it('answers no question of a tree, and a tree no question of it', () => {
    const cohort = new Cohort(PLAN, rowsOf(FIXED));
    expect(codeOf(() => cohort.answer({ type: 'scale' }))).toBe('training-round-malformed');
    expect(codeOf(() => new Cohort(planOf(), rowsOf(FIXED)).answer({ type: 'moments' }))).toBe('training-round-malformed');
    for (const [plan, type] of [[PLAN, 'scale'], [planOf(), 'moments']] as const) expect(codeOf(() => questionFrom(plan, { head: { type }, arrays: {} }))).toBe('training-round-malformed');
    expect(questionFrom(PLAN, { head: { type: 'moments' }, arrays: {} })).toEqual({ type: 'moments' });
  });
  it.each<readonly [string, Partial<Plan>]>([
    ['no terms', { monitoring: undefined as never }], ['a range too few', { monitoring: { components: 2, ranges: [{ low: 0, high: 1 }, { low: 0, high: 1 }] } }], ['a range upside down', { monitoring: { components: 2, ranges: variables.map(() => ({ low: 1, high: 0 })) } }],
    ['as many components as variables', { monitoring: { components: 3, ranges: PLAN.monitoring!.ranges } }], ['no component', { monitoring: { components: 0, ranges: PLAN.monitoring!.ranges } }], ['one variable', { features: ['a'], monitoring: { components: 1, ranges: [{ low: 0, high: 1 }] } }],
    ['terms beside a forest', { method: 'forest' }],
  ])('refuses a plan with %s', (_, own) => { expect(codeOf(() => { requirePlan({ ...PLAN, ...own }); })).toBe('training-plan-malformed'); });
  it('reaches a hospital as it was asked for', () => {
    const invitation = { runId: 'r', title: 't', purpose: 'p', plan: PLAN, invited: ['a'], joinUntilEpochMs: 1, answerWithinMs: 1 };
    expect(decodeMessage('invitation', encodeMessage('invitation', invitation))).toEqual(invitation);
  });
  it('is no model of sums that are too few, of another length, or of a variable that never varies', () => {
    const of = (rows: Table) => codeOf(() => modelFileOf(runOver(PLAN, [rowsOf(rows)])));
    expect(of({ ...FIXED, labels: FIXED.labels.map(() => 1) })).toBe('training-data-malformed');
    expect(of({ ...FIXED, values: FIXED.values.map(([a, b]) => [a!, b!, 3]) })).toBe('training-data-malformed');
    expect(codeOf(() => advance(beginRun(PLAN), [1, 2, 3]))).toBe('training-round-malformed');
    expect(codeOf(() => modelFileOf(beginRun(PLAN)))).toBe('training-round-stale');
  });
  it('has a file that does not load once a byte of it was changed', () => {
    const file = modelFileOf(runOver(PLAN, [rowsOf(FIXED)]));
    expect(JSON.parse(file)).toMatchObject({ attributes: { notice: 'Candidate. Not accepted for use.' }, alarm: { level: 0.99, consecutive: 2 }, limits: [{ hour: 0, limits: [{ level: 0.95 }, { level: 0.99 }] }] });
    fc.assert(fc.property(fc.nat(file.length - 1), fc.constantFrom('0', '1', 'x', '"'), (at, by) => {
      const damaged = file.slice(0, at) + by + file.slice(at + 1);
      expect(damaged === file ? undefined : codeOf(() => readMonitoringFile(damaged))).toBe(damaged === file ? undefined : 'model-tampered');
    }));
    expect(codeOf(() => readMonitoringFile(''))).toBe('model-tampered');
  });
});
