import { FIGURES, type Figure } from '../../models/twin/trial/comparison.ts';
import type { Discrimination } from '../../models/twin/trial/discrimination.ts';
import { SET_POINT_FIGURES, type SetPointFigure } from '../../models/twin/trial/set-point-report.ts';
import type { Estimate } from '../../shared/statistics/exact-interval.ts';
import type { Report } from '../../models/twin/trial/report.ts';

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
const days = (value: number): string => `${value.toFixed(2)} d`;
const FIGURE_TEXT: Readonly<Record<Figure, Readonly<{ name: string; format: (value: number) => string }>>> = {
  failureRate: { name: 'failure rate', format: percent }, rightFirstTimeRate: { name: 'right first time', format: percent },
  meanReleaseTimeDays: { name: 'mean release time', format: days }, potencyCv: { name: 'potency CV', format: percent },
};

/** A number and its interval; `none` where there is nothing to count, as the change of a failure rate of which there is none. */
export const withInterval = ({ value, low, high }: Estimate, format: (value: number) => string): string => {
  if (!Number.isFinite(value)) return 'none';
  return Number.isFinite(low) && Number.isFinite(high) ? `${format(value)} (${format(low)} to ${format(high)})` : format(value);
};
const orNone = (value: number, format: (value: number) => string): string => (Number.isFinite(value) ? format(value) : 'none');
const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => [row(...head), row(...head.map(() => '---')), ...rows.map((cells) => row(...cells))].join('\n');

const figures = ({ arms }: Report): string => table(['arm', ...FIGURES.map((figure) => FIGURE_TEXT[figure].name), 'mean harvest'], Object.entries(arms).map(([name, arm]) => [name, ...FIGURES.map((figure) => withInterval(arm.intervals[figure], FIGURE_TEXT[figure].format)), orNone(arm.meanHarvestDays, days)]));

const changes = ({ arms, paper, aims }: Report): string => table(['relative change', ...Object.keys(arms).filter((name) => name !== 'baseline'), 'paper', 'aim'], FIGURES.map((figure) => [
  FIGURE_TEXT[figure].name, ...Object.entries(arms).filter(([name]) => name !== 'baseline').map(([, { relativeChange }]) => (relativeChange === undefined ? '' : withInterval(relativeChange[figure], percent))),
  paper[figure] === undefined ? '' : percent(paper[figure].relativeChange), aims[figure] === undefined ? '' : percent(aims[figure]),
]));

const effects = ({ arms }: Report): string => table(['arm', 'alerts', 'batches acted on', 'interventions', 'prevented', 'harmed', 'missed', 'acted on in vain', 'acted on without need'], Object.entries(arms).flatMap(([name, { effect }]) =>
  effect === undefined ? [] : [[name, ...[effect.alerts, effect.batchesIntervened, effect.interventions, effect.prevented, effect.harmed, effect.missed, effect.futile, effect.needless].map(String)]]));

/** What review saw of the records, where it is known. */
const reviews = ({ arms }: Report): string => {
  const rows = Object.entries(arms).flatMap(([name, { review }]) => (review === undefined ? [] : [[name, review.mode === 'manual' ? 'whole' : 'by exception', ...[review.entries, review.read, review.returned, review.unseen].map(String)]]));
  return rows.length === 0 ? '' : `\nReview of the records, all batches together:\n\n${table(['arm', 'read', 'entries', 'entries read', 'errors sent back', 'errors nobody saw'], rows)}\n`;
};

const discrimination = (name: string, { alerts, precision, recall, falseAlertRate, auc, brier, unscored }: Discrimination): readonly string[] =>
  [name, String(alerts), withInterval(precision, percent), withInterval(recall, percent), withInterval(falseAlertRate, percent), withInterval(auc, (value) => value.toFixed(3)), orNone(brier, (value) => value.toFixed(4)), String(unscored)];

const prediction = ({ prediction: judged }: Report): string => judged === undefined ? '' : `
## Prediction at 72 hours

Prevalence of failure in this world: ${withInterval(judged.model.prevalence, percent)}, ${judged.model.failures === 0 ? 'none' : judged.model.failures} of ${judged.model.batches} failed. Intervals of rates are exact (Clopper and Pearson), those of the AUC after Hanley and McNeil, and exact where it is 0 or 1. Nothing after hour 72 is seen. A batch without a score
(a sensor was silent) is not alerted and counts as such; AUC and Brier score are of the others. A count of cells ranks batches and is no chance, so it has no Brier score.

${table(['alert', 'alerts', 'precision', 'recall', 'false alerts', 'AUC', 'Brier', 'without a score'], [discrimination('model', judged.model), discrimination('few cells at 72 h', judged.thresholdRule), discrimination('always act', judged.alwaysAct)])}

Models of the same kind, learnt from permuted outcomes of a part of the training batches, have an AUC of ${orNone(judged.permutedLabelsAuc, (value) => value.toFixed(3))} (mean of ${judged.permutations}, standard deviation between them ${orNone(judged.permutedLabelsSpread, (value) => value.toFixed(3))}).

![calibration](calibration.svg)
`;

const ceiling = ({ ofTheCeiling }: Report): string => ofTheCeiling === undefined ? '' : `
Share of the oracle's effect: ${Object.entries(ofTheCeiling).map(([name, shares]) => `${name} ${Object.entries(shares).map(([figure, share]) => `${FIGURE_TEXT[figure as Figure].name} ${orNone(share, percent)}`).join(', ')}`).join('; ')}.
`;

const SET_POINT_TEXT: Readonly<Record<SetPointFigure, Readonly<{ name: string; format: (value: number) => string }>>> = {
  failureRate: { name: 'failure rate', format: percent }, carPositiveCells: { name: 'CAR+ cells, 10⁶', format: (value) => value.toFixed(0) }, viability: { name: 'viability', format: percent },
  potency: { name: 'potency, %', format: (value) => value.toFixed(1) }, potencyCv: { name: 'potency CV', format: percent }, mediumLitres: { name: 'medium, L', format: (value) => value.toFixed(2) },
  lactateHours: { name: 'hours above 20 mmol/L lactate', format: (value) => value.toFixed(1) }, cost: { name: 'controllers\' own cost', format: (value) => value.toFixed(3) },
};

const setPoints = ({ setPoints: arms }: Report): string => arms === undefined ? '' : `
## Set-points

Feed and oxygen by the fixed recipe, by a PID controller, and by model-predictive advice that a person signs each day; harvest by the recipe. Below each figure, the paired difference from the recipe.

${table(['figure', ...Object.keys(arms)], SET_POINT_FIGURES.map((figure) => [SET_POINT_TEXT[figure].name, ...Object.values(arms).map(({ figures: own, againstRecipe }) => `${withInterval(own[figure], SET_POINT_TEXT[figure].format)}${againstRecipe === undefined ? '' : `<br>${withInterval(againstRecipe[figure], SET_POINT_TEXT[figure].format)}`}`)]))}
`;

/** The report for a reader. */
export const markdownOf = (report: Report): string => `# Trial of ${report.batches} batches, world "${report.world}", seed ${report.seed}, policy "${report.policy}"

The same patients, lots, faults and assay errors in every arm. Intervals are 95 %: exact for rates, by resampling batches for times and variation, paired for changes. Everything here is simulated.

${figures(report)}

${changes(report)}

${effects(report)}
${reviews(report)}${ceiling(report)}
![failure rate](failure-rate.svg)
![causes](causes.svg)
![release time](release-time.svg)
![mean release time](mean-release-time.svg)
![potency](potency-variation.svg)
![right first time](right-first-time.svg)
${prediction(report)}${setPoints(report)}`;
