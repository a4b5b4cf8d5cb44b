import { join } from 'node:path';
import { readTrainOptions } from '../../scripts/federated/options.ts';
import { featuresIn, sitesOf, type Site } from '../../scripts/federated/partition.ts';
import { readTable, type Table } from '../../scripts/federated/table.ts';
import { resultsOf, type SiteResult } from '../../scripts/federated/test-report.ts';
import { planFrom, train } from '../../scripts/federated/train.ts';
import { readModelFile } from '../../models/forest/model-file.ts';

const FILE = join(import.meta.dirname, '..', 'fixtures', 'chemical-manufacturing', 'batches.csv');
const FOLDS = 4;

const of = (table: Table, isTest: (row: number) => boolean, wanted: boolean): Table => ({ ...table, rows: table.rows.filter((_, i) => isTest(i) === wanted) });
const medianOf = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/**
 * Yield above the median of the training batches, four stretches of production order as sites.
 *
 * @param order `random`: every fourth batch is held out, whatever its time; `time`: the last quarter is @param method of the command
 */
export const chemicalResult = (order: 'random' | 'time', method: 'forest' | 'boosting' = 'forest'): SiteResult => {
  const table = readTable(FILE);
  const isTest = (row: number): boolean => (order === 'time' ? row >= (table.rows.length * (FOLDS - 1)) / FOLDS : (row * 7 + 3) % FOLDS === 0);
  const training = of(table, isTest, false);
  const threshold = medianOf(training.rows.map(([yieldText]) => Number(yieldText)));
  const options = readTrainOptions(['--data', FILE, '--label', 'Yield', '--threshold', String(threshold), '--partition', '4', '--method', method, '--out', '-']);
  const features = featuresIn(table, options);
  const sites: readonly Site[] = sitesOf(training, options, features);
  const { text } = train(planFrom(options, features, sites), sites, true, () => undefined);
  const result = resultsOf(readModelFile(text), sitesOf(of(table, isTest, true), { ...options, partition: 'pooled' }, features)).at(-1);
  if (result === undefined) throw new Error('no result');
  return result;
};
