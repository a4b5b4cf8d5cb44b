import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manifestHashOf } from '../../../shared/model-registry/data-manifest.ts';
import type { ModelEvent } from '../../../shared/model-registry/events.ts';
import { acceptVersion, assessModelDeviation, recordTest } from '../../../shared/model-registry/judge.ts';
import { mayRun, recordsOf, requireMayRun, type ModelRecord } from '../../../shared/model-registry/may-run.ts';
import { evolveModel, fixedPlanTime, type Model, type ModelDeviation, type ModelState } from '../../../shared/model-registry/model.ts';
import { approvePlan, draftPlannedRetraining, draftVersion, submitCandidate } from '../../../shared/model-registry/propose.ts';
import { activateVersion, actOnDrift, reinstateVersion, retireVersion, suspendVersion } from '../../../shared/model-registry/put-to-use.ts';
import { sha256Hex } from '../../../shared/record/chain.ts';
import { codeOf } from '../../support/error-code.ts';
import { accepted, active, ARTEFACT, by, CALIBRATION_DATA, candidate, DEVELOPER, evidence, manifest, MODEL_ID, opened, PLAN, planned, QUALITY, REPORT, SCIENTIST, TEST_DATA, tested, TestRegistry, TRAINING, TRAINING_DATA } from '../../support/model-fixtures.ts';

const stateOf = ({ model }: TestRegistry, version = 1): ModelState | undefined => model?.versions.find((each) => each.version === version)?.state;
const USE = { productId: 'test-product', output: 'early-failure' } as const;
const finding = (decision: 'none' | 'alarm' | 'suspend') => ({ decision, rule: 'input-drift', detail: 'ph-minimum moved', evidenceSha256: sha256Hex('counts') });
const SECOND_QUALITY = (meaning: 'responsibility') => by('qa-2', meaning, 'quality-reviewer');
const assess = (registry: TestRegistry, acceptable = true) => registry.do((model) => assessModelDeviation(model!, model!.deviations.at(-1)!.deviationId, { acceptable, impact: 'small', rootCause: 'a probe' }, QUALITY('review')));
/** Hand a second version in, retrained on more records. */
const MORE_DATA = manifest('more', { nodeId: 'north', from: 0, records: 30 }, { nodeId: 'hill', from: 0, records: 30 });
const MORE = { training: { ...TRAINING, artefactSha256: sha256Hex('second'), trainingManifestSha256: manifestHashOf(MORE_DATA), rows: 60 }, manifest: MORE_DATA, calibration: CALIBRATION_DATA };

describe('the life of a model', () => {
  it('goes from draft over candidate and accepted to active, with a signature for each', () => {
    const registry = active();
    expect(registry.model?.versions[0]?.moves.map(({ to, signature }) => [to, signature?.signerId])).toEqual([['drafted', undefined], ['candidate', 'dev-1'], ['accepted', 'sci-1'], ['active', 'qa-1']]);
  });
  it('is suspended and reinstated once the deviation is assessed, and retired for good', () => {
    const registry = active().do((model) => suspendVersion(model, MODEL_ID, 1, 'odd alarms', SCIENTIST('responsibility')));
    expect(stateOf(registry)).toBe('suspended');
    expect(codeOf(() => reinstateVersion(registry.model, MODEL_ID, 1, 'fine again', QUALITY('responsibility')))).toBe('deviation-state-wrong');
    assess(registry);
    expect(codeOf(() => reinstateVersion(registry.model, MODEL_ID, 1, 'fine again', QUALITY('responsibility')))).toBe('signature-same-person');
    registry.do((model) => reinstateVersion(model, MODEL_ID, 1, 'fine again', SECOND_QUALITY('responsibility')));
    expect(stateOf(registry)).toBe('active');
    registry.do((model) => retireVersion(model, MODEL_ID, 1, 'no longer made', QUALITY('responsibility')));
    expect(stateOf(registry)).toBe('retired');
    expect(codeOf(() => retireVersion(registry.model, MODEL_ID, 1, 'again', QUALITY('responsibility')))).toBe('model-state-wrong');
  });
  it('stays suspended when a deviation is found not acceptable', () => {
    const registry = assess(active().do((model) => suspendVersion(model, MODEL_ID, 1, 'odd alarms', SCIENTIST('responsibility'))), false);
    expect(codeOf(() => reinstateVersion(registry.model, MODEL_ID, 1, 'all the same', QUALITY('responsibility')))).toBe('deviation-state-wrong');
  });
  it('retires the version before when the next is activated, in one event', () => {
    const registry = retrainedUntil('accepted').do((model) => activateVersion(model, MODEL_ID, 2, MORE.training.artefactSha256, QUALITY('responsibility')));
    expect([stateOf(registry, 1), stateOf(registry, 2)]).toEqual(['retired', 'active']);
    expect(registry.events.at(-1)).toMatchObject({ type: 'model-activated', version: 2, supersededVersion: 1 });
  });
  it('does not begin with anything but a draft', () => {
    const event: ModelEvent = { type: 'model-retired', version: 1, reason: 'x', signature: QUALITY('responsibility').signature };
    expect(codeOf(() => evolveModel(undefined, { event, version: 1, recordedAt: '2026-03-02T14:05:09.120Z', stream: { id: 'x' } }))).toBe('record-corrupt');
  });
  it('lets a draft be changed, and its signature is void then', () => {
    const registry = planned().do((model) => draftVersion(model, MODEL_ID, { ...PLAN, title: 'Another' }));
    expect(codeOf(() => submitCandidate(registry.model, MODEL_ID, 1, { training: TRAINING, manifest: TRAINING_DATA, calibration: CALIBRATION_DATA }, DEVELOPER('authorship')))).toBe('model-plan-after-test');
  });
});

