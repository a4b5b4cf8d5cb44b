import { FIGURES, type Figure } from '../../models/twin/trial/comparison.ts';
import type { Estimate } from '../../shared/statistics/exact-interval.ts';
import { withInterval } from './markdown.ts';
import type { Report } from '../../models/twin/trial/report.ts';

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
const COLUMNS: Readonly<Record<Figure, Readonly<{ head: string; format: (value: number) => string }>>> = {
  failureRate: { head: 'failure rate', format: percent }, rightFirstTimeRate: { head: 'right first time', format: percent },
  meanReleaseTimeDays: { head: 'release, days', format: (value) => value.toFixed(2) }, potencyCv: { head: 'potency CV', format: percent },
};
const [NAME, CELL] = [22, 34] as const;
const cell = (estimate: Estimate, format: (value: number) => string): string => withInterval(estimate, format).padEnd(CELL);
const area = (value: number): string => (Number.isFinite(value) ? value.toFixed(3) : 'none');

/** What a person sees at the end of a trial. */
export const summaryOf = ({ arms, world, seed, batches, prediction }: Report): string => {
  const head = `\n${batches} batches, ${world}, seed ${seed}\n\n${''.padEnd(NAME)}${FIGURES.map((figure) => COLUMNS[figure].head.padEnd(CELL)).join('')}\n`;
  const lines = Object.entries(arms).flatMap(([name, { intervals, relativeChange, effect }]) => [
    `${name.padEnd(NAME)}${FIGURES.map((figure) => cell(intervals[figure], COLUMNS[figure].format)).join('')}`,
    ...(relativeChange === undefined ? [] : [`${'  against baseline'.padEnd(NAME)}${FIGURES.map((figure) => cell(relativeChange[figure], percent)).join('')}`]),
    ...(effect === undefined ? [] : [`  ${effect.alerts} alerts, ${effect.batchesIntervened} batches acted on, ${effect.prevented} failures prevented, ${effect.harmed} harmed, ${effect.missed} missed`]),
  ]);
  const unscored = prediction?.thresholdRule.unscored ?? 0;
  const judged = prediction === undefined ? '' : `\nprediction at 72 h: precision ${cell(prediction.model.precision, percent).trim()}, recall ${cell(prediction.model.recall, percent).trim()}, AUC ${area(prediction.model.auc.value)} (few cells at 72 h: ${area(prediction.thresholdRule.auc.value)}; permuted outcomes: ${area(prediction.permutedLabelsAuc)})${unscored === 0 ? '' : `; ${unscored} without a density at 72 h, not alerted by that rule`}\n`;
  return `${head}${lines.join('\n')}\n${judged}95 % intervals; the same patients in every arm; everything is simulated.\n`;
};
