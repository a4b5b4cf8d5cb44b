import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { countCalibration } from '../../../models/calibration/counts.ts';
import { sayOf } from '../../../models/calibration/verdict.ts';
import { Cohort } from '../../../models/federated/cohort.ts';
import { federate, plainSumming } from '../../../models/federated/federation.ts';
import type { Plan } from '../../../models/federated/plan.ts';
import { predict } from '../../../models/forest/evaluate.ts';
import { EARLY_FAILURE } from '../../../scripts/learning/early-failure.ts';
import { CASES } from '../../../scripts/learning/learn-first.ts';
import type { Case, Cases } from '../../../scripts/learning/lesson.ts';
import { simulatedCases } from '../../../scripts/learning/simulated-cases.ts';
import type { DecisionRule } from '../../../shared/model-registry/may-run.ts';
import { verdictsOf, type TestReport, type Verdict } from '../../../shared/model-registry/test-report.ts';
import { caseOf, countKinds } from '../../../shared/training-data/evaluation.ts';

const NETWORKS = 20;
const CALIBRATION_BINS = 20;
const { features, label, training, planBy } = EARLY_FAILURE;
const plan = planBy(['dev-1']);

const valuesOf = ({ values }: Case): Float32Array => Float32Array.from(values, (value) => value ?? Number.NaN);
const digestsOf = (names: readonly string[], key: string) => names.map((name) => createHmac('sha256', key).update(name).digest('hex'));
const rowsOf = (cases: readonly Case[], key: string) => ({
  keys: digestsOf(cases.map(({ recordId }) => recordId), key), drawKeys: digestsOf(cases.map(({ recordId }) => recordId), `draws of ${key}`), features, labels: Uint8Array.from(cases, (each) => each.label), columns: features.map((_, i) => Float32Array.from(cases, (each) => valuesOf(each)[i] ?? Number.NaN)),
});

/** What a network of hospitals with keys of their own finds in its test. */
const testedBy = (sites: readonly Cases[], network: number): readonly Verdict[] => {
  const { forest } = federate(training, sites.length, plainSumming(training, sites.map((site, i) => new Cohort(training as unknown as Plan, rowsOf(site.training, `network ${network}, hospital ${i}`)))));
  const scoreOf = (each: Case): number => predict(forest!, valuesOf(each));
  const calibration = countCalibration(CALIBRATION_BINS, sites.flatMap((site) => site.calibration).map((each) => ({ score: scoreOf(each), label: each.label })));
  const rule: DecisionRule = { output: plan.output, inputs: plan.inputs, threshold: plan.threshold!, undecided: { errorRate: plan.undecided.errorRate, calibration } };
  const countsOf = (cases: readonly Case[]) => countKinds(cases.map((each) => caseOf({ label: each.label, says: sayOf(rule, features, [...valuesOf(each)], scoreOf(each)).verdict })));
  const tests = sites.map(({ test }) => test);
  const report = {
    sites: tests.map((cases, i) => ({ nodeId: `site-${i}`, counts: countsOf(cases) })), subgroups: plan.subgroups.map(({ id }) => ({ id, counts: countsOf(tests.flat().filter(({ subgroups }) => subgroups.includes(id))) })),
  };
  return verdictsOf(plan, report as unknown as TestReport);
};

describe(`the early-failure model of the example (label ${label})`, () => {
  let sites: readonly Cases[];
  beforeAll(() => { sites = simulatedCases(3, CASES, () => undefined); });
  // Each installation draws its own keys, and so its own bootstrap: a plan that holds for most of them would leave the others without a model.
  it(`meets the criteria of its plan in each of ${NETWORKS} networks, whatever keys their hospitals draw by`, () => {
    const missed = Array.from({ length: NETWORKS }, (_, network) => testedBy(sites, network).filter(({ passed }) => !passed).map((verdict) => ({ network, ...verdict })));
    expect(missed.flat()).toEqual([]);
  });
});
