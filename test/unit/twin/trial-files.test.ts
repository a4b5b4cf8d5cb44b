import { describe, expect, it } from 'vitest';
import { CAUSES } from '../../../models/twin/outcome/verdict.ts';
import type { Released } from '../../../models/twin/trial/comparison.ts';
import { predictionReportOf, reportOf } from '../../../models/twin/trial/report.ts';
import type { Arm } from '../../../models/twin/trial/result.ts';
import { fingerprintOf } from '../../../models/twin/worlds/fingerprint.ts';
import { versionOfBedside } from '../../../scripts/simulate/fingerprint.ts';
import { summaryOf } from '../../../scripts/simulate/summary.ts';
import { COLOURS } from '../../../scripts/simulate/svg.ts';
import { batchesCsvOf, trialFiles } from '../../../scripts/simulate/trial-files.ts';
import { worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const result = (index: number, arm: Arm, change: Partial<Released> = {}): Released => ({
  index, arm, failed: false, causes: [], harvestHour: 240, predicted: Number.NaN, alerted: false, recommendations: [], actions: [], deviations: 0, releasedAtDays: 14.25 + index,
  measured: { viability: 0.9, carPositive: 0.4, cd3Positive: 0.95, vectorCopyNumber: 2, endotoxinEuPerMl: 0.06, carPositiveCellsMillion: 300, potencyPercent: 100 + index, sterile: true }, ...change,
});
const failed = { failed: true, causes: ['viability', 'growth'], releasedAtDays: undefined } as const satisfies Partial<Released>;
const review = { mode: 'by-exception', entries: 600, read: 50, returned: 3, unseen: 2 } as const;
const filesOf = (arms: Readonly<Partial<Record<Arm, readonly Released[]>>>, densities: readonly number[]) => {
  const results = new Map(Object.entries(arms) as [Arm, readonly Released[]][]);
  const outcomes = (arms.baseline ?? []).map((each) => each.failed);
  const prediction = predictionReportOf(densities.map((densityMillionPerMl, i) => ({ predicted: 0.1 * (i + 1), densityMillionPerMl, densityAlert: false, permuted: [0.2, 0.3] })), outcomes, 0.5);
  const played = new Map([...results].map(([arm, each]) => [arm, { results: each, replayedMeanDays: [14.1, 15.2, 15.3], ...(arm === 'assisted' && { review }) }] as const));
  const report = reportOf({ world: 'stress', seed: 1, policy: 'balanced' }, played, prediction);
  return { report, files: trialFiles(world, report, results), summary: summaryOf(report) };
};

describe('the files of a trial', () => {
  const baseline = [result(0, 'baseline'), result(1, 'baseline', failed), result(2, 'baseline')];
  const assisted = [result(0, 'assisted', { predicted: 0.125, alerted: true, recommendations: [{ hour: 76, plan: 'feed', signed: true, kind: 'intervention' }, { hour: 88, plan: 'feed', signed: false, kind: 'intervention' }] }), result(1, 'assisted', { ...failed, causes: ['stopped'], measured: undefined }), result(2, 'assisted')];
  const { files } = filesOf({ baseline, assisted }, [1, 2, 3]);

  it('tell each batch in each arm', () => {
    expect(batchesCsvOf(new Map([['baseline', baseline], ['assisted', assisted]] as const)).trimEnd().split('\n')).toEqual([
      'index,arm,failed,causes,harvest_hour,release_day,potency,interventions,alerted,predicted',
      '0,baseline,0,,240,14.25,100,0,0,', '1,baseline,1,viability;growth,240,,101,0,0,', '2,baseline,0,,240,16.25,102,0,0,',
      '0,assisted,0,,240,14.25,100,1,1,0.125', '1,assisted,1,stopped,240,,,0,0,', '2,assisted,0,,240,16.25,102,0,0,',
    ]);
  });
  it('say from what they come, and name each other', () => {
    const report = JSON.parse(files['report.json'] ?? '') as Readonly<Record<string, unknown>>;
    expect(report).toMatchObject({ seed: 1, training: { seed: 0xa000_0001, batches: 2400 } });
    expect([report['twinSha256'], report['versions']]).toEqual([fingerprintOf(world), { bedside: versionOfBedside() }]);
    expect(Object.keys(report['files'] as object).toSorted()).toEqual(Object.keys(files).filter((name) => name !== 'report.json').toSorted());
  });
  it('say what review by exception did not see', () => {
    expect(JSON.parse(files['report.json'] ?? '')).toMatchObject({ arms: { assisted: { review } } });
    expect(files['report.md']).toContain('| assisted | by exception | 600 | 50 | 3 | 2 |');
  });
  it('tell in words and tables what report.json tells', () => {
    const { report, files: { 'report.md': text = '' }, summary } = filesOf({ baseline, assisted, oracle: assisted }, [1, 2, 3]);
    const { baseline: before, assisted: after } = report.arms;
    const percent = (value = Number.NaN): string => `${(100 * value).toFixed(1)} %`;
    const interval = ({ value, low, high }: { value: number; low: number; high: number }, format: (each: number) => string): string => `${format(value)} (${format(low)} to ${format(high)})`;
    const days = (value: number): string => `${value.toFixed(2)} d`;
    expect(text).toContain(`| baseline | ${interval(before!.intervals.failureRate, percent)} | ${interval(before!.intervals.rightFirstTimeRate, percent)} | ${interval(before!.intervals.meanReleaseTimeDays, days)} | `);
    expect(before?.intervals.failureRate.low).toBeLessThan(before?.intervals.failureRate.high ?? 0);
    expect(text).toContain(`| mean release time | ${interval(after!.relativeChange!.meanReleaseTimeDays, percent)} | `);
    expect(text).toContain(' | -24.6 % | -35.0 % |');
    expect(text).toContain(`learnt from permuted outcomes of a part of the training batches, have an AUC of ${report.prediction!.permutedLabelsAuc.toFixed(3)} (mean of 2, `);
    // of the three, one alerted and acted on without need; one stopped, which was lost before too
    expect(text).toContain('| assisted | 1 | 1 | 1 | 0 | 0 | 1 | 0 | 1 |');
    expect(summary).toContain('  1 alerts, 1 batches acted on, 0 failures prevented, 0 harmed, 1 missed\n');
  });
  it('tell prevented and harmed apart', () => {
    const harmed = [result(0, 'assisted'), result(1, 'assisted'), result(2, 'assisted', failed), result(3, 'assisted', failed)];
    const { files: { 'report.md': text = '' }, summary } = filesOf({ baseline: [...baseline, result(3, 'baseline')], assisted: harmed }, [1, 2, 3, 4]);
    expect(text).toContain('| assisted | 0 | 0 | 0 | 1 | 2 | 0 | 0 | 0 |');
    expect(summary).toContain('1 failures prevented, 2 harmed, 0 missed');
  });
  it('keep columns apart, however wide their intervals', () => {
    const { summary } = filesOf({ baseline: [...baseline, result(3, 'baseline', failed)], assisted: [0, 1, 2, 3].map((index) => result(index, 'assisted')) }, [1, 2, 3, 4]);
    expect(summary).toMatch(/-100\.0 % \(-100\.0 % to -100\.0 %\) {2,}\S/);
  });
  it('draw each interval from its low end to its high end', () => {
    const { report, files: drawn } = filesOf({ baseline, assisted }, [1, 2, 3]);
    const lines = (name: string): readonly (readonly number[])[] => [...(drawn[name] ?? '').matchAll(/<line x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)" style="stroke:#222"\/>/g)].map((found) => found.slice(1).map(Number));
    const heights = (name: string): readonly number[] => lines(name).filter(([x1, y1, x2, y2]) => x1 === x2 && Math.abs(y1! - y2!) > 6).map(([, y1, , y2]) => y1! - y2!);
    const scale = ({ low, high }: { low: number; high: number }): number => high - low;
    const ratios = (found: readonly number[], wanted: readonly number[]): readonly number[] => found.map((height, i) => height / wanted[i]!);
    const [first, second] = ratios(heights('failure-rate.svg'), [report.arms.baseline!, report.arms.assisted!].map(({ intervals }) => scale(intervals.failureRate)));
    expect(first! / second!).toBeCloseTo(1, 2);
    const observed = report.prediction!.model.calibration.map(({ observed: each }) => scale(each));
    const calibration = ratios(heights('calibration.svg'), observed);
    expect(calibration).toHaveLength(3);
    for (const ratio of calibration) expect(ratio / calibration[0]!).toBeCloseTo(1, 2);
  });
  it('draw every release, one exactly on the last whole day too', () => {
    const released = (arm: Arm, ...days: readonly number[]): readonly Released[] => days.map((releasedAtDays, i) => result(i, arm, { releasedAtDays }));
    const drawn = filesOf({ baseline: released('baseline', 14.25, 14.25, 14.25), assisted: released('assisted', 14.25, 15, 16) }, [1, 2, 3]).files['release-time.svg'] ?? '';
    const steps = [...drawn.matchAll(/<polyline points="([^"]+)"/g)].map(([, points = '']) => points.split(' ').filter((_, i) => i % 2 === 0).map((point) => Number(point.split(',')[1])));
    const ground = Math.max(...steps.flat());
    const [all, spread] = steps.map((heights) => heights.reduce((sum, y) => sum + ground - y, 0));
    expect(all).toBeGreaterThan(0);
    // heights are written to a tenth of a point
    expect(Math.abs(spread! - all!)).toBeLessThan(0.5);
    expect(steps[1]!.map((y) => y < ground)).toEqual([true, false, true, true]);
  });
  it('hold the paper and the aims as they were set', () => {
    const { paper, aims } = filesOf({ baseline }, [1, 2, 3]).report;
    expect(paper).toEqual({ failureRate: { from: 0.154, to: 0.105, relativeChange: 0.105 / 0.154 - 1 }, meanReleaseTimeDays: { from: 14.2, to: 10.7, relativeChange: 10.7 / 14.2 - 1 }, potencyCv: { from: 0.221, to: 0.175, relativeChange: 0.175 / 0.221 - 1 } });
    expect(aims).toEqual({ failureRate: -0.4, meanReleaseTimeDays: -0.35, potencyCv: -0.25 });
  });
  it('say which interval is whose', () => { expect(files['report.md']).toContain('Intervals of rates are exact (Clopper and Pearson), those of the AUC after Hanley and McNeil, and exact where it is 0 or 1.'); });
});

describe('a trial too small to say anything', () => {
  const sound = (count: number, arm: Arm): readonly Released[] => Array.from({ length: count }, (_, i) => result(i, arm));
  const lost = (count: number, arm: Arm): readonly Released[] => Array.from({ length: count }, (_, i) => result(i, arm, { ...failed, measured: undefined }));
  it.each([
    ['of three, none of which failed', { baseline: sound(3, 'baseline'), assisted: sound(3, 'assisted'), oracle: sound(3, 'oracle') }, [1, 2, 3]], ['of one', { baseline: sound(1, 'baseline') }, [1]],
    ['whose batches all failed', { baseline: lost(3, 'baseline'), assisted: lost(3, 'assisted') }, [1, Number.NaN, 3]], ['without a density at 72 h', { baseline: sound(2, 'baseline') }, [Number.NaN, Number.NaN]],
  ] as const)('draws and writes no NaN: %s', (_, arms, densities) => {
    const { files, summary } = filesOf(arms, densities);
    for (const [name, text] of [...Object.entries(files), ['summary', summary] as const]) expect(text, name).not.toMatch(/NaN|Infinity|undefined/u);
  });
  it('says that none failed', () => {
    const { files } = filesOf({ baseline: sound(3, 'baseline') }, [1, 2, 3]);
    expect(files['causes.svg']).toContain('none failed');
    expect(files['report.md']).toContain('none of 3 failed');
  });
});

describe('colours of causes', () => { it('are one for each', () => { expect(new Set(COLOURS).size).toBeGreaterThanOrEqual(CAUSES.length); }); });
