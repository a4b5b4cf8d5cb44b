import { describe, expect, it } from 'vitest';
import { requirePlan, monitoringPlan } from '../../../models/federated/plan.ts';
import { EARLY_FAILURE } from '../../../scripts/learning/early-failure.ts';
import { EXAMPLE_TABLE } from '../../../scripts/learning/governance.ts';
import { MONITORING } from '../../../scripts/learning/monitoring-plan.ts';
import { simulatedTrajectories } from '../../../scripts/learning/simulated-cases.ts';
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
    const sites = simulatedTrajectories(3, { world: 'published', seed: 2028, training: 2, calibration: 1, test: 1 }, MONITORING.features, () => undefined);
    const ids = sites.flatMap(({ training, calibration, test }) => [...training, ...calibration, ...test].map(({ recordId }) => recordId));
    expect(sites.map(({ training, test }) => [training.length, test.length])).toEqual([[2, 1], [2, 1], [2, 1]]);
    expect(new Set(ids).size).toBe(12);
    expect(sites.flatMap(({ training }) => training).every(({ values }) => values.length === MONITORING.features.length)).toBe(true);
  });
});
