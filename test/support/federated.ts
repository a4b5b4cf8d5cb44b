import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Cohort } from '../../models/federated/cohort.ts';
import { federate } from '../../models/federated/federation.ts';
import { fingerprintOf, signCertificate, type Certificate } from '../../models/federated/secure/keys.ts';
import { EMPTY_LEDGER } from '../../models/federated/secure/ledger.ts';
import { maskedSumming, type Loss } from '../../models/federated/secure/masked-summing.ts';
import { Site, type SiteOptions } from '../../models/federated/secure/site.ts';
import type { Plan } from '../../models/federated/plan.ts';
import type { Rows } from '../../models/federated/rows.ts';
import { advance, beginRun, type Question, type Run } from '../../models/federated/run.ts';
import { writeXgboostJson } from '../../models/forest/xgboost-json.ts';
import { codeOf } from './error-code.ts';

/** A cohort as people write one: a row a line, NaN where missing. */
export type Table = Readonly<{ keys: readonly string[]; /** The names again, unless a test says others. */ drawKeys?: readonly string[]; values: readonly (readonly number[])[]; labels: readonly number[] }>;

export const rowsOf = ({ keys, drawKeys = keys, values, labels }: Table, members: readonly number[] = keys.map((_, i) => i), features: readonly string[] = ['a', 'b', 'c'].slice(0, values[0]!.length)): Rows => ({
  features,
  keys: members.map((i) => keys[i]!), drawKeys: members.map((i) => drawKeys[i]!), labels: Uint8Array.from(members, (i) => labels[i]!),
  columns: (values[0] ?? []).map((_, feature) => Float32Array.from(members, (i) => values[i]![feature]!)),
});

/** Ranges stand in a plan of trees, as if the specification had 0 to 9 for all. */
export const planOf = (change: Partial<Plan> = {}): Plan => ({
  method: 'forest', features: ['a', 'b', 'c'], label: 'label', seed: 7, treeCount: 5, depth: 4, binLimit: 16, featuresPerNode: 2, minimumLeaf: 1, learningRate: 0.3, regularisation: 1, rowLimit: 1000, ...(['forest', 'boosting'].includes(change.method ?? 'forest') && { splits: 'foreseen', ranges: (change.features ?? ['a', 'b', 'c']).map(() => ({ low: 0, high: 9 })) }), ...change,
});

/** Plain sum of what sites answer, and the run to its end. */
export const runOver = (plan: Plan, sites: readonly Rows[]): Run => {
  const cohorts = sites.map((rows) => new Cohort(plan, rows));
  let run = beginRun(plan);
  while (run.question !== undefined) {
    const { question } = run;
    const answers = cohorts.map((cohort) => cohort.answer(question));
    run = advance(run, Float64Array.from(answers[0]!, (_, i) => answers.reduce((sum, answer) => sum + answer[i]!, 0)));
  }
  return run;
};

/** Play a run over one site, and keep what was asked and the sums. @param change of a sum on its way */
export const played = (plan: Plan, rows: Rows, change: (question: Question, sum: Float64Array) => void = () => undefined): Readonly<{ run: Run; seen: readonly Readonly<{ question: Question; sum: Float64Array }>[] }> => {
  const cohort = new Cohort(plan, rows);
  const seen: { question: Question; sum: Float64Array }[] = [];
  let run = beginRun(plan);
  while (run.question !== undefined) {
    const sum = Float64Array.from(cohort.answer(run.question));
    change(run.question, sum);
    seen.push({ question: run.question, sum });
    run = advance(run, sum);
  }
  return { run, seen };
};

/** A run of few trees, unless none of its splits parts any rows: such a one ends without a model. */
export const playedToModel = (plan: Plan, rows: Rows): ReturnType<typeof played> | undefined => {
  try {
    return played(plan, rows);
  } catch (error) {
    if (codeOf(() => { throw error; }) === 'training-data-malformed') return undefined;
    throw error;
  }
};

export const fileOf = (run: Run): string => writeXgboostJson(run.forest!);

export const NOW = 1_790_000_000_000;
const identities = Array.from({ length: 10 }, (_, i) => ({ siteId: `site-${i}`, keys: generateKeyPairSync('ed25519') }));
export const identityOf = (siteId: string): KeyObject => identities.find((each) => each.siteId === siteId)!.keys.privateKey;
export const directory = new Map(identities.map(({ siteId, keys }) => [siteId, keys.publicKey]));
const siteIds = identities.map(({ siteId }) => siteId);
/** Everybody confirmed everybody, and all are invited. */
export const KNOWN = { directory, invited: siteIds, partners: new Map([...directory].map(([siteId, key]) => [siteId, fingerprintOf(key)])) };

type Change = Partial<Pick<SiteOptions, 'ledger' | 'leastCohort' | 'runId' | 'rows' | 'invited' | 'partners'>>;
/** Sites with some rows each, and the certificates of all. */
export const sitesOver = (plan: Plan, cohorts: readonly Rows[], change: Change = {}): Readonly<{ sites: readonly Site[]; certificates: readonly Certificate[] }> => {
  const sites = cohorts.map((rows, i) => new Site({ siteId: `site-${i}`, runId: 'run-1', plan, rows, secret: Buffer.alloc(32, i + 1), ...KNOWN, ledger: EMPTY_LEDGER, leastCohort: 1, ...change }));
  return { sites, certificates: sites.map((site) => signCertificate(site.unsignedCertificate, identityOf(site.siteId))) };
};

/** A whole run under masks. */
export const maskedRun = (plan: Plan, cohorts: readonly Rows[], isLost?: Loss): Run =>
  federate(plan, cohorts.length, maskedSumming({ plan, runId: 'run-1', ...sitesOver(plan, cohorts), nowEpochMs: NOW, ...(isLost !== undefined && { isLost }) }));

/** What a coordinator asks in the second round of a plan of three features, if it learned nothing in the first. */
export const CLASSES: Question = { type: 'classes', frames: [0, 1, 2].map(() => ({ centre: 0, unit: 1 })), rows: [20, 20] };
