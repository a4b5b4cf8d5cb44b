import * as z from 'zod';
import { DomainError } from '../errors.ts';
import { proportion, type Estimate } from '../statistics/exact-interval.ts';
import { Sha256 } from './data-manifest.ts';
import { distributionFaults, DistributionsSchema, type Distribution } from './distributions.ts';
import type { Criterion, Metric, ModelPlan } from './model-plan.ts';

/** Cases of one stratum by what came true and what the model said; `undecided` ones by what came true. Whole numbers. */
export type CaseCounts = Readonly<{
  truePositive: number; falsePositive: number; trueNegative: number; falseNegative: number; undecidedPositive: number; undecidedNegative: number;
}>;

/** What a test found, as counts only: every metric and interval is computed from them, here, so that nobody can hand in a better one. */
export type TestReport = Readonly<{
  planHash: string;
  artefactSha256: string;
  testDataId: string;
  testManifestSha256: string;
  /**
   * `statementSha256` names what the hospital signed for; absent in reports from before it was asked for. `withheld` are the subgroups it did not count: fewer rows than it counts over belong to them there, or all but fewer. Their cases are in
   * `counts` and in none of `subgroups`. Absent where there are none, and in reports from before it was told.
   */
  sites: readonly Readonly<{ nodeId: string; counts: CaseCounts; statementSha256?: string; withheld?: readonly string[] }>[];
  subgroups: readonly Readonly<{ id: string; counts: CaseCounts }>[];
  /** Inputs and score over all hospitals: what drift is judged against later. */
  distributions?: readonly Distribution[];
}>;

const Count = z.int().min(0).max(1_000_000);
export const CaseCountsSchema = z.strictObject({ truePositive: Count, falsePositive: Count, trueNegative: Count, falseNegative: Count, undecidedPositive: Count, undecidedNegative: Count });
const Name = z.string().min(1).max(64);
export const TestReportSchema = z.strictObject({
  planHash: Sha256, artefactSha256: Sha256, testDataId: Name, testManifestSha256: Sha256,
  sites: z.array(z.strictObject({ nodeId: Name, counts: CaseCountsSchema, statementSha256: Sha256.exactOptional(), withheld: z.array(Name).min(1).max(50).exactOptional() })).min(1).max(1000), subgroups: z.array(z.strictObject({ id: Name, counts: CaseCountsSchema })).max(50),
  distributions: DistributionsSchema.exactOptional().describe('Inputs of the plan in its order, then the score, added up over the hospitals: what drift is judged against'),
});

