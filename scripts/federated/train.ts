import { Cohort } from '../../models/federated/cohort.ts';
import { federate, plainSumming, type RoundReport } from '../../models/federated/federation.ts';
import type { Plan } from '../../models/federated/plan.ts';
import type { Run } from '../../models/federated/run.ts';
import { writeModelFile } from '../../models/forest/model-file.ts';
import type { TrainOptions } from './options.ts';
import type { Site } from './partition.ts';

const LEAST_ROW_LIMIT = 64;
/** A power of two, so that it tells little of the largest site. */
const rowLimitOf = (sites: readonly Site[]): number => 2 ** Math.ceil(Math.log2(Math.max(LEAST_ROW_LIMIT, ...sites.map(({ rows }) => rows.keys.length))));

/** Hyper-parameters that are not given: √F features a node, rounded down, in a forest (Breiman 2001); all when boosting, that is left to the learning rate. */
export const planFrom = (options: TrainOptions, features: readonly string[], sites: readonly Site[]): Plan => ({
  method: options.method, features, label: options.threshold === undefined ? options.label : `${options.label} > ${options.threshold}`, seed: options.seed, treeCount: options.trees, depth: options.depth, binLimit: options.bins,
  featuresPerNode: Math.min(features.length, options.featuresPerNode ?? Math.max(1, Math.floor(Math.sqrt(features.length)))),
  minimumLeaf: options.minimumLeaf, learningRate: options.learningRate, regularisation: 1, rowLimit: rowLimitOf(sites),
});

export type Trained = Readonly<{ run: Run; text: string; bytesUp: number }>;

/** The whole federation in this process. */
export const train = (plan: Plan, sites: readonly Site[], onRound: (report: RoundReport) => void): Trained => {
  let bytesUp = 0;
  const cohorts = sites.map(({ rows }) => new Cohort(plan, rows));
  const run = federate(plan, sites.length, plainSumming(plan, cohorts), (report) => {
    bytesUp += report.bytes;
    onRound(report);
  });
  if (run.forest === undefined) throw new Error('the run ended without a model');
  return { run, bytesUp, text: writeModelFile(run.forest, attributesOf(plan, run)) };
};

/** Nothing here depends on who held which row, or the file would. */
const attributesOf = ({ method, label, seed, treeCount, depth, binLimit, featuresPerNode, minimumLeaf, learningRate, regularisation }: Plan, { rows, constant }: Run): Readonly<Record<string, string>> => ({
  notice: 'Candidate. Not accepted for use.',
  plan: JSON.stringify({ method, label, seed, treeCount, depth, binLimit, featuresPerNode, minimumLeaf, ...(method === 'boosting' && { learningRate, regularisation }) }),
  rows: String(rows), constantFeatures: JSON.stringify(constant),
});
