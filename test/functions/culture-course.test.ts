import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { OWN_LABEL } from '../../functions/_platform/training-rows.ts';
import { FEATURE_METRICS, FEATURE_NAMES } from '../../models/early-prediction/features.ts';
import { SENSOR_METRICS } from '../../models/monitoring/trajectory.ts';
import { describeEvent } from '../../shared/batch/describe.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { DomainError } from '../../shared/errors.ts';
import { signature as signatureBy } from '../support/batch-fixtures.ts';
import { askToConclude, beginCulture, MINUTE_MS, onRecord, RECORD, say, world } from '../support/monitored-batch.ts';
import { ACTOR, HOUR_MS, PredictionBench } from '../support/prediction-bench.ts';

let bench: PredictionBench;
beforeEach(() => { bench = new PredictionBench(); });

describe('the course of a culture that has ended', () => {
  const METRICS = [...SENSOR_METRICS, ...FEATURE_METRICS];
  const courses = (batchId: string) => bench.recorded(batchId, 'trajectory-recorded');
  const end = (batchId: string, ...more: readonly BatchEvent[]) => bench.node.records.batches.change(batchId, () => [{ type: 'phase-completed', phaseId: 'expansion-culture' }, ...more], { actor: ACTOR });
  const decided = { type: 'disposition-recorded', disposition: 'release', staged: false, reason: 'x', signature: signatureBy('qa-1', 'approval') } as unknown as BatchEvent;
  const rowsFor = (features: readonly string[], label = OWN_LABEL) => bench.trainingRows(features, label);
  beforeEach(() => { bench.metrics = METRICS; });

  it('is on record once, when its telemetry has settled, and is a row for process monitoring once quality has decided', async () => {
    const batchId = await bench.growing(100);
    await bench.run();
    expect(await courses(batchId)).toEqual([]);
    await end(batchId);
    await bench.run();
    expect(await courses(batchId)).toEqual([]);
    bench.node.time.epochMs += 2 * HOUR_MS;
    await bench.run();
    await bench.run();
    expect(await courses(batchId)).toMatchObject([{ windowHours: 4, trajectoryHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string, sensors: { ph: expect.any(Array) as unknown, oxygen: expect.any(Array) as unknown } }]);
    expect((await courses(batchId))[0]!.sensors['ph']).toHaveLength(25);
    expect(describeEvent((await courses(batchId))[0]!).what).toContain('no judgement');
    const features = ['ph-mean-0-12', 'glucose-mean-12-24', 'ph-mean-96-108'];
    expect(await rowsFor(features)).toEqual([]);
    await bench.node.records.batches.change(batchId, () => [decided], { actor: ACTOR });
    expect(await rowsFor(features)).toMatchObject([{ label: 0, features, values: [expect.any(Number), expect.any(Number), null] }]);
    expect(await rowsFor(['ph-mean-0-6'])).toEqual([]);
    expect(await rowsFor(features, 'another-label')).toEqual([]);
    expect(await rowsFor(FEATURE_NAMES)).toHaveLength(1);
  });
  it.each<readonly [string, readonly BatchEvent[]]>([
    ['the review has looked at', [{ type: 'review-performed', runId: 'R', ruleSetVersion: '1', reviewedVersion: 1, openPoints: [] }]], ['quality has decided on', [decided]],
  ])('is not added to a record that %s', async (_, more) => {
    const batchId = await bench.growing(100);
    await end(batchId, ...more);
    bench.node.time.epochMs += 2 * HOUR_MS;
    await bench.run();
    expect(await courses(batchId)).toEqual([]);
  });
  it('is not on record where none of its sensors said anything', async () => {
    bench.metrics = [];
    const batchId = await bench.growing(100);
    await end(batchId);
    bench.node.time.epochMs += 2 * HOUR_MS;
    await bench.run();
    expect(await courses(batchId)).toEqual([]);
  });
});

/** The release workflow asks; the quarter of an hour of the prediction function never came. */
describe('the course of a culture that the review is about to look at', () => {
  const courses = async () => (await onRecord()).filter((event) => event.type === 'trajectory-recorded');
  const cultured = async (hours: number): Promise<void> => {
    await beginCulture();
    world.node.time.epochMs = world.start + hours * HOUR_MS;
    await say({ type: 'phase-completed', phaseId: 'expansion-culture' }, { type: 'batch-completed' });
  };
  const REVIEWED = { type: 'review-performed', runId: 'R', ruleSetVersion: '1', reviewedVersion: 1, openPoints: [] } as const;

  it('is on record when the workflow is told to go on, whatever models there are and whenever it asks', () => fc.assert(fc.asyncProperty(fc.boolean(), fc.integer({ min: 0, max: 180 }), async (isMonitored, laterMinutes) => {
    await cultured(24);
    world.records = isMonitored ? [RECORD] : [];
    world.node.time.epochMs += laterMinutes * MINUTE_MS;
    for (let asked = 0; asked < 2; asked += 1) {
      const { settlesInSeconds } = await askToConclude() as Readonly<{ settlesInSeconds: number }>;
      expect(await courses()).toHaveLength(settlesInSeconds === 0 ? 1 : 0);
      expect(settlesInSeconds).toBe(isMonitored && asked === 0 ? Math.max(0, 30 - laterMinutes) * 60 : 0);
      world.node.time.epochMs += settlesInSeconds * 1000;
    }
    expect(await courses()).toMatchObject([{ windowHours: 4, sensors: { ph: Array.from({ length: 6 }, () => expect.any(Number) as number) } }]);
  }), { numRuns: 25 }));
  it('is there though the model that should conclude on the culture does not load, and the workflow is told of that', async () => {
    await cultured(24);
    world.model = new DomainError('model-tampered', 'x');
    await expect(askToConclude()).rejects.toMatchObject({ code: 'model-tampered' });
    expect(await courses()).toHaveLength(1);
  });
  it.each<readonly [string, () => Promise<unknown>]>([
    ['is over', async () => { await cultured(24); await say(REVIEWED); }], ['has no whole window of a culture before it', () => cultured(3)], ['has a culture before it that runs', beginCulture],
  ])('is not there when the review %s', async (_, before) => {
    await before();
    world.node.time.epochMs += HOUR_MS;
    expect(await askToConclude()).toEqual({ settlesInSeconds: 0 });
    expect(await courses()).toEqual([]);
  });
});
