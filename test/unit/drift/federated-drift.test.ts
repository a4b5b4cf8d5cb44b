import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { driftRows, settledRows, type KeyedAnswer } from '../../../models/drift/answers.ts';
import { CASE, countDrift, driftCountsFrom, driftWidth } from '../../../models/drift/counts.ts';
import { readDriftFile } from '../../../models/drift/file.ts';
import { Cohort } from '../../../models/federated/cohort.ts';
import { federate, plainSumming } from '../../../models/federated/federation.ts';
import { modelFileOf } from '../../../models/federated/model-text.ts';
import { driftPlan, requirePlan, roundLimit } from '../../../models/federated/plan.ts';
import { distributionsOf, SCORE } from '../../../shared/model-registry/distributions.ts';
import { CASE_KINDS } from '../../../shared/model-registry/test-report.ts';
import { countCases } from '../../../shared/training-data/evaluation.ts';
import { codeOf } from '../../support/error-code.ts';

const INPUTS = ['ph-minimum', 'lactate-maximum'];
const TERMS = { modelId: 'cd19-early-failure', version: 1, artefactSha256: 'ab'.repeat(32), fromEpochMs: 1_700_000_000_000, toEpochMs: 1_700_600_000_000 };
const plan = driftPlan({ inputs: INPUTS, terms: TERMS, label: 'not-releasable', rowLimit: 10_000 });
const answer = fc.record({
  inputBins: fc.stringMatching(/^[0-9ab-]{2}$/), score: fc.double({ min: 0, max: 1, noNaN: true }), kind: fc.option(fc.constantFrom(...CASE_KINDS), { nil: undefined }),
});
/** Undecided for want of a score. */
const unscored = fc.record({ inputBins: fc.stringMatching(/^[0-9ab-]{2}$/), score: fc.constant(undefined), kind: fc.option(fc.constantFrom('undecidedPositive' as const, 'undecidedNegative' as const), { nil: undefined }) });
const answers = fc.array(fc.oneof({ weight: 3, arbitrary: answer }, { weight: 1, arbitrary: unscored }), { minLength: 1, maxLength: 60 }).map((all) => all.map(({ kind, ...each }, i): KeyedAnswer => ({ key: `k${String(i).padStart(3, '0')}`, ...each, ...(kind !== undefined && { kind }) })));
const batch = (key: string, own: Partial<KeyedAnswer> = {}): KeyedAnswer => ({ key, inputBins: '1a', score: 0.31, ...own });
const batches = (count: number, own: Partial<KeyedAnswer> = {}): readonly KeyedAnswer[] => Array.from({ length: count }, (_, i) => batch(`b${i}`, own));

