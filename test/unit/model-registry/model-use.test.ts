import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelUseSchema } from '../../../functions/_platform/network-status.ts';
import { judgeOwnAnswers } from '../../../models/drift/own.ts';
import { DomainError } from '../../../shared/errors.ts';
import { distributionsOf } from '../../../shared/model-registry/distributions.ts';
import { mayRun, type ModelRecord } from '../../../shared/model-registry/may-run.ts';
import { assessDrift, closeUseDeviation, judgeOwnDrift, openUseDeviations, resumeUse, stopUse, takeReferences } from '../../../shared/model-registry/model-use.ts';
import { evolveNodeModel, isStopped, recordsInUse, type ModelRecordEvent, type NodeModel } from '../../../shared/model-registry/node-record.ts';
import { driftReferencesOf, type OwnJudgement } from '../../../shared/model-registry/own-drift.ts';
import { MOST_TOLD, useOf } from '../../../shared/model-registry/use-at-hospital.ts';
import { answersOf, INPUTS } from '../../support/drift-play.ts';
import { person } from '../../support/ledger-bench.ts';
import { active, ARTEFACT, MODEL_ID, PLAN, QUALITY, SCIENTIST } from '../../support/model-fixtures.ts';

const RECORD: ModelRecord = { modelId: MODEL_ID, version: 1, productId: 'test-product', output: 'early-failure', artefactSha256: ARTEFACT, state: 'active', inputs: [], undecided: { errorRate: 0.1 } };
const fold = (events: readonly ModelRecordEvent[], after?: NodeModel, by = 'op-1'): NodeModel | undefined => events.reduce<NodeModel | undefined>((model, event) => evolveNodeModel(model, { event, recordedAt: '2026-03-05T00:00:00.000Z', actor: person(by) }), after);
const HELD = fold([{ type: 'model-record-taken', record: RECORD }])!;
const JUDGED: OwnJudgement = { version: 1, runId: 'own-v1-2026-03-05', to: '2026-03-05T00:00:00.000Z', cases: 60, decision: 'alarm', detail: 'ph-minimum', notJudged: [], countsSha256: 'a'.repeat(64) };
const POLICY = { severity: 'major', askedOf: ['quality-reviewer'] } as const;
const judged = (own: Partial<OwnJudgement>, policy: Parameters<typeof judgeOwnDrift>[4] = POLICY, model = HELD) => judgeOwnDrift(model, MODEL_ID, { ...JUDGED, ...own }, 'input-drift', policy).map(({ type }) => type);
const USE = { productId: 'test-product', output: 'early-failure' } as const;

describe('a hospital\'s own judgement', () => {
  it('is told of versions whose test has distributions on record, and only while they may be used', () => {
    expect(driftReferencesOf(active().model!)).toEqual([]);
    const model = active().model!;
    const distributions = distributionsOf(INPUTS, answersOf('test', 90));
    const told = driftReferencesOf({ ...model, versions: model.versions.map((each) => ({ ...each, report: { ...each.report!, distributions } })) });
    expect(told).toEqual([{ modelId: MODEL_ID, version: 1, planHash: model.versions[0]!.planHash, monitoring: PLAN.monitoring, distributions }]);
    expect(takeReferences(HELD, told)).toHaveLength(1);
    expect(takeReferences(HELD, told.map((each) => ({ ...each, version: 9 })))).toEqual([]);
  });
  it.each<readonly [string, Partial<OwnJudgement>, Parameters<typeof judgeOwnDrift>[4], readonly string[]]>([
    ['nothing where there is none', { decision: 'none' }, POLICY, []], ['nothing of too few', { decision: 'no-statement' }, POLICY, []], ['a deviation of an alarm', {}, POLICY, ['model-deviation-raised-here']],
    ['a deviation and a stop of an alarm the table calls critical', {}, { ...POLICY, severity: 'critical' }, ['model-deviation-raised-here', 'model-use-stopped-here']],
    ['a deviation and a stop where the plan\'s rule suspends', { decision: 'suspend' }, POLICY, ['model-deviation-raised-here', 'model-use-stopped-here']],
  ])('leads to %s', (_, own, policy, follows) => { expect(judged(own, policy)).toEqual(['model-drift-judged-here', ...follows]); });
  it('is made once a run, of active versions, and opens no second deviation while one is open', () => {
    const once = fold(judgeOwnDrift(HELD, MODEL_ID, JUDGED, 'input-drift', POLICY), HELD)!;
    expect(judged({}, POLICY, once)).toEqual([]);
    expect(judged({ runId: 'own-v1-2026-03-12' }, POLICY, once)).toEqual(['model-drift-judged-here']);
    expect(judged({}, POLICY, fold([{ type: 'model-record-taken', record: { ...RECORD, state: 'suspended' } }], HELD))).toEqual([]);
  });
  it('that stops has a deviation of its own once the open one was assessed: what was said of other counts lifts it not', () => {
    const alarmed = fold(judgeOwnDrift(HELD, MODEL_ID, JUDGED, 'input-drift', POLICY), HELD)!;
    const later = { runId: 'own-v1-2026-03-12', decision: 'suspend' } as const;
    expect(judged(later, POLICY, alarmed)).toEqual(['model-drift-judged-here', 'model-use-stopped-here']);
    for (const acceptable of [true, false]) {
      const assessed = fold(assessDrift(alarmed, MODEL_ID, JUDGED, { acceptable, impact: 'x', rootCause: 'y' }, SCIENTIST('review')), alarmed)!;
      expect(judged(later, POLICY, assessed)).toEqual(['model-drift-judged-here', 'model-deviation-raised-here', 'model-use-stopped-here']);
      expect(judged({ ...later, decision: 'alarm' }, POLICY, assessed)).toEqual(['model-drift-judged-here']);
    }
  });
  it('is none for a version the hospital does not know', () => {
    expect(() => judged({ version: 2 })).toThrow(expect.objectContaining({ code: 'model-not-found' }));
  });
  it('never says anything of fewer batches than the plan wants, whatever they are', () => {
    const reference = distributionsOf(INPUTS, answersOf('test', 90));
    fc.assert(fc.property(fc.integer({ min: 0, max: PLAN.monitoring.minimumCases - 1 }), fc.integer({ min: 0, max: 5 }), (count, shift) => judgeOwnAnswers(PLAN.monitoring, reference, answersOf('here', count, shift)).decision === 'no-statement'));
    expect(judgeOwnAnswers(PLAN.monitoring, reference, answersOf('here', 90)).decision).toBe('none');
  });
});