const OPEN: ModelDeviation = { deviationId: 'v1-found-later', version: 1, rule: 'by-hand', criterionIds: [], detail: 'a label was wrong' };

describe('who may sign', () => {
  it.each<readonly [string, () => unknown, string]>([
    ['a plan by who trains', () => approvePlan(new TestRegistry().do((model) => draftVersion(model, MODEL_ID, PLAN)).model, MODEL_ID, 1, DEVELOPER('approval')), 'signature-same-person'],
    ['a plan by another role', () => approvePlan(new TestRegistry().do((model) => draftVersion(model, MODEL_ID, PLAN)).model, MODEL_ID, 1, QUALITY('approval')), 'role-missing'],
    ['a plan with another meaning', () => approvePlan(new TestRegistry().do((model) => draftVersion(model, MODEL_ID, PLAN)).model, MODEL_ID, 1, SCIENTIST('review')), 'signature-meaning-wrong'],
    ['a test by who trains', () => { const { model, data } = opened(); return recordTest(model, MODEL_ID, 1, { report: REPORT, testData: data }, DEVELOPER('performed')); }, 'model-test-not-independent'],
    ['acceptance by who trains', () => { const { model, data } = tested(); return acceptVersion(model, MODEL_ID, 1, evidence(data), DEVELOPER('approval')); }, 'signature-same-person'],
    ['acceptance by quality alone', () => { const { model, data } = tested(); return acceptVersion(model, MODEL_ID, 1, evidence(data), QUALITY('approval')); }, 'role-missing'],
    ['activation by who accepted', () => activateVersion(accepted().model, MODEL_ID, 1, ARTEFACT, by('sci-1', 'responsibility', 'process-scientist', 'quality-reviewer')), 'signature-same-person'],
    ['activation by who trains', () => activateVersion(accepted().model, MODEL_ID, 1, ARTEFACT, by('dev-1', 'responsibility', 'quality-reviewer')), 'signature-same-person'],
    ['reinstatement by who accepted', () => reinstateVersion(assess(active().do((model) => actOnDrift(model, MODEL_ID, 1, finding('suspend')))).model, MODEL_ID, 1, 'x', by('sci-1', 'responsibility', 'quality-reviewer')), 'signature-same-person'],
    ['activation of another artefact', () => activateVersion(accepted().model, MODEL_ID, 1, sha256Hex('tampered'), QUALITY('responsibility')), 'model-hash-mismatch'],
    ['activation over an open deviation', () => activateVersion({ ...accepted().model!, deviations: [OPEN] }, MODEL_ID, 1, ARTEFACT, QUALITY('responsibility')), 'deviation-state-wrong'],
    ['activation without the role', () => activateVersion(accepted().model, MODEL_ID, 1, ARTEFACT, by('sci-2', 'responsibility', 'process-scientist')), 'role-missing'],
    ['a deviation by who trains', () => { const { model } = active().do((before) => actOnDrift(before, MODEL_ID, 1, finding('alarm'))); return assessModelDeviation(model!, model!.deviations[0]!.deviationId, { acceptable: true, impact: 'x', rootCause: 'y' }, by('dev-1', 'review', 'quality-reviewer')); }, 'signature-same-person'],
    ['suspension by an operator', () => suspendVersion(active().model, MODEL_ID, 1, 'x', by('op-1', 'responsibility', 'operator')), 'role-missing'],
  ])('refuses %s', (_, run, code) => { expect(codeOf(run)).toBe(code); });
});

