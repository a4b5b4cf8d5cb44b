import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError } from '../../../shared/errors.ts';
import { manifestHashOf } from '../../../shared/model-registry/data-manifest.ts';
import { assessModelDeviation } from '../../../shared/model-registry/judge.ts';
import { isDeveloper, type Model } from '../../../shared/model-registry/model.ts';
import { approvePlan, draftPlannedRetraining, draftVersion, submitCandidate } from '../../../shared/model-registry/propose.ts';
import { activateVersion, actOnDrift, reinstateVersion, suspendVersion } from '../../../shared/model-registry/put-to-use.ts';
import { sha256Hex } from '../../../shared/record/chain.ts';
import type { Signatory } from '../../../shared/record/signatory.ts';
import { codeOf } from '../../support/error-code.ts';
import { accepted, active, ARTEFACT, by, CALIBRATION_DATA, DEVELOPER, manifest, MODEL_ID, PLAN, planned, QUALITY, SCIENTIST, TestRegistry, TRAINING, TRAINING_DATA } from '../../support/model-fixtures.ts';

const FIRST = { training: TRAINING, manifest: TRAINING_DATA, calibration: CALIBRATION_DATA };
const MORE_DATA = manifest('more', { nodeId: 'north', from: 0, records: 30 }, { nodeId: 'hill', from: 0, records: 30 });
const SECOND = { training: { ...TRAINING, artefactSha256: sha256Hex('second'), trainingManifestSha256: manifestHashOf(MORE_DATA), rows: 60 }, manifest: MORE_DATA, calibration: CALIBRATION_DATA };
const AUTHOR = (id: string): Signatory => by(id, 'authorship', 'process-scientist');
const EXPERT = (id: string): Signatory => by(id, 'approval', 'process-scientist');
const submitted = (model: Model | undefined, version: number, id: string) => submitCandidate(model, MODEL_ID, version, version === 1 ? FIRST : SECOND, AUTHOR(id));

