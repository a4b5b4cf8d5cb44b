import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectOf } from '../../../models/twin/trial/comparison.ts';
import { reportOf, type PlayedArm } from '../../../models/twin/trial/report.ts';
import type { Arm, BatchResult, Recommendation } from '../../../models/twin/trial/result.ts';

const result = (index: number, given: Partial<BatchResult> = {}): BatchResult => ({
  index, arm: 'assisted', failed: false, causes: [], harvestHour: 240, predicted: 0.1, alerted: false, recommendations: [], actions: [], deviations: 0,
  measured: { viability: 0.9, carPositive: 0.4, cd3Positive: 0.95, vectorCopyNumber: 2, endotoxinEuPerMl: 0.06, carPositiveCellsMillion: 300, potencyPercent: 100, sterile: true }, ...given,
});
const failed = { failed: true, causes: ['growth'] } as const satisfies Partial<BatchResult>;
const signed = (kind: Recommendation['kind']): Pick<BatchResult, 'recommendations'> => ({ recommendations: [{ hour: 100, plan: kind, signed: true, kind }] });
const effectOn = (before: Partial<BatchResult>, after: Partial<BatchResult>): object => effectOf([result(0, { arm: 'baseline', ...before })], [result(0, after)]);
const NONE = { interventions: 0, batchesIntervened: 0, alerts: 0, prevented: 0, harmed: 0, missed: 0, futile: 0, needless: 0 } as const;
const ACTED = { interventions: 1, batchesIntervened: 1 } as const;

describe('what acting did to a batch', () => {
  it.each<[string, Partial<BatchResult>, Partial<BatchResult>, object]>([
    ['nothing, where nobody acts on one that passes', {}, {}, {}],
    ['a failure prevented', failed, { alerted: true, ...signed('intervention') }, { ...ACTED, alerts: 1, prevented: 1 }],
    ['a failure prevented by its hour of harvest alone, which nobody missed', failed, signed('harvest'), { prevented: 1 }],
    ['a failure prevented by a repair alone, which nobody missed either', failed, signed('repair'), { prevented: 1 }],
    ['a failure missed', failed, failed, { missed: 1 }],
    ['a failure that was alerted, and nothing was signed', failed, { ...failed, alerted: true }, { alerts: 1 }],
    ['a failure acted on in vain', failed, { ...failed, ...signed('intervention') }, { ...ACTED, futile: 1 }],
    ['harm', {}, { ...failed, ...signed('intervention') }, { ...ACTED, harmed: 1, needless: 1 }],
    ['harm by its hour of harvest', {}, { ...failed, ...signed('harvest') }, { harmed: 1 }],
    ['needless work', {}, signed('intervention'), { ...ACTED, needless: 1 }],
    ['nothing, where the plan was refused', {}, { recommendations: [{ hour: 100, plan: 'feed', signed: false, kind: 'intervention' }] }, {}],
    ['needless work of an arm that asks nobody', {}, { actions: [{ type: 'set-feed-rate', hour: 120, factor: 2 }] }, { batchesIntervened: 1, needless: 1 }],
  ])('is %s', (_, before, after, wanted) => { expect(effectOn(before, after)).toEqual({ ...NONE, ...wanted }); });

  const outcome = fc.record({ failed: fc.boolean(), alerted: fc.boolean(), kinds: fc.array(fc.constantFrom<Recommendation['kind']>('intervention', 'repair', 'harvest', 'set-point'), { maxLength: 3 }), isSigned: fc.boolean() });
  it('adds up: failures of an arm are those before, less those prevented, with those harmed; and nothing is both prevented and missed or in vain', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.boolean(), outcome), { maxLength: 30 }), (pairs) => {
      const before = pairs.map(([each], index) => result(index, { arm: 'baseline', failed: each }));
      const arm = pairs.map(([, { kinds, isSigned, ...rest }], index) => result(index, { ...rest, recommendations: kinds.map((kind) => ({ hour: 100, plan: kind, signed: isSigned, kind })) }));
      const failuresOf = (results: readonly BatchResult[]): number => results.filter((each) => each.failed).length;
      const { prevented, harmed, missed, futile, needless, batchesIntervened } = effectOf(before, arm);
      expect(failuresOf(arm)).toBe(failuresOf(before) - prevented + harmed);
      expect(prevented + missed + futile).toBeLessThanOrEqual(failuresOf(before));
      expect(futile + needless).toBeLessThanOrEqual(batchesIntervened);
    }));
  });
});

describe('the share of the ceiling', () => {
  const playedOf = (arm: Arm, failures: number, releasedAtDays: number, spread: number): PlayedArm => ({ replayedMeanDays: [], results: Array.from({ length: 12 }, (_, index) => {
    const isLost = index < failures;
    return { ...result(index, isLost ? { ...failed, arm } : { arm }), releasedAtDays: isLost ? undefined : releasedAtDays, measured: { ...result(index).measured!, potencyPercent: 100 + (index % 2 === 0 ? spread : -spread) } };
  }) });
  it('is what an arm takes off each figure, of what the oracle takes off', () => {
    const results = new Map([['baseline', playedOf('baseline', 6, 14, 20)], ['assisted', playedOf('assisted', 4, 11, 15)], ['oracle', playedOf('oracle', 2, 10, 10)]] as const);
    const { ofTheCeiling, arms } = reportOf({ world: 'stress', seed: 1, policy: 'balanced' }, results);
    expect(Object.keys(ofTheCeiling ?? {})).toEqual(['assisted']);
    expect(ofTheCeiling?.assisted?.failureRate).toBeCloseTo(0.5, 9);
    expect(ofTheCeiling?.assisted?.meanReleaseTimeDays).toBeCloseTo(0.75, 9);
    const [before = 0, after = 0, best = 0] = [arms.baseline, arms.assisted, arms.oracle].map((arm) => arm?.potencyCv);
    expect(ofTheCeiling?.assisted?.potencyCv).toBeCloseTo((before - after) / (before - best), 9);
  });
  it('is not told without a baseline or an oracle', () => {
    for (const left of ['baseline', 'oracle'] as const) {
      const arms = (['baseline', 'assisted', 'oracle'] as const).filter((arm) => arm !== left).map((arm) => [arm, playedOf(arm, 3, 12, 5)] as const);
      expect(reportOf({ world: 'stress', seed: 1, policy: 'balanced' }, new Map(arms)).ofTheCeiling).toBeUndefined();
    }
  });
});