const stopped = (model: NodeModel, reason = 'nonsense', id = 'op-1') => stopUse(model, { modelId: MODEL_ID, version: 1, reason }, { id, roles: ['operator'] }, []);

describe('a model that was stopped here', () => {
  const STEPS = [
    (model: NodeModel) => stopped(model),
    (model: NodeModel, i: number) => judgeOwnDrift(model, MODEL_ID, { ...JUDGED, runId: `own-${model.use?.judgements.length ?? 0}`, decision: i % 2 === 0 ? 'suspend' : 'alarm' }, 'input-drift', POLICY),
    (model: NodeModel, i: number) => assessDrift(model, MODEL_ID, { version: 1, runId: openUseDeviations(model, 1)[0]?.runId ?? '' }, { acceptable: i % 3 !== 0, impact: 'x', rootCause: 'y' }, i % 2 === 0 ? SCIENTIST('review') : QUALITY('review')),
    (model: NodeModel) => closeUseDeviation(model, MODEL_ID, { version: 1, runId: openUseDeviations(model, 1)[0]?.runId ?? '', conclusion: 'z' }, QUALITY('approval')),
    (model: NodeModel) => resumeUse(model, MODEL_ID, 1, 'again', QUALITY('responsibility')),
    (model: NodeModel, i: number) => stopped(model, i % 2 === 0 ? 'nonsense' : 'a leak', 'op-1'),
  ] as const;
  it('answers again only after another than who closed found each deviation acceptable, whatever people try in whatever order', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: STEPS.length - 1 }), fc.integer({ min: 0, max: 5 })), { maxLength: 30 }), (tried) => {
      let model = HELD;
      let isLookedInto = true;
      for (const [step, i] of tried) {
        let events: readonly ModelRecordEvent[] = [];
        try { events = STEPS[step]!(model, i); } catch (error) { expect(error).toBeInstanceOf(DomainError); }
        model = fold(events, model) ?? model;
        if (events.some(({ type }) => type === 'model-use-stopped-here')) {
          expect(mayRun(ARTEFACT, recordsInUse(model), USE).allowed).toBe(false);
          isLookedInto = false;
        }
        if (events.some((event) => event.type === 'model-drift-assessed-here' && event.acceptable)) isLookedInto = true;
        if (!events.some(({ type }) => type === 'model-use-resumed-here')) continue;
        expect([mayRun(ARTEFACT, recordsInUse(model), USE).allowed, isLookedInto]).toEqual([true, true]);
        for (const { assessments, closed } of model.use?.deviations ?? []) expect([assessments.at(-1)?.acceptable, assessments.at(-1)?.signature.signerId !== closed?.signature.signerId]).toEqual([true, true]);
      }
    }), { numRuns: 5000 });
  });
  it('is told to the control site as it stands, in a form that takes nobody\'s words, whatever people did in whatever order', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: STEPS.length - 1 }), fc.integer({ min: 0, max: 5 })), { maxLength: 60 }), (tried) => {
      const model = tried.reduce((held, [step, i]) => { try { return fold(STEPS[step]!(held, i), held) ?? held; } catch { return held; } }, HELD);
      const versions = useOf(model);
      const deviations = model.use?.deviations ?? [];
      expect(versions.length).toBe(deviations.length === 0 && (model.use?.judgements ?? []).length === 0 ? 0 : 1);
      expect(ModelUseSchema.safeParse({ nodeId: 'north', modelId: MODEL_ID, version: 3, at: JUDGED.to, versions }).success).toBe(true);
      for (const told of versions) {
        expect(told.stoppedBy !== undefined).toBe(isStopped(model, 1));
        expect(told.deviations.map(({ finding }) => finding)).toEqual(deviations.slice(-MOST_TOLD).map(({ closed, assessments }) => (closed !== undefined ? 'closed' : [undefined, 'open', 'acceptable', 'not-acceptable'].at(assessments.length === 0 ? 1 : assessments.at(-1)!.acceptable ? 2 : 3))));
      }
      expect(JSON.stringify(versions)).not.toMatch(/nonsense|again|ph-minimum|"(x|y|z)"|qa-1/);
    }), { numRuns: 300 });
  });
  const closed = (model: NodeModel, runId: string): NodeModel => {
    const assessed = fold(assessDrift(model, MODEL_ID, { version: 1, runId }, { acceptable: true, impact: 'x', rootCause: 'y' }, SCIENTIST('review')), model)!;
    return fold(closeUseDeviation(assessed, MODEL_ID, { version: 1, runId, conclusion: 'z' }, QUALITY('approval')), assessed)!;
  };
  const resumed = (model: NodeModel) => resumeUse(model, MODEL_ID, 1, 'again', QUALITY('responsibility'));
  it('by a rule and then by a person speaks again only once both reasons were looked into', () => {
    const byRule = fold(judgeOwnDrift(HELD, MODEL_ID, { ...JUDGED, decision: 'suspend' }, 'input-drift', POLICY), HELD, 'judge-own-drift')!;
    const byBoth = fold(stopped(byRule, 'the wrong patient', 'op-7'), byRule, 'op-7')!;
    expect(byBoth.use?.stops).toMatchObject([{ by: 'rule', actorId: 'judge-own-drift', runId: JUDGED.runId }, { by: 'person', actorId: 'op-7', reason: 'the wrong patient', at: '2026-03-05T00:00:00.000Z' }]);
    const own = byBoth.use!.stops[1]!.runId;
    expect(openUseDeviations(byBoth, 1).map(({ runId, rule }) => [runId, rule])).toEqual([[JUDGED.runId, 'input-drift'], [own, 'stopped-by-person']]);
    for (const one of [JUDGED.runId, own]) expect(() => resumed(closed(byBoth, one)), one).toThrow(expect.objectContaining({ code: 'deviation-state-wrong' }));
    expect(isStopped(fold(resumed(closed(closed(byBoth, own), JUDGED.runId)), byBoth)!, 1)).toBe(false);
  });
  it.each<readonly [string, string, string, boolean]>([
    ['of another person', 'nonsense', 'op-2', true], ['for another reason', 'a leak', 'op-1', true], ['of the same person for the same reason', 'nonsense', 'op-1', false],
  ])('by a person has a second stop %s on record as it should', (_, reason, id, isOnRecord) => {
    const once = fold(stopped(HELD), HELD)!;
    expect(stopped(once, reason, id).map(({ type }) => type)).toEqual(isOnRecord ? ['model-use-stopped-here', 'model-deviation-raised-here'] : []);
  });
  it('and whose deviation is closed is stopped anew by the same words, before it is resumed', () => {
    const once = fold(stopped(HELD), HELD)!;
    const [runId] = openUseDeviations(once, 1).map((each) => each.runId);
    expect(stopped(closed(once, runId!))).toHaveLength(2);
  });
  it('says what people here made of drift that the control site told', () => {
    const notice = { modelId: MODEL_ID, version: 1, runId: 'DRIFT-1', from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z', cases: 90, decision: 'alarm', detail: 'ph' } as const;
    const told = fold([{ type: 'model-drift-told', ...notice, askedOf: [] }], HELD)!;
    expect(useOf(told)).toEqual([]);
    const assessed = [false, true].reduce((held, acceptable) => fold(assessDrift(held, MODEL_ID, notice, { acceptable, impact: 'x', rootCause: 'y' }, SCIENTIST('review')), held)!, told);
    expect(useOf(assessed)).toEqual([{ version: 1, deviations: [], assessments: [{ runId: 'DRIFT-1', acceptable: true }] }]);
  });
  it.each<readonly [string, () => unknown, string]>([
    ['resumed by a scientist', () => resumeUse(fold(STEPS[0](HELD), HELD), MODEL_ID, 1, 'x', SCIENTIST('responsibility')), 'role-missing'], ['resumed when it is not stopped', () => resumeUse(HELD, MODEL_ID, 1, 'x', QUALITY('responsibility')), 'model-state-wrong'],
    ['closed by a scientist', () => closeUseDeviation(fold(assessDrift(fold(STEPS[0](HELD), HELD), MODEL_ID, { version: 1, runId: 'stopped-v1-1' }, { acceptable: true, impact: 'x', rootCause: 'y' }, QUALITY('review')), fold(STEPS[0](HELD), HELD)), MODEL_ID, { version: 1, runId: 'stopped-v1-1', conclusion: 'x' }, SCIENTIST('approval')), 'role-missing'],
    ['stopped by an inspector', () => stopUse(HELD, { modelId: MODEL_ID, version: 1, reason: 'x' }, { id: 'reg-1', roles: ['regulator'] }, []), 'role-missing'],
  ])('is not %s', (_, run, code) => { expect(run).toThrow(expect.objectContaining({ code })); });
});
