import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { scorerOf } from '../../functions/model-evaluation-api/scorer.ts';
import { sayOf } from '../../models/calibration/verdict.ts';
import { trajectoryValue, windowOf } from '../../models/monitoring/trajectory.ts';
import { describeEvent } from '../../shared/batch/describe.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { inputBinsOf } from '../../shared/model-registry/distributions.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import { askToConclude, at, beginCulture, drifting, forget, HOUR_MS, MINUTE_MS, onRecord, ordinary, RECORD, say, signature, world } from '../support/monitored-batch.ts';
import { MONITORED, MONITORED_NAMES, MONITORING_SHA256, MONITORING_TEXT, normalValue } from '../support/monitoring.ts';

const EACH_MINUTE = Array.from({ length: 24 * 60 }, (_, minute) => minute / 60);

beforeEach(beginCulture);

describe('what monitoring says of a whole culture', () => {
  const concluded = async () => (await onRecord()).filter((event) => event.type === 'monitoring-concluded');
  const ended = () => say({ type: 'phase-completed', phaseId: 'expansion-culture' });
  const RULED: ModelRecord = { ...RECORD, threshold: 0.99, inputs: MONITORED.map(({ name, low, high }) => ({ name, unit: '', low, high, mayBeMissing: true })) };
  it.each([['no alarm', ordinary, 'negative'], ['an alarm', drifting(12, 0.4), 'positive']] as const)('says of the whole culture, once it has ended and its telemetry settled, that it was %s, by the rule of the plan', async (_, valueAt, verdict) => {
    [world.records, world.valueAt] = [[RULED], valueAt];
    for (let hour = 4; hour <= 24; hour += 4) await at(hour);
    await ended();
    for (const hour of [24.2, 24.4]) await at(hour);
    expect(await concluded()).toEqual([]);
    for (let hour = 24.5; hour < 26; hour += 0.2) await at(hour);
    expect(await concluded()).toMatchObject([{ modelId: 'expansion-monitoring', modelVersion: 3, modelHash: MONITORING_SHA256, verdict, judgedHours: 6, inputBins: expect.stringMatching(/^[0-9ab]{12}$/) as string }]);
    const [conclusion] = await concluded();
    expect(conclusion!.score).toBe(scorerOf(MONITORING_TEXT).score(MONITORED_NAMES.map((name, i) => trajectoryValue({ times: EACH_MINUTE.map((hour) => world.start + hour * HOUR_MS), values: EACH_MINUTE.map((hour) => valueAt(name.startsWith('ph') ? 'Bioreactor/pH' : 'Bioreactor/Glucose', hour)) }, world.start, windowOf(MONITORED_NAMES[i]!)!))));
  });
  it('says so of missing values, and nothing of a culture it could not judge', async () => {
    world.records = [RULED];
    world.valueAt = (metric, hour) => (hour >= 8 ? Number.NaN : ordinary(metric, hour));
    for (let hour = 4; hour <= 24; hour += 4) await at(hour);
    await ended();
    await at(26);
    expect(await concluded()).toMatchObject([{ verdict: 'negative', judgedHours: 2, inputBins: expect.stringMatching(/^[0-9ab]{4}-{8}$/) as string }]);
    world.records = [{ ...RULED, version: 4, artefactSha256: 'e'.repeat(64) }];
    world.valueAt = () => Number.NaN;
    for (let hour = 26.2; hour < 27; hour += 0.2) await at(hour);
    expect(await concluded()).toHaveLength(1);
  });
  it('is undecided of a culture of which fewer hours could be judged than an alarm takes in a row, without a score: the test counts it so by the same rule', async () => {
    world.records = [RULED];
    world.valueAt = (metric, hour) => (hour >= 4 ? Number.NaN : drifting(0, 0.4)(metric, hour));
    for (let hour = 4; hour <= 24; hour += 4) await at(hour);
    await ended();
    for (const hour of [26, 26.3]) await at(hour);
    const [conclusion, ...others] = await concluded();
    expect([conclusion, others]).toMatchObject([{ verdict: 'undecided', judgedHours: 1, inputBins: expect.stringMatching(/^[0-9ab]{2}-{10}$/) as string }, []]);
    expect(conclusion).not.toHaveProperty('score');
    expect(describeEvent(conclusion!)).toEqual({ what: 'Process monitoring of the whole culture by expansion-monitoring version 3: undecided, too little known of it for a score at 1 judged hour(s); counted for drift, and asked of nobody' });
    const known = (name: string, i: number): number => (i < 2 ? normalValue(name, i) : Number.NaN);
    expect(scorerOf(MONITORING_TEXT).score(MONITORED_NAMES.map(known))).toBeUndefined();
  });
  it('is undecided, too, of a culture whose course is on record by other sensors alone, by the clock and when the release workflow asks, and silent of one that nobody measured', async () => {
    const unmeasured = () => Number.NaN;
    for (const [valueAt, isAsked, said] of [[unmeasured, false, 0], [unmeasured, true, 0], [(metric: string) => (metric === 'Bioreactor/Lactate' ? 2 : Number.NaN), false, 0], [(metric: string) => (metric === 'Bioreactor/Lactate' ? 2 : Number.NaN), true, 1]] as const) {
      await beginCulture();
      [world.records, world.valueAt] = [[RULED], valueAt];
      for (let hour = 4; hour <= 24; hour += 4) await at(hour);
      await ended();
      for (const hour of [26, 26.3]) await at(hour);
      expect(await concluded()).toEqual([]);
      if (isAsked) await askToConclude();
      expect(await concluded()).toHaveLength(said);
    }
    expect(await concluded()).toMatchObject([{ verdict: 'undecided', judgedHours: 0, inputBins: '-'.repeat(MONITORED_NAMES.length) }]);
    await beginCulture();
    [world.records, world.valueAt] = [[RULED], unmeasured];
    await at(24);
    await ended();
    await say({ type: 'trajectory-recorded', windowHours: 4, sensors: { lactate: [2] }, trajectoryHash: 'x' });
    await at(26);
    expect(await concluded()).toHaveLength(1);
  });
  it('is what the test counts of the same culture, whatever was measured of it: score, verdict and every bin of its inputs', () => fc.assert(fc.asyncProperty(fc.record({ ph: fc.integer({ min: 0, max: 24 }), glucose: fc.integer({ min: 0, max: 24 }), from: fc.integer({ min: 0, max: 24 }), by: fc.constantFrom(0, 0.4) }), async ({ ph, glucose, from, by }) => {
    await beginCulture();
    const valueAt = (metric: string, hour: number): number => (hour >= (metric === 'Bioreactor/pH' ? ph : glucose) ? Number.NaN : drifting(from, by)(metric, hour));
    [world.records, world.valueAt] = [[RULED], valueAt];
    await at(24);
    await ended();
    await at(26);
    const values = MONITORED_NAMES.map((name) => trajectoryValue({ times: EACH_MINUTE.map((hour) => world.start + hour * HOUR_MS), values: EACH_MINUTE.map((hour) => valueAt(name.startsWith('ph') ? 'Bioreactor/pH' : 'Bioreactor/Glucose', hour)) }, world.start, windowOf(name)!));
    const score = scorerOf(MONITORING_TEXT).score(values);
    const said = await concluded();
    expect(said.map((each) => [each.score, each.verdict, each.inputBins])).toEqual(values.every(Number.isNaN) ? [] : [[score, sayOf(RULED, MONITORED_NAMES, values, score).verdict, inputBinsOf(RULED.inputs, values)]]);
  }), { numRuns: 20 }));
  it('says it once though its view was lost, and again by another model', async () => {
    world.records = [RULED];
    await at(24);
    await ended();
    await at(26);
    expect(await concluded()).toHaveLength(1);
    forget();
    for (const hour of [26.1, 26.4]) await at(hour);
    expect(await concluded()).toHaveLength(1);
    world.records = [{ ...RULED, state: 'retired' }, { ...RULED, version: 4, artefactSha256: 'f'.repeat(64) }];
    for (const hour of [26.5, 26.8]) await at(hour);
    expect((await concluded()).map(({ modelVersion }) => modelVersion)).toEqual([3, 4]);
  });
  it('says nothing of the whole culture that the review has not seen', async () => {
    world.records = [RULED];
    await at(24);
    await ended();
    await say({ type: 'review-performed', runId: 'R', ruleSetVersion: '1', reviewedVersion: 1, openPoints: [] });
    for (const hour of [26, 26.3]) await at(hour);
    expect(await concluded()).toEqual([]);
  });
  it('says it when the release workflow asks, though its own minute never came, and before the review', async () => {
    world.records = [RULED];
    await at(12);
    world.node.time.epochMs = world.start + 24 * HOUR_MS;
    await ended();
    await say({ type: 'batch-completed' });
    world.node.time.epochMs += 30 * MINUTE_MS;
    expect(await askToConclude()).toEqual({ settlesInSeconds: 0 });
    expect(await concluded()).toMatchObject([{ judgedHours: 6 }]);
    await askToConclude();
    expect(await concluded()).toHaveLength(1);
  });
  it('says for how long telemetry may still come, to the second, and concludes once that is over', () => fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 30 * 60_000 }), async (laterMs) => {
    await beginCulture();
    world.records = [RULED];
    world.node.time.epochMs = world.start + 24 * HOUR_MS;
    await ended();
    world.node.time.epochMs += laterMs;
    const { settlesInSeconds } = await askToConclude() as Readonly<{ settlesInSeconds: number }>;
    expect(settlesInSeconds).toBe(Math.ceil((30 * MINUTE_MS - laterMs) / 1000));
    expect(await concluded()).toHaveLength(settlesInSeconds === 0 ? 1 : 0);
    world.node.time.epochMs += settlesInSeconds * 1000;
    expect(await askToConclude()).toEqual({ settlesInSeconds: 0 });
    expect(await concluded()).toHaveLength(1);
  }), { numRuns: 15 }));
  it.each<readonly [string, () => unknown]>([
    ['no model monitors the product', () => { world.records = []; }], ['the review was there before', () => say({ type: 'review-performed', runId: 'R', ruleSetVersion: '1', reviewedVersion: 1, openPoints: [] })],
    ['it was decided on', () => say({ type: 'disposition-recorded', disposition: 'reject', reason: 'x', reviewedVersion: 1, signature } as unknown as BatchEvent)],
  ])('holds nobody up, and says nothing, when %s', async (_, before) => {
    world.records = [RULED];
    world.node.time.epochMs = world.start + 24 * HOUR_MS;
    await ended();
    await before();
    expect(await askToConclude()).toEqual({ settlesInSeconds: 0 });
    world.node.time.epochMs += 31 * MINUTE_MS;
    expect(await askToConclude()).toEqual({ settlesInSeconds: 0 });
    expect(await concluded()).toEqual([]);
  });
  it('knows no batch without a culture, and waits for none', async () => {
    await beginCulture();
    world.records = [RULED];
    expect(await askToConclude()).toEqual({ settlesInSeconds: 0 });
    expect(await concluded()).toEqual([]);
  });
});
