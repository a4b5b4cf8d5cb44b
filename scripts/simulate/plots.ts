import type { Released } from '../../models/twin/trial/comparison.ts';
import type { Estimate } from '../../shared/statistics/exact-interval.ts';
import type { ArmReport, Report } from '../../models/twin/trial/report.ts';
import { CAUSES } from '../../models/twin/outcome/verdict.ts';
import { chart, colourOf, dot, label, line, rectangle, whisker } from './svg.ts';

const percent = (value: number): string => `${Number((100 * value).toFixed(1))} %`;
const plain = (value: number): string => String(Number(value.toFixed(2)));

type Named = readonly [name: string, arm: ArmReport];

/** One figure of every arm with its interval; the paper's before and after as dashed lines. */
const figureChart = (title: string, arms: readonly Named[], pick: (arm: ArmReport) => Estimate, format: (value: number) => string, paper?: Readonly<{ from: number; to: number }>): string => {
  const most = Math.max(...arms.flatMap(([, arm]) => [pick(arm).value, pick(arm).high]).filter(Number.isFinite), paper?.from ?? 0) * 1.12 || 1;
  return chart(title, { low: 0, high: arms.length, label: 'arm', format: plain, ticks: false }, { low: 0, high: most, label: title, format }, ({ x, y, left, width }) => [
    ...arms.map(([name, arm], i) => {
      const { value, low, high } = pick(arm);
      if (!Number.isFinite(value)) return `${label(x(i + 0.5), y(0) + 19, name)}${label(x(i + 0.5), y(0) - 6, 'none')}`;
      const [from, to] = Number.isFinite(low) && Number.isFinite(high) ? [low, high] : [value, value];
      return `${rectangle(x(i + 0.2), y(value), x(i + 0.8) - x(i + 0.2), y(0) - y(value), colourOf(i))}${whisker(x(i + 0.5), y(from), y(to))}${label(x(i + 0.5), y(0) + 19, name)}${label(x(i + 0.5) + 8, y(to) - 6, format(value), 'start')}`;
    }),
    ...(paper === undefined ? [] : ([['paper, before', paper.from], ['paper, after', paper.to]] as const).map(([text, value]) => `${line(left, y(value), left + width, y(value), 'stroke:#888;stroke-dasharray:5 4')}${label(left + width - 4, y(value) - 4, text, 'end', 11)}`)),
  ].join('\n'));
};

const BIN_DAYS = 0.5;

const releaseChart = (results: ReadonlyMap<string, readonly Released[]>): string => {
  const times = [...results].map(([name, each]) => [name, each.flatMap(({ releasedAtDays }) => releasedAtDays ?? [])] as const);
  const all = times.flatMap(([, each]) => each);
  const low = Math.floor(all.reduce((least, day) => Math.min(least, day), all[0] ?? 0));
  const high = Math.max(low + 1, Math.ceil(all.reduce((most, day) => Math.max(most, day), low)));
  const count = Math.ceil((high - low) / BIN_DAYS);
  // The last bin holds its upper end: that is the axis' end, and a batch may be released on it to the minute.
  const binOf = (day: number): number => Math.min(count - 1, Math.floor((day - low) / BIN_DAYS));
  const bins = times.map(([name, each]) => [name, Array.from({ length: count }, (_, i) => each.filter((day) => binOf(day) === i).length / Math.max(1, each.length))] as const);
  return chart('Days from activation to certification', { low, high, label: 'days', format: plain }, { low: 0, high: Math.max(...bins.flatMap(([, shares]) => shares)) * 1.1 || 1, label: 'share of released batches', format: percent }, ({ x, y }) =>
    bins.map(([name, shares], i) => {
      const points = shares.map((share, bin) => `${x(low + bin * BIN_DAYS).toFixed(1)},${y(share).toFixed(1)} ${x(low + (bin + 1) * BIN_DAYS).toFixed(1)},${y(share).toFixed(1)}`).join(' ');
      return `<polyline points="${points}" fill="none" stroke="${colourOf(i)}" stroke-width="2"/>${label(x(high) - 4, 60 + 16 * i, times[i]?.[1].length === 0 ? `${name}: none released` : name, 'end')}${rectangle(x(high) - 100, 52 + 16 * i, 10, 10, colourOf(i))}`;
    }).join('\n'));
};

const causesChart = (arms: readonly Named[], batches: number): string => {
  const most = Math.max(...arms.map(([, { failureRate }]) => failureRate), 0.01) * 1.15;
  const noneFailed = arms.every(([, { failureRate }]) => failureRate === 0);
  return chart(noneFailed ? 'Why batches failed: none failed' : 'Why batches failed', { low: 0, high: arms.length + 1, label: 'arm', format: plain, ticks: false }, { low: 0, high: most, label: 'share of batches', format: percent }, ({ x, y }) => [
    ...arms.map(([name, { causes }], i) => {
      let sum = 0;
      const parts = CAUSES.map((cause, c) => {
        const share = (causes[cause] ?? 0) / batches;
        sum += share;
        return rectangle(x(i + 0.2), y(sum), x(i + 0.8) - x(i + 0.2), y(sum - share) - y(sum), colourOf(c));
      });
      return `${parts.join('')}${label(x(i + 0.5), y(0) + 19, name)}`;
    }),
    ...CAUSES.map((cause, c) => `${rectangle(x(arms.length + 0.1), 52 + 18 * c, 10, 10, colourOf(c))}${label(x(arms.length + 0.1) + 16, 61 + 18 * c, cause, 'start')}`),
  ].join('\n'));
};

const calibrationChart = ({ model }: NonNullable<Report['prediction']>): string => {
  const most = Math.min(1, Math.max(0, ...model.calibration.flatMap(({ predicted, observed }) => [predicted, observed.high])) * 1.1) || 1;
  return chart('Predicted chance of failure at 72 h against what happened', { low: 0, high: most, label: 'predicted', format: percent }, { low: 0, high: most, label: 'observed', format: percent }, ({ x, y }) =>
    [line(x(0), y(0), x(most), y(most), 'stroke:#888;stroke-dasharray:5 4'), ...model.calibration.map(({ predicted, observed }) => `${whisker(x(predicted), y(observed.low), y(Math.min(most, observed.high)))}${dot(x(predicted), y(observed.value), colourOf(0))}`)].join('\n'));
};

/** Every plot of a report, by file name. */
export const plotsOf = (report: Report, results: ReadonlyMap<string, readonly Released[]>): Readonly<Record<string, string>> => {
  const arms = Object.entries(report.arms);
  const { failureRate, meanReleaseTimeDays, potencyCv } = report.paper;
  const isStress = report.world === 'stress';
  return {
    'failure-rate.svg': figureChart('Failure rate', arms, ({ intervals }) => intervals.failureRate, percent, isStress ? failureRate : undefined),
    'right-first-time.svg': figureChart('Right first time', arms, ({ intervals }) => intervals.rightFirstTimeRate, percent),
    'mean-release-time.svg': figureChart('Mean release time, days', arms, ({ intervals }) => intervals.meanReleaseTimeDays, plain, isStress ? meanReleaseTimeDays : undefined),
    'potency-variation.svg': figureChart('Coefficient of variation of potency', arms, ({ intervals }) => intervals.potencyCv, percent, isStress ? potencyCv : undefined),
    'release-time.svg': releaseChart(results), 'causes.svg': causesChart(arms, report.batches),
    ...(report.prediction === undefined ? {} : { 'calibration.svg': calibrationChart(report.prediction) }),
  };
};
