import { describe, expect, it } from 'vitest';
import type { Answers } from '../../../models/twin/assist/assistant.ts';
import { POLICIES } from '../../../models/twin/assist/policy.ts';
import { drawBatch } from '../../../models/twin/draw/batch.ts';
import { startsOf } from '../../../models/twin/release/arrivals.ts';
import { OWN_SEEDS } from '../../../models/twin/seeds.ts';
import { playDrawn } from '../../../models/twin/trial/play.ts';
import { rowsOf, trainPredictor } from '../../../models/twin/trial/predictor.ts';
import type { BatchResult } from '../../../models/twin/trial/result.ts';
import { settingOf } from '../../../models/twin/trial/setting.ts';
import { worldNamed } from './worlds.ts';

const world = worldNamed('stress');
/** Of the seed of policies: sound cultures that a harvest at 118 h, asked for at hour 100, takes before there are cells enough. */
const TOO_SOON = [886, 888, 2106] as const;
const setting = settingOf(world, trainPredictor(rowsOf(world, OWN_SEEDS.training, 0, 300)), { policy: POLICIES.fast, startDays: startsOf(world.release, OWN_SEEDS.policies, 2200).map(({ startDay }) => startDay) });
const played = (answers: Answers): readonly BatchResult[] => TOO_SOON.map((index) => playDrawn({ ...setting, answers }, drawBatch(world, OWN_SEEDS.policies, index), 'assisted'));
const harvestsOf = ({ recommendations }: BatchResult): readonly (readonly [number, string, boolean])[] => recommendations.filter(({ kind }) => kind === 'harvest').map(({ hour, plan, signed }) => [hour, plan, signed]);

describe('a signed harvest that the next reading shows not to be safe', () => {
  it('is put off, and the culture passes', () => {
    for (const result of played((hour) => ({ signed: true, hour: hour + 2 }))) {
      expect(harvestsOf(result).slice(0, 2)).toEqual([[100, 'harvest at 118 h', true], [112, 'harvest at 142 h', true]]);
      expect([result.harvestHour, result.failed]).toEqual([142, false]);
    }
  });

  it('stays when nobody signs that, or when the signature comes after it', () => {
    const late: Answers = (hour) => ({ signed: true, hour: hour === 112 ? 119 : hour + 2 });
    const refused: Answers = (hour) => ({ signed: hour !== 112, hour: hour + 2 });
    for (const answers of [late, refused]) {
      for (const result of played(answers)) {
        expect(harvestsOf(result)).toEqual([[100, 'harvest at 118 h', true], [112, 'harvest at 142 h', false]]);
        expect([result.harvestHour, result.failed]).toEqual([118, true]);
      }
    }
  });
});