describe('drift counted over hospitals', () => {
  it('gives the counts of the pooled batches, however they lie in one, two or five hospitals', () => {
    fc.assert(fc.property(answers, fc.integer({ min: 1, max: 5 }), (all, sites) => {
      const parts = Array.from({ length: sites }, (_, site) => all.filter((__, i) => i % sites === site)).filter((part) => part.length > 0);
      const run = federate(plan, parts.length, plainSumming(plan, parts.map((part) => new Cohort(plan, driftRows(INPUTS, part, 1)))));
      expect(run.drift?.distributions).toEqual(distributionsOf(INPUTS, all));
      const known = all.flatMap(({ kind }) => (kind === undefined ? [] : [kind]));
      expect(run.drift?.outcomes).toEqual(known.reduce((sum, kind) => ({ ...sum, [kind]: sum[kind] + 1 }), countCases([])));
      const truth = known.filter((kind) => kind === 'truePositive' || kind === 'falseNegative' || kind === 'undecidedPositive').length;
      // Known outcomes by score: of all that have one.
      const unscoredTruth = all.filter(({ score, kind }) => score === undefined && kind === 'undecidedPositive').length;
      expect(run.drift?.calibration.positives.reduce((sum, count) => sum + count, 0)).toBe(truth - unscoredTruth);
      expect(run.rows).toBe(all.length);
    }));
  });
  it('is one round, and its file says which model and which time', () => {
    expect(roundLimit(plan)).toBe(1);
    const file = readDriftFile(modelFileOf(federate(plan, 1, plainSumming(plan, [new Cohort(plan, driftRows(INPUTS, batches(7, { kind: 'falsePositive' }), 5))]))));
    expect(file).toMatchObject({ terms: TERMS, cases: 7, outcomes: { falsePositive: 7 } });
    expect(file.calibration.negatives[3]).toBe(7);
    expect(codeOf(() => readDriftFile('{"format":"bedside-drift-counts"}'))).toBe('histogram-malformed');
  });
  it('refuses a sum in which a batch has an input and no score, or an outcome that is counted once', () => {
    const counts = countDrift(driftRows(INPUTS, batches(6, { kind: 'truePositive' }), 5));
    expect(counts).toHaveLength(driftWidth(plan.features.length));
    const lost = Float64Array.from(counts);
    lost[1] = 5;
    expect(codeOf(() => driftCountsFrom(plan.features, lost))).toBe('training-sum-impossible');
    const forged = Float64Array.from(counts);
    forged[forged.length - 1] = 1;
    expect(codeOf(() => driftCountsFrom(plan.features, forged))).toBe('training-sum-impossible');
  });
  it('refuses a sum in which an outcome has no score, unless it is undecided and so many have none', () => {
    const sum = (own: Partial<KeyedAnswer>): Float64Array => countDrift(driftRows(INPUTS, batches(6, own), 5));
    expect(driftCountsFrom(plan.features, sum({ score: undefined, kind: 'undecidedPositive' }))).toMatchObject({ cases: 6, outcomes: { undecidedPositive: 6 }, calibration: { positives: Array.from({ length: 10 }, () => 0) } });
    for (const kind of ['truePositive', 'falseNegative', 'trueNegative', 'falsePositive'] as const) expect(codeOf(() => driftCountsFrom(plan.features, sum({ score: undefined, kind }))), kind).toBe('training-sum-impossible');
    // Six that have a score, of which one is not among the outcomes by score, or stands there twice.
    for (const [kind, from] of [['undecidedPositive', -20], ['undecidedNegative', -10]] as const) {
      for (const by of [-1, 1]) {
        const forged = sum({ kind });
        forged[forged.length + from + 3]! += by;
        expect(codeOf(() => driftCountsFrom(plan.features, forged)), kind).toBe('training-sum-impossible');
      }
    }
  });
  it('shows no outcome while fewer than five are known at a hospital', () => {
    const kinds = [...batches(20).slice(4), ...batches(4, { kind: 'truePositive' })];
    expect(driftCountsFrom(plan.features, countDrift(driftRows(INPUTS, kinds, 5))).outcomes.truePositive).toBe(0);
  });
  it('refuses plans and rows that are none of drift', () => {
    const { drift: _, ...bare } = plan;
    expect(codeOf(() => { requirePlan(bare); })).toBe('training-plan-malformed');
    expect(codeOf(() => { requirePlan({ ...plan, features: [...INPUTS, CASE, SCORE] }); })).toBe('training-plan-malformed');
    expect(codeOf(() => { requirePlan({ ...plan, drift: { ...TERMS, toEpochMs: 1 } }); })).toBe('training-plan-malformed');
    expect(codeOf(() => driftRows(INPUTS, [batch('b1', { inputBins: '1' })], 5))).toBe('histogram-malformed');
    const rows = driftRows(INPUTS, batches(5), 5);
    expect(codeOf(() => countDrift({ ...rows, columns: [Float32Array.of(12, 0, 0, 0, 0), ...rows.columns.slice(1)] }))).toBe('training-data-malformed');
    expect(codeOf(() => new Cohort(plan, rows).answer({ type: 'scale' }))).toBe('training-round-malformed');
  });
});

describe('the rows a hospital answers with', () => {
  const rowsOf = (all: readonly KeyedAnswer[]) => driftRows(INPUTS, all, 5);
  it('are those of the last time until five batches are new or have another outcome', () => {
    const before = rowsOf(batches(10));
    expect(settledRows(undefined, before, 5)).toBe(before);
    expect(settledRows(before, rowsOf(batches(14)), 5)).toBe(before);
    expect(settledRows(before, rowsOf(batches(15)), 5).keys).toHaveLength(15);
    const known = (count: number) => rowsOf(batches(10).map((each, i) => (i < count ? { ...each, kind: 'truePositive' } : each)));
    expect(settledRows(known(5), known(6), 5)).toStrictEqual(known(5));
    expect(settledRows(known(5), known(10), 5)).toStrictEqual(known(10));
  });
  it('are those of the last time while one outcome came with five new batches: it would be that batch\'s', () => {
    const known = (total: number, count: number) => rowsOf(batches(total).map((each, i) => (i < count ? { ...each, kind: 'truePositive' } : each)));
    expect(settledRows(known(10, 5), known(15, 6), 5)).toStrictEqual(known(10, 5));
    expect(settledRows(known(10, 5), known(15, 10), 5)).toStrictEqual(known(15, 10));
  });
  it('never let any two of a hospital\'s sums differ by one to four batches', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 12 }), (arriving) => {
      const told: (readonly string[])[] = [];
      let total = 5;
      let last = rowsOf(batches(total));
      told.push(last.keys);
      for (const more of arriving) {
        total += more;
        last = settledRows(last, rowsOf(batches(total)), 5);
        for (const earlier of told) {
          const difference = last.keys.filter((key) => !earlier.includes(key)).length;
          expect(difference === 0 || difference >= 5).toBe(true);
        }
        told.push(last.keys);
      }
    }));
  });
});
