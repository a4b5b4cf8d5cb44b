import { describe, expect, it } from 'vitest';
import { FEATURES_AT_72 } from '../../../models/twin/assist/features.ts';
import { drawBatch } from '../../../models/twin/draw/batch.ts';
import { deviationsOf } from '../../../models/twin/trial/finish.ts';
import { chanceOfFailure, densityAlert, densityAt72, rowsOf, trainPredictor, type Row } from '../../../models/twin/trial/predictor.ts';
import { TRAINING_SEED } from '../../../models/twin/trial/setting.ts';
import { quietBatch, worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const rows = rowsOf(world, TRAINING_SEED, 0, 300);
const [learnt, kept] = [rows.slice(0, 200), rows.slice(200)];
const predictor = trainPredictor(rows);

/** F1 of alerting at a cut and above. */
const f1At = (cut: number, scored: readonly (readonly [number, Row['failed']])[]): number => {
  const alerted = scored.filter(([score]) => score >= cut);
  const hits = alerted.filter(([, failed]) => failed === 1).length;
  return (2 * hits) / (alerted.length + scored.filter(([, failed]) => failed === 1).length);
};
const bestOf = (scored: readonly (readonly [number, Row['failed']])[]): number => Math.max(...scored.filter(([score]) => !Number.isNaN(score)).map(([score]) => f1At(score, scored)));

describe('the prediction of a trial', () => {
  it('has the cut with the best F1 on the third of its rows that it has not learnt from', () => {
    const scored = kept.map(({ features, failed }) => [chanceOfFailure(predictor, features), failed] as const);
    expect(f1At(predictor.threshold, scored)).toBeCloseTo(bestOf(scored), 12);
    expect(bestOf(scored)).toBeLessThan(1);
    // what it has learnt from, it knows too well to be cut by
    const known = learnt.map(({ features, failed }) => [chanceOfFailure(predictor, features), failed] as const);
    expect(bestOf(known)).toBeGreaterThan(bestOf(scored));
  });
  it('learns nothing from the third that sets its cut', () => {
    const other = trainPredictor([...learnt, ...kept.map(({ features, failed }): Row => ({ features, failed: failed === 1 ? 0 : 1 }))]);
    expect(other.forest).toEqual(predictor.forest);
    expect(other.threshold).not.toBe(predictor.threshold);
  });
  it('is set beside the best rule on few cells, which alerts below a density and never where nobody knows it', () => {
    const scored = kept.map(({ features, failed }) => [-densityAt72(features), failed] as const);
    expect(f1At(-predictor.densityRuleMillionPerMl, scored)).toBeCloseTo(bestOf(scored), 12);
    const withDensity = (density: number): readonly number[] => FEATURES_AT_72.map((name) => (name === 'density at 72 h' ? density : 1));
    const { densityRuleMillionPerMl } = predictor;
    expect([0, densityRuleMillionPerMl, densityRuleMillionPerMl * 1.001, 1e3, Number.NaN].map((density) => densityAlert(predictor, withDensity(density)))).toEqual([true, true, false, false, false]);
  });
});

describe('what has to be written up of a batch', () => {
  const { harvestHour } = world.recipe;
  it('is each fault that began before the harvest, and an extension', () => {
    const faults = [{ name: 'temperature', onsetHour: 100, offsetCelsius: -3, repairHour: 140 }, { name: 'feed-pump', onsetHour: harvestHour - 1, flowShare: 0, repairHour: 400 }] as const;
    expect([quietBatch(), quietBatch({ faults })].flatMap((batch) => [90, harvestHour - 2, harvestHour, harvestHour + 24].map((hour) => deviationsOf(world, batch, hour)))).toEqual([0, 0, 0, 1, 0, 1, 2, 3]);
  });
  it('does not depend on whether a fault was mended sooner', () => {
    const batch = drawBatch(world, 5, 3);
    const mended = { ...batch, faults: batch.faults.map((fault) => ({ ...fault, repairHour: fault.onsetHour + 1 })) };
    expect(deviationsOf(world, mended, harvestHour)).toBe(deviationsOf(world, batch, harvestHour));
  });
});