describe('a state that does not fit', () => {
  const commands: Readonly<Record<string, (model: Model | undefined) => unknown>> = {
    approve: (model) => approvePlan(model, MODEL_ID, 1, SCIENTIST('approval')), submit: (model) => submitCandidate(model, MODEL_ID, 1, { training: TRAINING, manifest: TRAINING_DATA, calibration: CALIBRATION_DATA }, DEVELOPER('authorship')),
    accept: (model) => acceptVersion(model, MODEL_ID, 1, evidence(undefined), SCIENTIST('approval')), activate: (model) => activateVersion(model, MODEL_ID, 1, ARTEFACT, QUALITY('responsibility')),
    suspend: (model) => suspendVersion(model, MODEL_ID, 1, 'x', QUALITY('responsibility')), reinstate: (model) => reinstateVersion(model, MODEL_ID, 1, 'x', QUALITY('responsibility')),
  };
  const fits: Readonly<Record<string, readonly ModelState[]>> = { approve: ['drafted'], submit: ['drafted'], accept: ['candidate'], activate: ['accepted'], suspend: ['active', 'suspended'], reinstate: ['suspended'] };
  const made: readonly TestRegistry[] = [planned(), candidate(), accepted(), active(), active().do((model) => actOnDrift(model, MODEL_ID, 1, finding('suspend'))), active().do((model) => retireVersion(model, MODEL_ID, 1, 'x', QUALITY('responsibility')))];
  it.each(Object.keys(commands))('refuses to %s', (name) => {
    for (const registry of made) if (!fits[name]!.includes(stateOf(registry)!)) expect(codeOf(() => commands[name]!(registry.model)), stateOf(registry)).toBe('model-state-wrong');
    expect(codeOf(() => commands[name]!(undefined))).toBe('model-not-found');
  });
  it('refuses a draft while a candidate waits', () => { expect(codeOf(() => draftVersion(candidate().model, MODEL_ID, PLAN))).toBe('model-state-wrong'); });
  it('refuses a draft for another product', () => { expect(codeOf(() => draftVersion(active().model, MODEL_ID, { ...PLAN, productId: 'other' }))).toBe('model-file-malformed'); });
});

const retrainedUntil = (state: 'drafted' | 'accepted'): TestRegistry => {
  const registry = active().do((model) => draftPlannedRetraining(model, MODEL_ID, 1, 'twice the batches')).do((model) => approvePlan(model, MODEL_ID, 2, SCIENTIST('approval')));
  if (state === 'drafted') return registry;
  registry.do((model) => submitCandidate(model, MODEL_ID, 2, MORE, DEVELOPER('authorship')));
  registry.onData((data) => [{ type: 'test-data-accessed', by: 'qa-1', modelId: MODEL_ID, version: 2, purpose: data!.title }]);
  return registry.do((model, testData) => recordTest(model, MODEL_ID, 2, { report: { ...REPORT, artefactSha256: MORE.training.artefactSha256 }, testData }, QUALITY('performed')))
    .do((model, data) => acceptVersion(model, MODEL_ID, 2, evidence(data, { artefactSha256: MORE.training.artefactSha256, manifests: { training: MORE_DATA, test: TEST_DATA, calibration: CALIBRATION_DATA } }), SCIENTIST('approval')));
};

