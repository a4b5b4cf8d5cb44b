import { probabilityFor } from '../../models/forest/probability.ts';
import type { Forest } from '../../models/forest/tree.ts';
import { discriminate } from '../../models/twin/trial/discrimination.ts';
import { proportion, type Estimate } from '../../shared/statistics/exact-interval.ts';
import type { Rows } from '../../models/federated/rows.ts';
import type { Site } from './partition.ts';

const THRESHOLD = 0.5;
export type SiteResult = Readonly<{ name: string; rows: number; accuracy: Estimate; precision: Estimate; recall: Estimate; auc: Estimate }>;

/** Scores of rows, in order. */
export const scoresOf = (forest: Forest, { keys, columns }: Rows): readonly number[] => keys.map((_, row) => probabilityFor(forest, columns.map((column) => column[row] ?? Number.NaN)));

const resultOf = (name: string, scores: readonly number[], labels: readonly boolean[]): SiteResult => {
  const alerts = scores.map((score) => score >= THRESHOLD);
  const right = alerts.filter((alert, i) => alert === labels[i]).length;
  const { precision, recall, auc } = discriminate(scores, alerts, labels);
  return { name, rows: scores.length, accuracy: proportion(right, scores.length), precision, recall, auc };
};

/** How well a model does at each site, and at all. */
export const resultsOf = (forest: Forest, sites: readonly Site[]): readonly SiteResult[] => {
  const each = sites.map(({ name, rows }) => ({ name, scores: scoresOf(forest, rows), labels: Array.from(rows.labels, (label) => label === 1) }));
  return [...each.map(({ name, scores, labels }) => resultOf(name, scores, labels)), resultOf('all', each.flatMap(({ scores }) => scores), each.flatMap(({ labels }) => labels))];
};

const shown = ({ value, low, high }: Estimate): string => (Number.isNaN(value) ? '—' : `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`);

/** As text: one line a site. Intervals hold with 95 %: of proportions exact (Clopper, Pearson), of the AUC by Hanley and McNeil, and exact where it is 0 or 1. */
export const tableOfResults = (results: readonly SiteResult[]): string => {
  const lines = [['site', 'rows', 'accuracy', 'precision', 'recall', 'AUC'], ...results.map(({ name, rows, accuracy, precision, recall, auc }) => [name, String(rows), shown(accuracy), shown(precision), shown(recall), shown(auc)])];
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return lines.map((line) => line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ').trimEnd()).join('\n');
};
