import { RandomForestClassifier } from 'ml-random-forest';
import { join } from 'node:path';
import { Cohort } from '../../models/federated/cohort.ts';
import { federate, plainSumming } from '../../models/federated/federation.ts';
import type { Plan } from '../../models/federated/plan.ts';
import type { Rows } from '../../models/federated/rows.ts';
import { predict } from '../../models/forest/evaluate.ts';
import { readModelFile } from '../../models/forest/model-file.ts';
import { TreeShap } from '../../models/forest/shap.ts';
import { createGenerator } from '../../models/random/generator.ts';
import { readTrainOptions } from '../../scripts/federated/options.ts';
import { featuresIn, sitesOf, type Site } from '../../scripts/federated/partition.ts';
import { readTable } from '../../scripts/federated/table.ts';
import { resultsOf } from '../../scripts/federated/test-report.ts';
import { planFrom, train } from '../../scripts/federated/train.ts';
import { percentile, row, type Row } from './row.ts';

const HEART = join(import.meta.dirname, '..', 'fixtures', 'heart');
const SITES = 30;
const BATCHES = 100;
const FEATURES = 1000;

/** Random batches whose label hangs on ten of a thousand features; a twentieth of the values is missing. */
const bigSites = (): readonly Site[] => {
  const random = createGenerator(1);
  const features = Array.from({ length: FEATURES }, (_, i) => `f${i}`);
  return Array.from({ length: SITES }, (_, site) => {
    const columns = features.map(() => Float32Array.from({ length: BATCHES }, () => (random.uniform() < 0.05 ? Number.NaN : random.normal())));
    const labels = Uint8Array.from({ length: BATCHES }, (_, i) => (columns.slice(0, 10).reduce((sum, column) => sum + (Number.isNaN(column[i]) ? 0 : column[i] ?? 0), 3 * random.normal()) > 0 ? 1 : 0));
    const names = Array.from({ length: BATCHES }, (_, i) => `${site}/${i}`);
    return { name: `site-${String(site).padStart(2, '0')}`, rows: { features, keys: names, drawKeys: names, columns, labels } };
  });
};

const secondsOf = <T>(run: () => T): Readonly<{ seconds: number; cpuSeconds: number; result: T }> => {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const result = run();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6, result };
};

const heartOf = (partition: string, ...more: readonly string[]): Readonly<{ plan: Plan; sites: readonly Site[]; tests: readonly Site[] }> => {
  const options = readTrainOptions(['--data', join(HEART, 'train.csv'), '--label', 'label', '--site', 'site', '--out', '-', '--partition', partition, ...more]);
  const table = readTable(options.data);
  const features = featuresIn(table, options);
  const sites = sitesOf(table, options, features);
  return { plan: planFrom(options, features, sites), sites, tests: sitesOf(readTable(join(HEART, 'test.csv')), { ...options, partition: 'natural' }, features) };
};

const rowsAsLines = ({ keys, columns }: Rows): number[][] => keys.map((_, i) => columns.map((column) => column[i] ?? 0));

/** The npm package on the same rows: 100 trees of depth 6 at most, √F features a tree. */
const otherForest = (seed: number, sites: readonly Site[], tests: readonly Site[]): Readonly<{ seconds: number; accuracy: number }> => {
  const lines = sites.flatMap(({ rows }) => rowsAsLines(rows));
  const labels = sites.flatMap(({ rows }) => [...rows.labels]);
  const { seconds, result } = secondsOf(() => {
    const classifier = new RandomForestClassifier({ seed, maxFeatures: 3, replacement: true, nEstimators: 100, treeOptions: { maxDepth: 6 } });
    classifier.train(lines, labels);
    return classifier;
  });
  const predicted = result.predict(tests.flatMap(({ rows }) => rowsAsLines(rows)));
  const truth = tests.flatMap(({ rows }) => [...rows.labels]);
  return { seconds, accuracy: predicted.filter((label, i) => label === truth[i]).length / truth.length };
};

const REPEATS = 7;
/** A forest's accuracy is that of its seed, by a point or two. */
const SEEDS = [1, 2, 3, 4, 5] as const;
const meanOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

