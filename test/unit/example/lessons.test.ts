import { beforeAll, describe, expect, it } from 'vitest';
import { ALARM_RULE, alarmScoreOf } from '../../../models/monitoring/excursions.ts';
import { judgeOf, stageHours } from '../../../models/monitoring/judge.ts';
import { countMoments } from '../../../models/monitoring/moments.ts';
import { planeFrom } from '../../../models/monitoring/pca.ts';
import { trajectoryValue, trajectoryVariables, windowOf } from '../../../models/monitoring/trajectory.ts';
import { exampleCulture } from '../../../scripts/example/example-culture.ts';
import { requirePlan, monitoringPlan } from '../../../models/federated/plan.ts';
import { EARLY_FAILURE } from '../../../scripts/learning/early-failure.ts';
import { EXAMPLE_TABLE } from '../../../scripts/learning/governance.ts';
import { CULTURES } from '../../../scripts/learning/learn-first.ts';
import type { Case, Cases } from '../../../scripts/learning/lesson.ts';
import { MONITORING } from '../../../scripts/learning/monitoring-plan.ts';
import { simulatedTrajectories } from '../../../scripts/learning/simulated-cases.ts';
import { verdictsOf, type TestReport } from '../../../shared/model-registry/test-report.ts';
import { caseOf, countKinds } from '../../../shared/training-data/evaluation.ts';
import { parseModelPlan } from '../../../shared/model-registry/schema.ts';
import { parseGovernanceTable } from '../../../shared/prediction-governance/table-schema.ts';

describe('what the example network learns', () => {
  it.each([EARLY_FAILURE, MONITORING])('has a plan the registry takes, of the columns that are trained on: $modelId', ({ planBy, features }) => {
    expect(parseModelPlan(planBy(['dev-1'])).inputs.map(({ name }) => name)).toEqual(features);
  });
  it('has a training plan that hospitals answer, under a label of its own: rows of one lesson are none of the other', () => {
    expect(() => { requirePlan(monitoringPlan(MONITORING.training as unknown as Parameters<typeof monitoringPlan>[0])); }).not.toThrow();
    expect(MONITORING.label).not.toBe(EARLY_FAILURE.label);
  });
  it('has a row in the table for each model, and lets nothing follow from an alarm', () => {
    expect(parseGovernanceTable(EXAMPLE_TABLE).rows.map(({ output, handling }) => [output, handling.kind])).toEqual([['early-failure', 'needs-signature'], ['process-monitoring-alarm', 'awareness']]);
  });
  it('comes from other batches at each hospital, none in two of training, calibration and test', () => {
    const sites = simulatedTrajectories(3, { world: 'published', seed: 2028, training: 2, calibration: 1, test: 1, faulty: 3 }, MONITORING.features, () => undefined);
    const ids = sites.flatMap(({ training, calibration, test }) => [...training, ...calibration, ...test].map(({ recordId }) => recordId));
    expect(sites.map(({ training, test }) => [training.length, test.length])).toEqual([[2, 4], [2, 4], [2, 4]]);
    expect(new Set(ids).size).toBe(21);
    for (const { test } of sites) expect(test.slice(1).map(({ label, subgroups }) => [label, subgroups.includes('process-fault')])).toEqual([[1, true], [1, true], [1, true]]);
    expect(sites.flatMap(({ training }) => training).every(({ values }) => values.length === MONITORING.features.length)).toBe(true);
  });
});

describe('the monitoring model of the example', () => {
  const variables = trajectoryVariables(192, 12);
  const names = variables.map(({ name }) => name);
  let sites: readonly Cases[];
  let judge: ReturnType<typeof judgeOf>['judge'];
  const valuesOf = ({ values }: Case): readonly number[] => values.map((value) => value ?? Number.NaN);
  const pointsOf = (values: readonly number[]) => stageHours({ variables }).map((hour) => judge(values, hour));
  const threshold = MONITORING.planBy(['dev-1']).threshold ?? Number.NaN;
  const says = (each: Case) => (alarmScoreOf(ALARM_RULE, pointsOf(valuesOf(each))) >= threshold ? 'positive' as const : 'negative' as const);
  beforeAll(() => {
    sites = simulatedTrajectories(3, CULTURES, names, () => undefined);
    const sound = sites.flatMap(({ training }) => training).filter(({ label }) => label === 0).map(valuesOf);
    ({ judge } = judgeOf(planeFrom(variables, countMoments(variables, sound), Number(MONITORING.training['components']))));
  });
  it('meets the criteria of its plan on held-out cultures: it spares those that go well and sees faults of the process, by the ends of the exact intervals', () => {
    const plan = MONITORING.planBy(['dev-1']);
    const countsOf = (cases: readonly Case[]) => countKinds(cases.map((each) => caseOf({ label: each.label, says: says(each) })));
    const tests = sites.map(({ test }) => test);
    const report = {
      sites: tests.map((cases, i) => ({ nodeId: `site-${i}`, counts: countsOf(cases) })), subgroups: plan.subgroups.map(({ id }) => ({ id, counts: countsOf(tests.flat().filter(({ subgroups }) => subgroups.includes(id))) })),
    };
    const verdicts = verdictsOf(plan, report as unknown as TestReport);
    expect(verdicts.filter(({ passed }) => !passed)).toEqual([]);
    expect(verdicts.find(({ criterionId }) => criterionId === 'sees-faults')?.got).toBeGreaterThanOrEqual(0.85);
  });
  it('finds nothing in the first three days of the example batch', () => {
    const culture = exampleCulture(1, 192);
    const values = names.map((name) => {
      const window = windowOf(name)!;
      const times = Array.from({ length: 12 * 12 }, (_, i) => (window.fromHour * 3600 + i * 300) * 1000);
      return trajectoryValue({ times, values: times.map((ms) => culture.reading(window.metric, ms / 1000)) }, 0, window);
    });
    expect(values.every(Number.isFinite)).toBe(true);
    expect(pointsOf(values).filter(({ hour, confidence }) => hour <= 72 && confidence >= threshold)).toEqual([]);
  });
});
