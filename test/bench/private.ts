import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { Cohort } from '../../models/federated/cohort.ts';
import { federate, plainSumming } from '../../models/federated/federation.ts';
import { privatePlanOf, noiseParts } from '../../models/federated/plan.ts';
import { countLeaves, privateForest, withNoise } from '../../models/federated/private/forest.ts';
import type { Forest } from '../../models/forest/tree.ts';
import { readTrainOptions } from '../../scripts/federated/options.ts';
import { featuresIn, sitesOf, type Site } from '../../scripts/federated/partition.ts';
import { readTable } from '../../scripts/federated/table.ts';
import { resultsOf } from '../../scripts/federated/test-report.ts';
import { planFrom } from '../../scripts/federated/train.ts';
import { percentile, row, type Row } from './row.ts';

const HEART = join(import.meta.dirname, '..', 'fixtures', 'heart');
const SEEDS = 20;
const EPSILONS = ['0.5', '1', '2'];

const optionsFor = (...more: readonly string[]) => readTrainOptions(['--data', join(HEART, 'train.csv'), '--label', 'label', '--site', 'site', '--out', '-', ...more]);

/** Noise that is the same at every run of the bench, and no secret. */
const keyOf = (seed: number, site: string): Uint8Array => createHash('sha256').update(`bench ${seed} ${site}`).digest();

const accuracyOf = (forest: Forest, tests: readonly Site[]): number => resultsOf(forest, tests).at(-1)?.accuracy.value ?? Number.NaN;

/** What privacy costs on the heart data: mean and least accuracy over seeds of splits and noise, beside the exact forest of the same rows. */
export const measurePrivate = (): readonly Row[] => {
  const exact = optionsFor();
  const table = readTable(exact.data);
  const features = featuresIn(table, exact);
  const sites = sitesOf(table, exact, features);
  const tests = sitesOf(readTable(join(HEART, 'test.csv')), exact, features);
  const plan = planFrom(exact, features, sites);
  const reference = federate(plan, sites.length, plainSumming(plan, sites.map(({ rows }) => new Cohort(plan, rows)))).forest;
  const best = reference === undefined ? Number.NaN : accuracyOf(reference, tests);
  return EPSILONS.flatMap((epsilon) => {
    const accuracies = Array.from({ length: SEEDS }, (_, i) => {
      const seed = i + 1;
      const own = planFrom(optionsFor('--private', '--epsilon', epsilon, '--ranges', join(HEART, 'ranges.csv'), '--seed', String(seed)), features, sites);
      const terms = privatePlanOf(own);
      const answers = sites.map(({ name, rows }) => withNoise(terms, countLeaves(terms, rows), { key: keyOf(seed, name), parts: noiseParts(own, sites.length) }));
      return accuracyOf(privateForest(terms, (answers[0] ?? new Float64Array()).map((_count, at) => answers.reduce((sum, answer) => sum + (answer[at] ?? 0), 0))), tests);
    });
    const mean = accuracies.reduce((sum, each) => sum + each, 0) / SEEDS;
    return [row(`private: heart, ε ${epsilon}, accuracy, mean of ${SEEDS} seeds`, mean, '', best, 'the exact forest'), row(`private: heart, ε ${epsilon}, accuracy, worst of ${SEEDS} seeds`, percentile(accuracies, 0), '', best, 'the exact forest')];
  });
};