describe('a planned retraining', () => {
  it('keeps the plan, so test data opened before may test it again', () => { expect(stateOf(retrainedUntil('accepted'), 2)).toBe('accepted'); });
  it('of a plan that is drafted anew may not: its criteria are younger than the first look', () => {
    const registry = active().do((model) => draftVersion(model, MODEL_ID, PLAN)).do((model) => approvePlan(model, MODEL_ID, 2, SCIENTIST('approval'))).do((model) => submitCandidate(model, MODEL_ID, 2, MORE, DEVELOPER('authorship')));
    registry.onData(() => [{ type: 'test-data-accessed', by: 'qa-1', modelId: MODEL_ID, version: 2, purpose: 'test' }]).do((model, testData) => recordTest(model, MODEL_ID, 2, { report: { ...REPORT, artefactSha256: MORE.training.artefactSha256 }, testData }, QUALITY('performed')));
    expect(codeOf(() => acceptVersion(registry.model, MODEL_ID, 2, evidence(registry.data, { artefactSha256: MORE.training.artefactSha256, manifests: { training: MORE_DATA, test: TEST_DATA, calibration: CALIBRATION_DATA } }), SCIENTIST('approval')))).toBe('model-plan-after-test');
  });
  it('that carries another plan than the one it names has the time of its own signature', () => {
    const { model } = retrainedUntil('drafted');
    const [first, second] = model!.versions;
    expect(fixedPlanTime(model!, second!)).toBe(first!.planApprovedAt);
    expect(fixedPlanTime(model!, { ...second!, planHash: sha256Hex('other') })).toBe(second!.planApprovedAt);
  });
  it.each<readonly [string, Partial<typeof TRAINING>]>([
    ['another input', { inputs: ['ph-minimum', 'glucose'] }], ['inputs in another order', { inputs: ['lactate-maximum', 'ph-minimum'] }], ['another algorithm', { algorithm: 'neural-network' }],
    ['other rows than its manifest', { rows: 61 }], ['hospitals its manifest does not know', { nodeIds: ['north', 'lake'] }],
  ])('is refused with %s', (_, own) => {
    const { model } = retrainedUntil('drafted');
    expect(codeOf(() => submitCandidate(model, MODEL_ID, 2, { ...MORE, training: { ...MORE.training, ...own } }, DEVELOPER('authorship')))).toBe('model-change-outside-plan');
  });
  it.each([['too few rows', manifest('few', { nodeId: 'north', from: 0, records: 2 }, { nodeId: 'hill', from: 0, records: 2 })], ['too few hospitals', manifest('one', { nodeId: 'north', from: 0, records: 30 })]])('is refused with %s', (_, data) => {
    const training = { ...TRAINING, trainingManifestSha256: manifestHashOf(data), rows: data.sites.reduce((sum, { recordDigests }) => sum + recordDigests.length, 0), nodeIds: data.sites.map(({ nodeId }) => nodeId) };
    expect(codeOf(() => submitCandidate(retrainedUntil('drafted').model, MODEL_ID, 2, { training, manifest: data }, DEVELOPER('authorship')))).toBe('model-change-outside-plan');
  });
  it.each<readonly [string, () => Model | undefined, number, string]>([
    ['of a version that was never accepted', () => candidate().do((model) => retireVersion(model, MODEL_ID, 1, 'refused', QUALITY('responsibility'))).model, 1, 'model-change-outside-plan'],
    ['of a retraining', () => retrainedUntil('accepted').do((model) => activateVersion(model, MODEL_ID, 2, MORE.training.artefactSha256, QUALITY('responsibility'))).model, 2, 'model-change-outside-plan'],
    ['more often than planned', () => retrainedUntil('accepted').do((model) => activateVersion(model, MODEL_ID, 2, MORE.training.artefactSha256, QUALITY('responsibility'))).model, 1, 'model-change-outside-plan'],
    ['of a version that is not there', () => active().model, 7, 'model-not-found'], ['of no model', () => undefined, 1, 'model-not-found'],
  ])('is refused %s', (_, model, ofVersion, code) => { expect(codeOf(() => draftPlannedRetraining(model(), MODEL_ID, ofVersion, 'more'))).toBe(code); });
  it('is refused where none was planned', () => {
    const { prePlannedChange: _, ...plan } = PLAN;
    const registry = active();
    const model: Model = { ...registry.model!, versions: registry.model!.versions.map((each) => ({ ...each, plan })) };
    expect(codeOf(() => draftPlannedRetraining(model, MODEL_ID, 1, 'more'))).toBe('model-change-outside-plan');
  });
});

