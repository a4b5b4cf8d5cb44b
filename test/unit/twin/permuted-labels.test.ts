import { describe, expect, it } from 'vitest';
import { aucOf } from '../../../models/twin/trial/discrimination.ts';
import { chanceOfFailure, permuted, rowsOf, trainPredictor, type Row } from '../../../models/twin/trial/predictor.ts';
import { predictionReportOf } from '../../../models/twin/trial/report.ts';
import { TRAINING_SEED } from '../../../models/twin/trial/setting.ts';
import { worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const [learnt, judged] = [rowsOf(world, TRAINING_SEED, 0, 240), rowsOf(world, 7, 0, 120)];
const failed = judged.map((row) => row.failed === 1);
const SHUFFLES = 16;
const scoresOf = (rows: readonly Row[]): readonly number[] => {
  const predictor = trainPredictor(rows);
  return judged.map(({ features }) => chanceOfFailure(predictor, features));
};
const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('outcomes dealt out anew', () => {
  it('are the same outcomes in another order, with the features where they were', () => {
    const dealt = permuted(learnt, 5);
    expect(dealt.map(({ features }) => features)).toEqual(learnt.map(({ features }) => features));
    expect(dealt.filter((row) => row.failed === 1)).toHaveLength(learnt.filter((row) => row.failed === 1).length);
    expect(dealt.map((row) => row.failed)).not.toEqual(learnt.map((row) => row.failed));
  });

  it('teach nothing: over shuffles the AUC is one half, within three standard errors of the spread between them, where true outcomes are far above', () => {
    const shuffled = Array.from({ length: SHUFFLES }, (_, i) => scoresOf(permuted(learnt, TRAINING_SEED + 1 + i)));
    const aucs = shuffled.map((scores) => aucOf(scores, failed));
    const spread = Math.sqrt(aucs.reduce((sum, auc) => sum + (auc - meanOf(aucs)) ** 2, 0) / (SHUFFLES - 1));
    expect(spread).toBeGreaterThan(0.01);
    expect(spread).toBeLessThan(0.15);
    expect(Math.abs(meanOf(aucs) - 0.5)).toBeLessThan((3 * spread) / Math.sqrt(SHUFFLES));
    expect(aucOf(scoresOf(learnt), failed)).toBeGreaterThan(meanOf(aucs) + 3 * spread / Math.sqrt(SHUFFLES) + 0.1);

    const report = predictionReportOf(judged.map((_, i) => ({ predicted: 0.1, densityMillionPerMl: 1, densityAlert: false, permuted: shuffled.map((scores) => scores[i] ?? Number.NaN) })), failed, 0.5);
    expect(report.permutedLabelsAuc).toBeCloseTo(meanOf(aucs), 12);
    expect(report.permutedLabelsSpread).toBeCloseTo(spread, 12);
  });
});