/** @throws DomainError `model-results-inconsistent`, every fault named by its path */
export const parseTestReport = (value: unknown): TestReport => {
  const result = TestReportSchema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'report'}: ${message}`);
  throw new DomainError('model-results-inconsistent', faults.join('; '), { paths: faults.map((fault) => fault.split(':')[0] ?? fault) });
};

/** Kinds of cases, in the order in which sums over hospitals hold them. */
export const CASE_KINDS = ['truePositive', 'falsePositive', 'trueNegative', 'falseNegative', 'undecidedPositive', 'undecidedNegative'] as const satisfies readonly (keyof CaseCounts)[];
const NONE: CaseCounts = { truePositive: 0, falsePositive: 0, trueNegative: 0, falseNegative: 0, undecidedPositive: 0, undecidedNegative: 0 };

export const addCounts = (a: CaseCounts, b: CaseCounts): CaseCounts => ({
  truePositive: a.truePositive + b.truePositive, falsePositive: a.falsePositive + b.falsePositive, trueNegative: a.trueNegative + b.trueNegative, falseNegative: a.falseNegative + b.falseNegative,
  undecidedPositive: a.undecidedPositive + b.undecidedPositive, undecidedNegative: a.undecidedNegative + b.undecidedNegative,
});
export const caseCount = (counts: CaseCounts): number => CASE_KINDS.reduce((sum, key) => sum + counts[key], 0);

/** @param counts one of each of `CASE_KINDS` */
export const countsOfKinds = (counts: readonly number[]): CaseCounts => CASE_KINDS.reduce((all, kind, i) => ({ ...all, [kind]: counts[i] ?? 0 }), NONE);

export type Stratum = Readonly<{ stratum: string; counts: CaseCounts }>;

/** All cases, each hospital as `site-<node>`, each subgroup, in this order. */
export const strataOf = ({ sites, subgroups }: Pick<TestReport, 'sites' | 'subgroups'>): readonly Stratum[] => [
  { stratum: 'all', counts: sites.reduce((sum, { counts }) => addCounts(sum, counts), NONE) },
  ...sites.map(({ nodeId, counts }) => ({ stratum: `site-${nodeId}`, counts })),
  ...subgroups.map(({ id, counts }) => ({ stratum: id, counts })),
];

/**
 * One metric with its exact 95 % interval. All but `decided` are of decided cases. F1 is no proportion and has no interval: NaN.
 *
 * @returns value NaN when no case counts towards it
 */
export const metricOf = ({ truePositive, falsePositive, trueNegative, falseNegative, ...undecided }: CaseCounts, metric: Metric): Estimate => {
  const decided = truePositive + falsePositive + trueNegative + falseNegative;
  switch (metric) {
    case 'sensitivity': return proportion(truePositive, truePositive + falseNegative);
    case 'specificity': return proportion(trueNegative, trueNegative + falsePositive);
    case 'precision': return proportion(truePositive, truePositive + falsePositive);
    case 'negative-predictive-value': return proportion(trueNegative, trueNegative + falseNegative);
    case 'accuracy': return proportion(truePositive + trueNegative, decided);
    case 'decided': return proportion(decided, decided + undecided.undecidedPositive + undecided.undecidedNegative);
    case 'f1': return { value: (2 * truePositive) / (2 * truePositive + falsePositive + falseNegative), low: Number.NaN, high: Number.NaN };
    default: return metric satisfies never;
  }
};

/** `criterionId` is `minimum-cases` where a stratum has too few to be judged. */
export type Verdict = Readonly<{ criterionId: string; stratum: string; got: number; wanted: number; passed: boolean }>;
export const MINIMUM_CASES = 'minimum-cases';

const covers = (wanted: string, stratum: string): boolean => {
  if (wanted === 'each-site') return stratum.startsWith('site-');
  if (wanted === 'each-subgroup') return stratum !== 'all' && !stratum.startsWith('site-');
  return wanted === stratum;
};

const judge = ({ id, metric, measure, minimum }: Criterion, { stratum, counts }: Stratum): Verdict => {
  const { value, low } = metricOf(counts, metric);
  const got = measure === 'estimate' ? value : low;
  // NaN, from no cases, passes nothing.
  return { criterionId: id, stratum, got, wanted: minimum, passed: !Number.isNaN(value) && got >= minimum };
};

/** Every criterion of the plan on every stratum it speaks of, after the size of each stratum. */
export const verdictsOf = ({ test }: ModelPlan, report: TestReport): readonly Verdict[] => {
  const strata = strataOf(report);
  const sizes = strata.map(({ stratum, counts }) => ({ criterionId: MINIMUM_CASES, stratum, got: caseCount(counts), wanted: test.minimumCasesPerStratum, passed: caseCount(counts) >= test.minimumCasesPerStratum }));
  return [...sizes, ...test.criteria.flatMap((criterion) => strata.filter(({ stratum }) => covers(criterion.stratum, stratum)).map((stratum) => judge(criterion, stratum)))];
};

/** Cases that came true, whatever was said of them. */
const positivesOf = ({ truePositive, falseNegative, undecidedPositive }: CaseCounts): number => truePositive + falseNegative + undecidedPositive;

/** What in a report does not agree with the plan or the test data; empty when all does. A case left out would be a result chosen. */
export const reportFaults = ({ inputs, subgroups }: ModelPlan, report: TestReport, data: readonly Readonly<{ nodeId: string; records: number; positives: number }>[]): readonly string[] => {
  const [all] = strataOf(report);
  const sites = new Map(report.sites.map(({ nodeId, counts }) => [nodeId, caseCount(counts)]));
  const ids = report.subgroups.map(({ id }) => id);
  return [
    ...(sites.size < report.sites.length ? ['sites: a hospital stands twice, want each once'] : []),
    ...data.filter(({ nodeId, records }) => sites.get(nodeId) !== records).map(({ nodeId, records }) => `sites.${nodeId}: got ${sites.get(nodeId) ?? 0} cases, want the ${records} of the test data`),
    ...data.flatMap(({ nodeId, positives }) => {
      const got = positivesOf(report.sites.find((site) => site.nodeId === nodeId)?.counts ?? NONE);
      return got === positives ? [] : [`sites.${nodeId}: got ${got} cases that came true, want the ${positives} that were registered`];
    }),
    ...[...sites.keys()].filter((id) => !data.some(({ nodeId }) => nodeId === id)).map((id) => `sites.${id}: is not in the test data`),
    ...(ids.join() === subgroups.map(({ id }) => id).join() ? [] : [`subgroups: got ${ids.join(', ') || 'none'}, want ${subgroups.map(({ id }) => id).join(', ')}`]),
    ...(report.distributions === undefined || all === undefined ? [] : distributionFaults(inputs, caseCount(all.counts), report.distributions)),
    ...report.subgroups.filter(({ counts }) => CASE_KINDS.some((key) => counts[key] > (all?.counts[key] ?? 0))).map(({ id }) => `subgroups.${id}: has more cases than all hospitals together`),
  ];
};