describe('drift', () => {
  const of = (...decisions: readonly ('none' | 'alarm' | 'suspend')[]) => decisions.reduce((registry, decision) => registry.do((model) => actOnDrift(model, MODEL_ID, 1, finding(decision))), active());
  it('does nothing, opens one deviation, or suspends without waiting for a person', () => {
    expect(of('none').model?.deviations).toEqual([]);
    expect([stateOf(of('alarm', 'alarm')), of('alarm', 'alarm').model?.deviations.length]).toEqual(['active', 1]);
    expect([stateOf(of('alarm', 'suspend')), of('alarm', 'suspend').model?.deviations.length]).toEqual(['suspended', 1]);
    expect([stateOf(of('suspend', 'suspend')), of('suspend', 'suspend').model?.deviations.length]).toEqual(['suspended', 1]);
  });
  it('alarms again after the deviation before was settled', () => { expect(assess(of('alarm')).do((model) => actOnDrift(model, MODEL_ID, 1, finding('alarm'))).model?.deviations).toHaveLength(2); });
});

describe('what a node may run', () => {
  const record: ModelRecord = { modelId: MODEL_ID, version: 1, ...USE, artefactSha256: ARTEFACT, state: 'active', inputs: PLAN.inputs.map(({ title: _, ...bounds }) => bounds), threshold: 0.5, undecided: { errorRate: 0.1, calibration: TRAINING.calibration } };
  it('is the hash its records name as active, and no other', () => {
    const records = recordsOf(active().model!);
    expect(mayRun(ARTEFACT, records, USE)).toEqual({ allowed: true, record });
    expect(codeOf(() => requireMayRun(sha256Hex('tampered'), records, USE))).toBe('model-not-active');
    expect(codeOf(() => requireMayRun(ARTEFACT, records, { ...USE, productId: 'other' }))).toBe('model-not-active');
    expect(codeOf(() => requireMayRun(ARTEFACT, records, { ...USE, output: 'harvest-advice' }))).toBe('model-not-active');
  });
  it('is nothing of a model that is accepted, suspended or retired', () => {
    const others = [accepted(), active().do((model) => actOnDrift(model, MODEL_ID, 1, finding('suspend'))), active().do((model) => retireVersion(model, MODEL_ID, 1, 'x', QUALITY('responsibility')))];
    expect(others.map(({ model }) => mayRun(ARTEFACT, recordsOf(model!), USE).allowed)).toEqual([false, false, false]);
  });
  it('are records of what was put to use, not of what was refused before', () => { expect(recordsOf(candidate().do((model) => retireVersion(model, MODEL_ID, 1, 'refused', QUALITY('responsibility'))).model!)).toEqual([]); });
  it('is nothing when two models are active for one output', () => { expect(mayRun(ARTEFACT, [record, { ...record, modelId: 'other' }], USE).allowed).toBe(false); });
  it('is never anything but the one active hash, whatever the records', () => {
    const hash = fc.constantFrom('a', 'b', 'c');
    const some = fc.record({ modelId: fc.constantFrom('m', 'n'), version: fc.integer({ min: 1, max: 3 }), productId: fc.constantFrom('p', 'q'), output: fc.constantFrom('early-failure' as const, 'harvest-advice' as const), artefactSha256: hash, state: fc.constantFrom('active' as const, 'suspended' as const, 'retired' as const), inputs: fc.constant([]), undecided: fc.constant({ errorRate: 0.1 }) });
    fc.assert(fc.property(fc.array(some, { maxLength: 6 }), hash, (records, asked) => {
      const fits = records.filter(({ productId, output, state }) => productId === 'p' && output === 'early-failure' && state === 'active');
      expect(mayRun(asked, records, { productId: 'p', output: 'early-failure' }).allowed).toBe(fits.length === 1 && fits[0]!.artefactSha256 === asked);
    }));
  });
});
