import { describe, expect, it } from 'vitest';
import { outsideInputSpace } from '../../../shared/model-registry/input-space.ts';
import { modelRisk, type ModelPlan } from '../../../shared/model-registry/model-plan.ts';
import { evolveModel } from '../../../shared/model-registry/model.ts';
import { approvePlan } from '../../../shared/model-registry/propose.ts';
import { entryOf } from '../../../shared/audit-log/receipt.ts';
import { parseModelPlan, planHashOf } from '../../../shared/model-registry/schema.ts';
import { codeOf } from '../../support/error-code.ts';
import { MODEL_ID, PLAN, SCIENTIST } from '../../support/model-fixtures.ts';

const manyInputs = (count: number) => Array.from({ length: count }, (_, i) => ({ ...PLAN.inputs[0]!, name: `feature-${i}`, title: 't' }));

describe('a plan', () => {
  const { test } = PLAN;
  it('that is whole is taken as it is', () => { expect(parseModelPlan(structuredClone(PLAN))).toEqual(PLAN); });
  it.each<readonly [string, Partial<Record<keyof ModelPlan, unknown>>, string]>([
    ['without a threshold', { threshold: undefined }, 'threshold'],
    ['that learns in use', { design: { ...PLAN.design, static: false } }, 'design.static'],
    ['that answers by chance', { design: { ...PLAN.design, deterministic: false } }, 'design.deterministic'],
    ['without a risk of the register', { risk: { ...PLAN.risk, riskId: '' } }, 'risk.riskId'],
    ['without a subgroup', { subgroups: [] }, 'subgroups'],
    ['of inputs turned round', { inputs: [{ ...PLAN.inputs[0], low: 8 }] }, 'inputs.0.high'],
    ['of a thousand inputs, which no entry of the log holds', { inputs: manyInputs(1000) }, 'inputs'],
    ['with an input twice', { inputs: [PLAN.inputs[0], PLAN.inputs[0]] }, 'inputs'],
    ['with a subgroup that is a word of ours', { subgroups: [{ ...PLAN.subgroups[0], id: 'each-site' }] }, 'subgroups'],
    ['with a criterion on nothing', { test: { ...test, criteria: [...test.criteria, { ...test.criteria[0], id: 'x', stratum: 'nobody' }] } }, 'test.criteria.x.stratum'],
    ['with an interval of F1', { test: { ...test, criteria: [...test.criteria, { id: 'x', metric: 'f1', stratum: 'all', measure: 'lower-limit', minimum: 0.5 }] } }, 'test.criteria.x.measure'],
    ['worse than what it replaces', { test: { ...test, baseline: { description: 'b', values: [{ metric: 'sensitivity', value: 0.61 }] } } }, 'test.criteria'],
    ['with no criterion for the baseline', { test: { ...test, baseline: { description: 'b', values: [{ metric: 'precision', value: 0.1 }] } } }, 'test.criteria'],
    ['that may leave everything undecided', { test: { ...test, criteria: test.criteria.filter(({ id }) => id !== 'decides') } }, 'test.criteria'],
    ['of medium risk judged by estimates alone', { test: { ...test, criteria: test.criteria.map((each) => ({ ...each, measure: 'estimate' })) } }, 'test.criteria'],
    ['of high risk without a criterion on a subgroup', { risk: { ...PLAN.risk, influence: 'high', consequence: 'high' }, test: { ...test, criteria: test.criteria.filter(({ stratum }) => stratum !== 'each-subgroup') } }, 'test.criteria'],
    ['that suspends before it alarms', { monitoring: { ...PLAN.monitoring, stabilitySuspension: 0.1 } }, 'monitoring.stabilitySuspension'],
    ['with a field nobody knows', { secret: 1 } as never, 'plan'],
  ])('%s is refused by name of the field', (_, own, path) => {
    let paths: unknown;
    try { parseModelPlan({ ...PLAN, ...own }); } catch (error) { paths = (error as { facts: { paths: unknown } }).facts.paths; }
    expect(paths).toContain(path);
  });
  it('as large as it may be fits one entry of the log, and so does what hospitals put on record of it', () => {
    const fits = Array.from({ length: 20 }, (_, i) => 50 * (i + 1)).filter((count) => codeOf(() => parseModelPlan({ ...PLAN, inputs: manyInputs(count) })) === undefined).at(-1)!;
    expect(fits).toBeGreaterThanOrEqual(400);
    const plan = parseModelPlan({ ...PLAN, inputs: manyInputs(fits) });
    const actor = { kind: 'person', id: 'p'.repeat(64), printedName: 'N'.repeat(200), sessionId: 's'.repeat(64) } as never;
    const recorded = (event: object) => ({ stream: { kind: 'model', id: 'm'.repeat(64) }, version: 1, recordedAt: '2026-03-02T14:00:00.000Z', previousHash: 'a'.repeat(64), hash: 'a'.repeat(64), actor, event } as never);
    const counts = Array.from({ length: 50 }, () => 1_000_000);
    const record = { modelId: 'm'.repeat(64), version: 1, productId: plan.productId, output: plan.output, artefactSha256: 'a'.repeat(64), state: 'active', inputs: plan.inputs.map(({ title: _, ...bounds }) => bounds), undecided: { errorRate: 0.1, calibration: { positives: counts, negatives: counts } } };
    for (const event of [{ type: 'model-drafted', plan }, { type: 'model-record-taken', record }]) expect(codeOf(() => entryOf(recorded(event)))).toBe(undefined);
  });
  it('has the risk of influence and consequence together', () => {
    expect((['low', 'medium', 'high'] as const).map((influence) => (['low', 'medium', 'high'] as const).map((consequence) => modelRisk({ influence, consequence })))).toEqual([['low', 'low', 'medium'], ['low', 'medium', 'high'], ['medium', 'high', 'high']]);
  });
});

describe('the input space', () => {
  it('flags each input outside it, missing, or not of the model, and takes its ends', () => {
    expect(outsideInputSpace(PLAN, { 'ph-minimum': 6.6, 'lactate-maximum': 40 })).toEqual([]);
    expect(outsideInputSpace(PLAN, { 'ph-minimum': 7.6 })).toEqual([]);
    expect(outsideInputSpace(PLAN, { 'ph-minimum': 6.59, 'lactate-maximum': Number.NaN })).toEqual(['ph-minimum: got 6.59, want 6.6 to 7.6']);
    expect(outsideInputSpace(PLAN, { 'ph-minimum': null, 'lactate-maximum': Number.POSITIVE_INFINITY, glucose: 1 })).toEqual(['ph-minimum: is missing, want a value', 'lactate-maximum: got Infinity mmol/L, want 0 to 40 mmol/L', 'glucose: is no input of the model']);
  });
});

it('a plan signed by hash names the plan that was signed', () => {
  const [event] = approvePlan(evolveModel(undefined, { event: { type: 'model-version-drafted', modelId: MODEL_ID, version: 1, plan: PLAN, planHash: planHashOf(PLAN), basis: { kind: 'new-question' } }, version: 1, recordedAt: '2026-03-02T14:05:09.120Z', stream: { id: MODEL_ID } }), MODEL_ID, 1, SCIENTIST('approval'));
  expect(event).toMatchObject({ planHash: planHashOf(PLAN) });
  expect(planHashOf({ ...PLAN, test: { ...PLAN.test, criteria: PLAN.test.criteria.map((each) => ({ ...each, minimum: each.minimum - 0.01 })) } })).not.toBe(planHashOf(PLAN));
});
