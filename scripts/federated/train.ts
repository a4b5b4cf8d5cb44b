import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { Cohort } from '../../models/federated/cohort.ts';
import { federate, plainSumming, type RoundReport, type Summing } from '../../models/federated/federation.ts';
import { modelFileOf } from '../../models/federated/model-text.ts';
import { monitoringPlan, privatePlan, type Plan } from '../../models/federated/plan.ts';
import type { Run } from '../../models/federated/run.ts';
import { fingerprintOf, signCertificate } from '../../models/federated/secure/keys.ts';
import { EMPTY_LEDGER } from '../../models/federated/secure/ledger.ts';
import { LEAST_SITES } from '../../models/federated/secure/messages.ts';
import { maskedSumming } from '../../models/federated/secure/masked-summing.ts';
import { Site as MaskedSite } from '../../models/federated/secure/site.ts';
import { LEAST_COHORT } from '../../shared/training-data/least-cohort.ts';
import type { Variable } from '../../models/monitoring/moments.ts';
import { UsageError } from '../run-script.ts';
import type { TrainOptions } from './options.ts';
import type { Site } from './partition.ts';
import { rangesFrom, rangesWithin } from './ranges.ts';

const LEAST_ROW_LIMIT = 64;
/** A power of two, so that it tells little of the largest site. */
const rowLimitOf = (sites: readonly Site[]): number => 2 ** Math.ceil(Math.log2(Math.max(LEAST_ROW_LIMIT, ...sites.map(({ rows }) => rows.keys.length))));

const labelOf = ({ label, threshold }: TrainOptions): string => (threshold === undefined ? label : `${label} > ${threshold}`);

const rangedPlan = (options: TrainOptions, variables: readonly Variable[], sites: readonly Site[]): Plan => {
  const terms = { variables, label: labelOf(options), rowLimit: rowLimitOf(sites) };
  const { seed, trees: treeCount, depth, microEpsilon, curious, components } = options;
  return microEpsilon === undefined ? monitoringPlan({ ...terms, components }) : privatePlan({ ...terms, seed, treeCount, depth, microEpsilon, curious });
};

/** Of many features that are foreseen by the same profile the best is too often the same: an eighth of them, by cross-validation. */
const featuresDrawn = ({ featuresPerNode }: TrainOptions, features: number): number => Math.min(features, featuresPerNode ?? Math.max(1, Math.floor(features / 8)));

/** Hyper-parameters that are not given, and ranges. */
export const planFrom = (options: TrainOptions, features: readonly string[], sites: readonly Site[]): Plan => {
  const ranges = options.ranges === undefined ? rangesWithin(sites, features) : rangesFrom(options.ranges, features);
  if (options.method === 'monitoring' || options.method === 'private') return rangedPlan(options, features.map((name, i) => ({ name, ...(ranges[i] ?? { low: Number.NaN, high: Number.NaN }) })), sites);
  return {
    method: options.method, features, label: labelOf(options), seed: options.seed, treeCount: options.trees, depth: options.depth, binLimit: options.bins,
    featuresPerNode: featuresDrawn(options, features.length),
    minimumLeaf: options.minimumLeaf, learningRate: options.learningRate, regularisation: 1, rowLimit: rowLimitOf(sites), splits: 'foreseen', ranges,
  };
};

const SECRET_BYTES = 32;

/** Sites with identities made for this run: in a network each node brings its own. @throws UsageError with fewer than three */
const maskedOver = (plan: Plan, sites: readonly Site[]): Summing => {
  if (sites.length < LEAST_SITES) throw new UsageError(`--masks: got on with ${sites.length} sites, want at least ${LEAST_SITES} of them: of fewer each would learn the other's. Take --masks off, or another --partition`);
  const runId = createHash('sha256').update(randomBytes(SECRET_BYTES)).digest('hex');
  const identities = new Map(sites.map(({ name }) => [name, generateKeyPairSync('ed25519')]));
  const directory = new Map([...identities].map(([name, { publicKey }]) => [name, publicKey]));
  const partners = new Map([...directory].map(([name, key]) => [name, fingerprintOf(key)]));
  const members = sites.map(({ name, rows }) => new MaskedSite({ siteId: name, runId, plan, rows, secret: randomBytes(SECRET_BYTES), directory, partners, invited: sites.map((each) => each.name), ledger: EMPTY_LEDGER, leastCohort: LEAST_COHORT }));
  const certificates = members.flatMap((site) => {
    const identity = identities.get(site.siteId);
    return identity === undefined ? [] : [signCertificate(site.unsignedCertificate, identity.privateKey)];
  });
  return maskedSumming({ plan, runId, sites: members, certificates, nowEpochMs: Date.now() });
};

export type Trained = Readonly<{ run: Run; text: string; bytesUp: number }>;

/** The whole federation in this process. */
export const train = (plan: Plan, sites: readonly Site[], isMasked: boolean, onRound: (report: RoundReport) => void): Trained => {
  let bytesUp = 0;
  const summing = isMasked ? maskedOver(plan, sites) : plainSumming(plan, sites.map(({ rows }) => new Cohort(plan, rows)), plan.private === undefined ? [] : sites.map(() => randomBytes(SECRET_BYTES)));
  const run = federate(plan, sites.length, summing, (report) => {
    bytesUp += report.bytes;
    onRound(report);
  });
  return { run, bytesUp, text: modelFileOf(run) };
};