describe('who signs the plan and who trained under it', () => {
  const retraining = () => active().do((model) => draftPlannedRetraining(model, MODEL_ID, 1, 'twice the batches'));
  it('are two, when the candidate is handed in', () => {
    expect(codeOf(() => submitted(planned().model, 1, 'sci-1'))).toBe('signature-same-person');
    expect(submitted(planned().model, 1, 'someone-else')).toHaveLength(1);
  });
  it('are two in a planned retraining, whose criteria were signed with the version it came of', () => {
    const registry = retraining().do((model) => approvePlan(model, MODEL_ID, 2, EXPERT('sci-2')));
    for (const id of ['sci-1', 'sci-2']) expect(codeOf(() => submitted(registry.model, 2, id)), id).toBe('signature-same-person');
    expect(submitted(registry.model, 2, 'dev-2')).toHaveLength(1);
  });
  it('are two when the signature comes after: who handed in a version does not sign its plan for the next', () => {
    const { developerIds: _, ...design } = PLAN.design;
    const undeclared = { ...PLAN, design: { ...design, developerIds: ['nobody-who-signs'] } };
    const registry = planned(undeclared).do((model) => submitted(model, 1, 'dev-9'));
    const held = { ...registry.model!, versions: registry.model!.versions.map((each) => ({ ...each, state: 'active' as const, moves: [...each.moves, { to: 'accepted' as const, at: '2026-03-02T14:05:09.120Z' }] })) };
    const drafted = new TestRegistry();
    drafted.model = held;
    drafted.do((model) => draftPlannedRetraining(model, MODEL_ID, 1, 'more'));
    expect(codeOf(() => approvePlan(drafted.model, MODEL_ID, 2, EXPERT('dev-9')))).toBe('signature-same-person');
    expect(approvePlan(drafted.model, MODEL_ID, 2, EXPERT('sci-2'))).toHaveLength(1);
  });
  it('may change places where another question is asked', () => {
    const registry = active().do((model) => draftVersion(model, MODEL_ID, { ...PLAN, title: 'Another question', design: { ...PLAN.design, developerIds: ['dev-2'] } })).do((model) => approvePlan(model, MODEL_ID, 2, EXPERT('sci-2')));
    expect(submitted(registry.model, 2, 'sci-1')).toHaveLength(1);
  });
  it('were one in a record from before: that version is not put to use', () => {
    const { model } = accepted();
    const before: Model = { ...model!, versions: model!.versions.map((each) => ({ ...each, planSignature: DEVELOPER('approval').signature })) };
    expect(codeOf(() => activateVersion(before, MODEL_ID, 1, ARTEFACT, QUALITY('responsibility')))).toBe('signature-same-person');
  });
  it('are two in every candidate, whoever tries what in whatever order', () => {
    const person = fc.constantFrom('dev-1', 'sci-1', 'sci-2', 'x');
    const step = fc.tuple(fc.constantFrom('sign', 'submit', 'redraft', 'retrain'), person, fc.integer({ min: 1, max: 3 }));
    // In the end all try, so that a second candidate comes of every order.
    const order = fc.shuffledSubarray(['dev-1', 'sci-1', 'sci-2', 'x'], { minLength: 4 });
    const all = (what: 'sign' | 'submit', ids: readonly string[]) => ids.map((id) => [what, id, 2] as const);
    fc.assert(fc.property(fc.array(step, { maxLength: 20 }), order, order, (steps, signing, submitting) => {
      const registry = active();
      for (const [what, id, version] of [...steps, ['retrain', 'x', 2] as const, ...all('sign', signing), ...all('submit', submitting)]) {
        try {
          if (what === 'sign') registry.do((model) => approvePlan(model, MODEL_ID, version, EXPERT(id)));
          else if (what === 'submit') registry.do((model) => submitted(model, version, id));
          else if (what === 'redraft') registry.do((model) => draftVersion(model, MODEL_ID, { ...PLAN, title: `Draft ${version}` }));
          else registry.do((model) => draftPlannedRetraining(model, MODEL_ID, 1, 'more'));
        } catch (error) { expect(error).toBeInstanceOf(DomainError); }
      }
      // In force: a draft takes back what was signed of the draft before.
      const signed = new Map<number, Readonly<{ planHash: string; id: string }>>();
      for (const event of registry.events) {
        if (event.type === 'model-version-drafted') signed.delete(event.version);
        if (event.type === 'model-plan-approved') signed.set(event.version, { planHash: event.planHash, id: event.signature.signerId });
      }
      const handedIn = registry.model!.versions.filter(({ authorId }) => authorId !== undefined);
      expect(handedIn.length).toBeGreaterThan(1);
      for (const found of handedIn) expect([...signed.values()].filter(({ planHash, id }) => planHash === found.planHash && isDeveloper(found, id))).toEqual([]);
    }), { numRuns: 200 });
  });
});

