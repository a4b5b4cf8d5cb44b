import { beforeEach, describe, expect, it } from 'vitest';
import { OWN_LABEL } from '../../functions/_platform/training-rows.ts';
import { FEATURE_METRICS, FEATURE_NAMES } from '../../models/early-prediction/features.ts';
import { SENSOR_METRICS } from '../../models/monitoring/trajectory.ts';
import { describeEvent } from '../../shared/batch/describe.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { signature as signatureBy } from '../support/batch-fixtures.ts';
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
