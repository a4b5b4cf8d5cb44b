import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scorerOf } from '../../../functions/model-evaluation-api/scorer.ts';
import { sayOf } from '../../../models/calibration/verdict.ts';
import { limitsByHour } from '../../../models/monitoring/judge.ts';
import { writeMonitoringFile, type MonitoringModel } from '../../../models/monitoring/model-file.ts';
import { wholeBatchJudge } from '../../../models/monitoring/whole-batch.ts';
import type { DecisionRule } from '../../../shared/model-registry/may-run.ts';
import { MONITORED, MONITORED_NAMES, MONITORING, normalValue } from '../../support/monitoring.ts';

const RULE: DecisionRule = { output: 'process-monitoring-alarm', threshold: 0.99, inputs: MONITORED.map(({ name, low, high }) => ({ name, unit: '', low, high, mayBeMissing: true })), undecided: { errorRate: 0.1 } };
const taking = (consecutive: number): MonitoringModel => ({ ...MONITORING, alarm: { level: 0.99, consecutive } });
/** Windows that end by this hour, and no later one; pH is off by so much. */
const knownTo = (hour: number, off = 0): readonly number[] => MONITORED_NAMES.map((name, i) => (Number(name.split('-').at(-1)) > hour ? Number.NaN : normalValue(name, i) + (name.startsWith('ph') ? off : 0)));
const said = (model: MonitoringModel, values: readonly number[]) => {
  const { score, judgedHours } = wholeBatchJudge(model)(values);
  return { judgedHours, verdict: sayOf(RULE, MONITORED_NAMES, values, score).verdict };
};

describe('what monitoring says of a whole batch', () => {
  it('is negative or positive where enough hours could be judged for an alarm', () => {
    expect(said(MONITORING, knownTo(24))).toEqual({ judgedHours: 6, verdict: 'negative' });
    expect(said(MONITORING, knownTo(24, 0.4))).toEqual({ judgedHours: 6, verdict: 'positive' });
    expect(said(MONITORING, knownTo(8))).toEqual({ judgedHours: 2, verdict: 'negative' });
  });
  it('is undecided where no hour could be judged, or fewer than an alarm takes in a row: it could have been none whatever happened', () => {
    expect(said(MONITORING, knownTo(0))).toEqual({ judgedHours: 0, verdict: 'undecided' });
    for (const off of [0, 0.4]) expect(said(MONITORING, knownTo(4, off))).toEqual({ judgedHours: 1, verdict: 'undecided' });
    expect(said(taking(1), knownTo(4, 0.4))).toEqual({ judgedHours: 1, verdict: 'positive' });
    expect(said(taking(3), knownTo(8, 0.4))).toEqual({ judgedHours: 2, verdict: 'undecided' });
  });
  it('says why', () => { expect(sayOf(RULE, MONITORED_NAMES, knownTo(0), undefined).because).toEqual(['too little is known of the case to judge it by']); });
  it('is in the test what it is in use, whatever is missing', () => {
    const judges = [1, 2, 4].map((consecutive) => ({ consecutive, judge: wholeBatchJudge(taking(consecutive)), scorer: scorerOf(writeMonitoringFile(taking(consecutive), limitsByHour(MONITORING.plane), {})) }));
    fc.assert(fc.property(fc.array(fc.boolean(), { minLength: MONITORED_NAMES.length, maxLength: MONITORED_NAMES.length }), fc.constantFrom(0, 0.4), fc.constantFrom(...judges), (known, off, { consecutive, judge, scorer }) => {
      const values = knownTo(24, off).map((value, i) => (known[i] === true ? value : Number.NaN));
      const [{ score, judgedHours }, tested] = [judge(values), scorer.score(values)];
      expect(tested).toBe(score);
      expect(sayOf(RULE, MONITORED_NAMES, values, tested).verdict === 'undecided').toBe(judgedHours < consecutive);
    }));
  });
});