describe('who assessed and who brings back', () => {
  const FINE = { acceptable: true, impact: 'none', rootCause: 'a probe' };
  const REVIEWER = (id: string, meaning: 'review' | 'responsibility'): Signatory => by(id, meaning, 'quality-reviewer');
  const finding = (decision: 'alarm' | 'suspend', rule: string) => ({ decision, rule, detail: 'ph-minimum moved', evidenceSha256: sha256Hex('counts') });
  const assess = (registry: TestRegistry, index: number, id: string) => registry.do((model) => assessModelDeviation(model!, model!.deviations[index]?.deviationId ?? '', FINE, REVIEWER(id, 'review')));
  const back = (registry: TestRegistry, id: string) => registry.do((model) => reinstateVersion(model, MODEL_ID, 1, 'fine again', REVIEWER(id, 'responsibility')));
  /** Suspended by a rule on a deviation that was open before, with another raised and assessed in between. */
  const onOldDeviation = (): TestRegistry => {
    const registry = active().do((model) => actOnDrift(model, MODEL_ID, 1, finding('alarm', 'input-drift'))).do((model) => actOnDrift(model, MODEL_ID, 1, finding('alarm', 'performance')));
    return assess(registry, 1, 'qa-2').do((model) => actOnDrift(model, MODEL_ID, 1, finding('suspend', 'input-drift')));
  };
  it('are two where a rule suspended on a deviation that was open before', () => {
    const registry = assess(onOldDeviation(), 0, 'qa-3');
    expect(registry.model?.deviations).toHaveLength(2);
    expect(codeOf(() => back(registry, 'qa-3'))).toBe('signature-same-person');
    expect(back(registry, 'qa-2').model?.versions[0]?.state).toBe('active');
  });
  it('are two also of deviations that are not the last, for any of them may be what it hangs on', () => {
    const registry = active().do((model) => actOnDrift(model, MODEL_ID, 1, finding('alarm', 'input-drift'))).do((model) => suspendVersion(model, MODEL_ID, 1, 'odd alarms', SCIENTIST('responsibility')));
    assess(assess(registry, 0, 'qa-3'), 1, 'qa-2');
    for (const id of ['qa-2', 'qa-3']) expect(codeOf(() => back(registry, id)), id).toBe('signature-same-person');
    expect(back(registry, 'qa-4').model?.versions[0]?.state).toBe('active');
  });
  it('begin anew with the next suspension', () => {
    const registry = back(assess(onOldDeviation(), 0, 'qa-3'), 'qa-2').do((model) => suspendVersion(model, MODEL_ID, 1, 'odd again', SCIENTIST('responsibility')));
    assess(registry, 2, 'qa-2');
    expect(codeOf(() => back(registry, 'qa-2'))).toBe('signature-same-person');
    expect(back(registry, 'qa-3').model?.versions[0]?.state).toBe('active');
  });
  it('are never one alone, whatever was found, told and assessed in whatever order', () => {
    const person = fc.constantFrom('qa-2', 'qa-3', 'qa-4');
    const step = fc.tuple(fc.constantFrom('alarm', 'suspend', 'stop', 'assess', 'assess', 'back'), person, fc.constantFrom('input-drift', 'performance'), fc.integer({ min: 0, max: 4 }));
    // In the end it is stopped and all that is open assessed, and all try to bring it back: somebody who assessed nothing can, whatever was before.
    const order = fc.shuffledSubarray(['qa-2', 'qa-3', 'qa-4', 'who assessed nothing'], { minLength: 4 });
    const last = (what: 'stop' | 'assess' | 'back', id: string) => [what, id, 'input-drift', 0] as const;
    fc.assert(fc.property(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), person, order, (steps, assessor, trying) => {
      const registry = active();
      for (const [what, id, rule, index] of [...steps, last('stop', 'sci-1'), ...steps.map(() => last('assess', assessor)), last('assess', assessor), ...trying.map((id) => last('back', id))]) {
        try {
          if (what === 'alarm' || what === 'suspend') registry.do((model) => actOnDrift(model, MODEL_ID, 1, finding(what, rule)));
          else if (what === 'stop') registry.do((model) => suspendVersion(model, MODEL_ID, 1, 'odd', by(id, 'responsibility', 'process-scientist')));
          else if (what === 'assess') registry.do((model) => assessModelDeviation(model!, model!.deviations.filter((each) => each.assessment === undefined)[index]?.deviationId ?? '', FINE, REVIEWER(id, 'review')));
          else back(registry, id);
        } catch (error) { expect(error).toBeInstanceOf(DomainError); }
      }
      expect(registry.model!.versions[0]!.state).toBe('active');
      for (const [i, event] of registry.events.entries()) {
        if (event.type !== 'model-reinstated') continue;
        const inUseAt = registry.events.slice(0, i).findLastIndex(({ type }) => type === 'model-activated' || type === 'model-reinstated');
        const since = registry.events.slice(registry.events.findIndex(({ type }, at) => at > inUseAt && type === 'model-suspended'), i);
        const assessors = since.flatMap((each) => (each.type === 'model-deviation-assessed' ? [each.signature.signerId] : []));
        expect(assessors.length).toBeGreaterThan(0);
        expect(assessors).not.toContain(event.signature.signerId);
      }
    }), { numRuns: 200 });
  });
});
