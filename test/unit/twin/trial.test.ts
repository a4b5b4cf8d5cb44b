import { describe, expect, it } from 'vitest';
import { aucOf } from '../../../models/twin/trial/discrimination.ts';
import { chanceOfFailure, permuted, rowsOf, trainPredictor } from '../../../models/twin/trial/predictor.ts';
import { releaseTimes } from '../../../models/twin/release/release.ts';
import { startsOf } from '../../../models/twin/release/arrivals.ts';
import { TRAINING_SEED } from '../../../models/twin/trial/setting.ts';
import { runTrial } from '../../../scripts/simulate/trial.ts';
import { worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const SILENT = { step: (): void => undefined, played: (): void => undefined };
const [SEED, BATCHES, TRAINED_ON] = [3, 11, 120] as const;
const played = (workers: number): ReturnType<typeof runTrial> => runTrial({ world, seed: SEED, batches: BATCHES, arms: ['baseline', 'assisted', 'oracle', 'pid'], workers, series: false, policy: 'balanced' }, SILENT, TRAINED_ON);
const once = played(1);

describe('a trial', () => {
  it('gives the same report, byte for byte, with one worker and with two', async () => {
    const [one, two] = [await once, await played(2)].map(({ report }) => JSON.stringify(report));
    expect(two).toBe(one);
    expect(one?.length).toBeGreaterThan(1000);
  });

  it('predicts by what was learnt from batches of the training seed, and is judged on its own untouched ones', async () => {
    const { report: { prediction, arms }, results } = await once;
    const [learnt, own] = [rowsOf(world, TRAINING_SEED, 0, TRAINED_ON), rowsOf(world, SEED, 0, BATCHES)];
    const predictor = trainPredictor(learnt);
    const failed = own.map((row) => row.failed === 1);
    const chances = own.map(({ features }) => chanceOfFailure(predictor, features));
    expect(results.get('assisted')?.map(({ predicted, alerted }) => [predicted, alerted])).toEqual(chances.map((chance) => [chance, chance >= predictor.threshold]));
    expect(results.get('baseline')?.map((each) => each.failed)).toEqual(failed);
    expect(prediction?.model).toMatchObject({ failures: failed.filter(Boolean).length, alerts: arms.assisted?.effect?.alerts, auc: { value: aucOf(chances, failed) } });
    const dealt = Array.from({ length: prediction?.permutations ?? 0 }, (_, i) => trainPredictor(permuted(learnt, TRAINING_SEED + 1 + i)));
    const aucs = dealt.map((each) => aucOf(own.map(({ features }) => chanceOfFailure(each, features)), failed));
    expect(aucs.length).toBeGreaterThan(1);
    expect(prediction?.permutedLabelsAuc).toBeCloseTo(aucs.reduce((sum, auc) => sum + auc, 0) / aucs.length, 12);
  });

  it('has people read the record whole where nobody predicts, and by exception where somebody does; every arm starts on the same days, and interventions are written up', async () => {
    const { report: { arms }, results } = await once;
    expect(Object.entries(arms).map(([arm, { review }]) => [arm, review?.mode])).toEqual([['baseline', 'manual'], ['assisted', 'by-exception'], ['oracle', 'by-exception'], ['pid', 'manual']]);
    const starts = startsOf(world.release, SEED, BATCHES);
    for (const [arm, each] of results) {
      const jobs = each.map(({ index, harvestHour, deviations, failed, recommendations }, i) => ({ index, ...starts[i]!, harvestHour, deviations, failed, interventions: recommendations.filter(({ signed, kind }) => signed && kind === 'intervention').length }));
      expect(releaseTimes(world.release, jobs, arms[arm]?.review?.mode ?? 'manual', SEED).map(({ releasedAtDays }) => releasedAtDays), arm).toEqual(each.map(({ releasedAtDays }) => releasedAtDays));
      expect(arms[arm]?.review?.entries, arm).toBe(releaseTimes(world.release, jobs, 'manual', SEED).reduce((sum, { entries }) => sum + entries, 0));
    }
    expect(results.get('assisted')?.some(({ recommendations }) => recommendations.some(({ signed, kind }) => signed && kind === 'intervention'))).toBe(true);
  });
});