/** The same rows boosted: a round for each tree, of whose leaves alone sums are asked. */
const measureBoosting = (): readonly Row[] => {
  const { plan, sites, tests } = heartOf('natural', '--method', 'boosting');
  const { text, bytesUp } = train(plan, sites, true, () => undefined);
  const all = resultsOf(readModelFile(text), tests).at(-1);
  return [
    row('federated: heart, boosting: accuracy', all?.accuracy.value ?? Number.NaN, '', 0.785, 'best published federated strategy (FLamby), at least'),
    row('federated: heart, boosting: AUC', all?.auc.value ?? Number.NaN, '', 0.87, 'target, at least'),
    row('federated: heart, boosting: uplink a site', bytesUp / 1e6, 'MB', 2.5, 'target, at most'),
  ];
};

const measureHeart = (): readonly Row[] => {
  const { plan, sites, tests } = heartOf('natural');
  const masked = train(plan, sites, true, () => undefined);
  const results = resultsOf(readModelFile(masked.text), tests);
  const all = results.at(-1);
  const pooled = heartOf('pooled');
  const times = Array.from({ length: REPEATS }, () => secondsOf(() => federate(pooled.plan, 1, plainSumming(pooled.plan, pooled.sites.map((site) => new Cohort(pooled.plan, site.rows))))).seconds);
  const others = SEEDS.map((seed) => otherForest(seed, sites, tests));
  const otherSeconds = percentile(others.map(({ seconds }) => seconds), 0.5);
  const accuracies = SEEDS.map((seed) => {
    const own = heartOf('natural', '--seed', String(seed));
    return resultsOf(readModelFile(train(own.plan, own.sites, true, () => undefined).text), tests).at(-1)?.accuracy.value ?? Number.NaN;
  });
  const forest = readModelFile(masked.text);
  const shap = new TreeShap(forest);
  const lines = tests.flatMap((site) => rowsAsLines(site.rows));
  for (const line of lines) shap.explain(line);
  const scored = Array.from({ length: 10 }, () => lines).flat().map((line) => secondsOf(() => [predict(forest, line), shap.explain(line)]).seconds * 1000);
  return [
    row('federated: heart, accuracy, 4 hospitals', all?.accuracy.value ?? Number.NaN, '', 0.785, 'best published federated strategy (FLamby), at least'),
    row('federated: heart, AUC, 4 hospitals', all?.auc.value ?? Number.NaN, '', 0.87, 'target, at least'),
    ...measureBoosting(),
    row('federated: heart, uplink a site', masked.bytesUp / 1e6, 'MB', 2.5, 'target, at most'),
    row('federated: heart, training on pooled rows', percentile(times, 0.5), 's', otherSeconds, 'ml-random-forest, 100 trees of depth 6'),
    row('federated: heart, accuracy, seed 1', all?.accuracy.value ?? Number.NaN, '', others[0]?.accuracy ?? Number.NaN, 'ml-random-forest, 100 trees of depth 6, seed 1'),
    row(`federated: heart, accuracy, mean of seeds 1 to ${SEEDS.length}`, meanOf(accuracies), '', meanOf(others.map(({ accuracy }) => accuracy)), 'ml-random-forest, 100 trees of depth 6, the same seeds'),
    row('federated: score and SHAP of one row, p99', percentile(scored, 0.99), 'ms', 5, 'target, at most'),
  ];
};

/** Training, its traffic and its figures on the heart data, and the time of a large network. */
export const measureFederated = (say: (text: string) => void): readonly Row[] => {
  const heart = measureHeart();
  const sites = bigSites();
  const options = readTrainOptions(['--data', '-', '--label', 'label', '--out', '-', '--partition', '30', '--bins', '16']);
  const plan = planFrom(options, sites[0]?.rows.features ?? [], sites);
  const rows = [false, true].flatMap((isMasked) => {
    const { seconds, cpuSeconds, result } = secondsOf(() => train(plan, sites, isMasked, ({ round, bytes }) => { say(`round ${round}: ${(bytes / 1e6).toFixed(1)} MB a site`); }));
    const name = `federated: ${SITES} sites × ${BATCHES} batches × ${FEATURES} features, masks ${isMasked ? 'on' : 'off'}`;
    return [row(name, seconds, 's', 60, 'target, at most'), row(`${name}: processor time`, cpuSeconds, 's', seconds, 'its time by the clock'), row(`${name}: uplink a site`, result.bytesUp / 1e6, 'MB', result.bytesUp / 1e6, 'itself')];
  });
  return [...heart, ...rows];
};
