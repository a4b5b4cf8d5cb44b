import { describe, expect, it } from 'vitest';
import { adviceFor } from '../../functions/prediction/advice.ts';
import type { Question } from '../../functions/look-ahead/handler.ts';
import type { Batch, ValueHeld } from '../../shared/batch/state.ts';
import { EMPTY_LEDGER } from '../../shared/prediction-governance/ledger.ts';

const HOUR_MS = 3_600_000;
const START = Date.parse('2026-03-02T06:00:00.000Z');
const at = (hour: number): string => new Date(START + hour * HOUR_MS).toISOString();

/** Hours of the readings that have a sample of viability, as the twin is asked about them at hour 100. */
const sampleHours = async (held: Partial<ValueHeld>): Promise<readonly number[]> => {
  const value: ValueHeld = { value: 88, unit: '%', origin: { kind: 'entered' }, recordedAt: at(90), firstRecordedAt: at(90), correctionCount: 0, ...held };
  const asked: Question[] = [];
  await adviceFor({
    batch: { phases: { sampling: { values: { 'viability-day-three': value } } } } as unknown as Batch, ledger: EMPTY_LEDGER, row: { actions: [] } as never, startEpochMs: START, nowEpochMs: START + 100 * HOUR_MS, seriesOf: () => undefined, deviceWith: () => undefined, seed: '00000000',
    lookAhead: (question) => {
      asked.push(question);
      return Promise.resolve({ proposals: [{ id: 'carry-on', title: 'carry on', chance: 0.5, harvestHour: 200, potencyPercent: 90, worth: 1, setPoints: [] }], twin: {} } as never);
    },
  });
  return asked.flatMap(({ observed }) => observed.readings).flatMap(({ sample }) => (sample === undefined ? [] : [sample.hour]));
};

describe('the twin sees a sample', () => {
  it('at the hour it was drawn, however late its result was recorded', async () => {
    const [drawn] = await sampleHours({ drawnAt: at(72) });
    expect(Math.abs(drawn! - 72)).toBeLessThanOrEqual(12);
    const [recorded] = await sampleHours({});
    expect(Math.abs(recorded! - 90)).toBeLessThanOrEqual(12);
    expect(drawn).not.toBe(recorded);
  });
  it('at the same hour after its value was corrected', async () => {
    expect(await sampleHours({ recordedAt: at(99), firstRecordedAt: at(73), correctionCount: 1 })).toEqual(await sampleHours({ recordedAt: at(73), firstRecordedAt: at(73) }));
  });
});
