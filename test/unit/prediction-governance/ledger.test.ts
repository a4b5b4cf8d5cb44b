import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { startBatch, holdBatch } from '../../../shared/batch/commands/life.ts';
import { describeEvent } from '../../../shared/batch/describe.ts';
import type { BatchEvent } from '../../../shared/batch/events.ts';
import type { Batch } from '../../../shared/batch/state.ts';
import { refusalOf } from '../../../shared/batch/refusal.ts';
import { DomainError, type ErrorCode } from '../../../shared/errors.ts';
import type { ModelRecord } from '../../../shared/model-registry/may-run.ts';
import { acknowledgeAction, observeEffect, pendingActions, refuseAction, resumeAssistance, sendAction, stopAssistance, timeOutActions } from '../../../shared/prediction-governance/intervene.ts';
import { EMPTY_LEDGER, evolveLedger, foldLedger, type Ledger } from '../../../shared/prediction-governance/ledger.ts';
import type { Recommendation } from '../../../shared/prediction-governance/ledger-events.ts';
import { decideRecommendation, makeRecommendation, unreviewed, type Governed } from '../../../shared/prediction-governance/recommend.ts';
import type { TableVersion } from '../../../shared/prediction-governance/table.ts';
import { sha256Hex } from '../../../shared/record/chain.ts';
import { NOW, TestBatch } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';
import { by, GOVERNANCE_TABLE as TABLE, QUALITY, SCIENTIST } from '../../support/model-fixtures.ts';

const MINUTE_MS = 60_000;
const table = (content = TABLE, version = 1): TableVersion => ({ version, state: 'effective', content, contentHash: sha256Hex(JSON.stringify(content)), authorId: 'stew-1' });
const HASH = sha256Hex('artefact');
const MODELS: readonly ModelRecord[] = (['early-failure', 'set-point-advice'] as const).map((output) => ({ modelId: `m-${output}`, version: 1, productId: 'test-product', output, artefactSha256: HASH, state: 'active', inputs: [], undecided: { errorRate: 0.1 } }));
const ADVICE: Recommendation = {
  recommendationId: 'REC-1', output: 'set-point-advice', modelId: 'm-set-point-advice', modelVersion: 1, modelHash: HASH, inputsHash: sha256Hex('inputs'), probability: 0.8, undecided: false,
  explanation: [{ feature: 'lactate-maximum', value: 18.2, contribution: 0.31 }, { feature: 'ph-minimum', value: null, contribution: -0.02 }],
  alternatives: [{ id: 'keep', title: 'Keep the recipe', expected: 'lactate 21 mmol/L at 96 h' }],
  actions: [{ edgeNodeId: 'gateway', deviceId: 'bioreactor', metric: 'Feed/Rate', value: 2.1, unit: 'mL/h' }, { edgeNodeId: 'gateway', metric: 'Oxygen/Set Point', value: 40, unit: '%' }],
};

const IN_USE: BatchEvent = { type: 'equipment-assigned', phaseId: 'culture', equipmentId: 'BIO-1', equipmentClassId: 'bioreactor', device: { edgeNodeId: 'gateway', deviceId: 'bioreactor' } };

/** A running batch with its ledger, both folded from one stream. */
class Bench {
  readonly test = new TestBatch().do((batch) => startBatch(batch)).do(() => [{ type: 'phase-started', phaseId: 'culture' }, IN_USE]);
  ledger: Ledger = EMPTY_LEDGER;
  now = NOW;
  governed = (own: Partial<Governed> = {}): Governed => ({ batch: this.test.batch, ledger: this.ledger, table: table(), models: MODELS, gateways: new Map([['gateway', ['bioreactor']]]), nowEpochMs: this.now, ...own });
  do(decide: (governed: Governed) => readonly BatchEvent[]): this {
    const events = decide(this.governed());
    this.test.do(() => events);
    this.ledger = events.reduce((ledger, event) => evolveLedger(ledger, { event, recordedAt: new Date(this.now).toISOString() }), this.ledger);
    return this;
  }
  advised = (own: Partial<Recommendation> = {}) => this.do((governed) => makeRecommendation(governed, { ...ADVICE, ...own }));
  decided = (decision: 'accept' | 'refuse' = 'accept', id = 'REC-1') => this.do((governed) => decideRecommendation(governed, id, { decision, reason: 'lactate rises' }, SCIENTIST('approval')));
  sent = (index = 0) => this.do((governed) => sendAction(governed, 'REC-1', index));
  stopped = () => this.do(({ ledger }) => stopAssistance(ledger, ['operator'], 'the probe is broken'));
}
let bench: Bench;
beforeEach(() => { bench = new Bench(); });

describe('the intervention ledger', () => {
  it('holds recommendation, decision, command, confirmation and effect, in the batch record and its audit trail', () => {
    bench.advised().decided().sent().do(({ ledger }) => acknowledgeAction(ledger, 'REC-1-1', { value: Math.fround(2.1), at: '2026-03-02T14:06:00.000Z' }))
      .do(({ ledger }) => observeEffect(ledger, { interventionId: 'REC-1-1', metric: 'Bioreactor/Lactate', unit: 'mmol/L', before: 18.2, after: 16.9, note: 'six hours later' }));
    expect(bench.ledger.interventions.get('REC-1-1')).toMatchObject({ command: 'DCMD', value: 2.1, acknowledged: { matches: true }, timedOut: false, effects: [{ after: 16.9 }] });
    expect(bench.ledger.recommendations.get('REC-1')).toMatchObject({ modelHash: HASH, explanation: ADVICE.explanation, alternatives: ADVICE.alternatives, tableVersion: 1, decision: { decision: 'accept', signature: { signerId: 'sci-1' } } });
    expect(describeEvent(bench.test.events[4]!).why).toBe('lactate-maximum 18.2: +0.310; ph-minimum: -0.020');
    const trail = bench.test.events.slice(4).map((event) => describeEvent(event).what);
    expect(trail).toEqual([
      'Recommendation REC-1 (set-point-advice) by m-set-point-advice version 1: 0.800, 2 action(s) proposed, under governance table version 1, asked of process-scientist', 'Recommendation REC-1 accepted',
      'Intervention REC-1-1 sent to gateway/bioreactor (DCMD): Feed/Rate = 2.1 mL/h, to be confirmed by 2026-03-02T14:07:09.120Z',
      `Intervention REC-1-1 confirmed by the equipment at 2026-03-02T14:06:00.000Z: ${Math.fround(2.1)}`, 'Effect of intervention REC-1-1: Bioreactor/Lactate from 18.2 to 16.9 mmol/L',
    ]);
  });
  it('is the same fold of the stream at once or event by event, and leaves the batch as it is', () => {
    const before = bench.test.batch.state;
    bench.advised().decided().sent(1).stopped().do(({ ledger }) => resumeAssistance(ledger, 'probe changed', SCIENTIST('approval')));
    expect(foldLedger(bench.test.events.map((event) => ({ event, recordedAt: new Date(NOW).toISOString() })))).toEqual(bench.ledger);
    expect([before, bench.test.batch.state]).toEqual(['running', 'running']);
    expect(bench.ledger.interventions.get('REC-1-2')).toMatchObject({ command: 'NCMD' });
    expect(bench.test.events.map((event) => describeEvent(event).what).slice(-2)).toEqual(['Assistance by models stopped', 'Assistance by models resumed']);
  });
  it('does not take a decision on what was never recommended', () => {
    expect(codeOf(() => foldLedger([{ event: { type: 'recommendation-decided', recommendationId: 'x', decision: 'refuse', reason: 'x', signature: SCIENTIST('approval').signature }, recordedAt: '2026-03-02T14:05:09.120Z' }]))).toBe('record-corrupt');
  });
  it('counts what nobody has looked at', () => {
    const open = () => unreviewed(bench.ledger).map(({ recommendationId }) => recommendationId);
    bench.advised().do((governed) => makeRecommendation(governed, { ...ADVICE, recommendationId: 'REC-2', output: 'early-failure', actions: [] }))
      .do((governed) => makeRecommendation(governed, { ...ADVICE, recommendationId: 'REC-3', output: 'early-failure', actions: [], undecided: true }));
    expect(open()).toEqual(['REC-1', 'REC-3']);
    expect(bench.test.batch.undecidedRecommendations).toEqual(['REC-1', 'REC-3']);
    bench.decided('refuse').do((governed) => decideRecommendation(governed, 'REC-3', { decision: 'refuse', reason: 'sampled' }, QUALITY('approval')));
    expect(open()).toEqual([]);
    expect(bench.test.batch.undecidedRecommendations).toEqual([]);
  });
});

describe('a recommendation', () => {
  it.each<readonly [string, () => unknown, string]>([
    ['twice', () => bench.advised().advised(), 'recommendation-exists'],
    ['by a model that is not active', () => makeRecommendation(bench.governed({ models: MODELS.map((each) => ({ ...each, state: 'suspended' })) }), ADVICE), 'model-not-active'],
    ['by another artefact', () => bench.advised({ modelHash: sha256Hex('other') }), 'model-not-active'],
    ['without an explanation', () => bench.advised({ explanation: [] }), 'request-malformed'],
    ['of a calibrated probability that is none', () => bench.advised({ calibratedProbability: 1.5 }), 'request-malformed'],
    ['of no probability', () => bench.advised({ probability: Number.NaN }), 'request-malformed'],
    ['undecided with actions', () => bench.advised({ undecided: true }), 'recommendation-undecided'],
    ['of an output the table does not know', () => bench.advised({ output: 'harvest-advice' }), 'governance-table-not-effective'],
    ['under a table that is not effective', () => makeRecommendation(bench.governed({ table: { ...table(), state: 'superseded' } }), ADVICE), 'governance-table-not-effective'],
    ['under another product\'s table', () => makeRecommendation(bench.governed({ table: table({ ...TABLE, productId: 'other' }) }), ADVICE), 'governance-table-not-effective'],
    ['of an action on an output for awareness', () => bench.advised({ output: 'early-failure' }), 'action-outside-table'],
    ['above the limits', () => bench.advised({ actions: [{ ...ADVICE.actions[0]!, value: 5.01 }] }), 'action-outside-table'],
    ['below the limits', () => bench.advised({ actions: [{ ...ADVICE.actions[0]!, value: -0.01 }] }), 'action-outside-table'],
    ['of no number', () => bench.advised({ actions: [{ ...ADVICE.actions[0]!, value: Number.NaN }] }), 'action-outside-table'],
    ['in another unit', () => bench.advised({ actions: [{ ...ADVICE.actions[0]!, unit: 'L/h' }] }), 'action-outside-table'],
    ['of a metric that is not allowed', () => bench.advised({ actions: [{ ...ADVICE.actions[0]!, metric: 'Heater' }] }), 'action-outside-table'],
    ['while stopped', () => bench.stopped().advised(), 'assistance-stopped'],
    ['on a batch that has not begun', () => makeRecommendation(bench.governed({ batch: new TestBatch().batch }), ADVICE), 'batch-state-wrong'],
  ])('is refused %s', (_, run, code) => { expect(codeOf(run)).toBe(code); });
});

describe('the threshold of the table', () => {
  const withThreshold = (threshold: number) => table({ ...TABLE, rows: TABLE.rows.map((row) => ({ ...row, threshold })) });
  const made = (own: Partial<Recommendation>, threshold: number) => makeRecommendation(bench.governed({ table: withThreshold(threshold) }), { ...ADVICE, actions: [], ...own })[0];
  it.each<readonly [string, Partial<Recommendation>, number, readonly string[]]>([
    ['at it, of the table\'s role', {}, 0.8, ['process-scientist']], ['below it, of nobody', {}, 0.81, []], ['of an output for awareness, of nobody', { output: 'early-failure' }, 0, []],
    ['undecided where the table only shows it, of nobody', { undecided: true }, 0, []], ['undecided where the table wants a review, of who reviews', { output: 'early-failure', undecided: true, probability: 0.1 }, 0.5, ['process-scientist', 'quality-reviewer']],
  ])('asks %s, and says so in the record', (_, own, threshold, asked) => { expect(made(own, threshold)).toMatchObject({ askedOf: asked, threshold }); });
  it('lets nothing be proposed below it', () => { expect(codeOf(() => made({ actions: ADVICE.actions }, 0.81))).toBe('action-outside-table'); });
  it('that nobody reached leaves nothing to decide', () => { expect(codeOf(() => { bench.do(() => [made({}, 0.9)!]); decideRecommendation(bench.governed(), 'REC-1', { decision: 'refuse', reason: 'x' }, SCIENTIST('approval')); })).toBe('recommendation-state-wrong'); });
});

describe('a decision', () => {
  const decide = (own: Partial<Governed> = {}, who = SCIENTIST('approval'), decision: 'accept' | 'refuse' = 'accept', reason = 'why') => decideRecommendation(bench.governed(own), 'REC-1', { decision, reason }, who);
  it.each<readonly [string, () => unknown, string]>([
    ['by another role than the table\'s', () => decide({}, by('op-1', 'approval', 'operator')), 'role-missing'], ['with another meaning', () => decide({}, SCIENTIST('review')), 'signature-meaning-wrong'], ['without a reason', () => decide({}, SCIENTIST('approval'), 'accept', ' '), 'correction-reason-missing'],
    ['too late', () => decide({ nowEpochMs: NOW + 30 * MINUTE_MS + 1 }), 'recommendation-expired'], ['after the model was suspended', () => decide({ models: [] }), 'model-not-active'],
    ['under another version of the table', () => decide({ table: table({ ...TABLE, rows: TABLE.rows.map((row) => ({ ...row, validForMinutes: 31 })) }, 2) }), 'governance-table-not-effective'],
    ['on a batch that is held', () => { bench.test.do((batch) => holdBatch(batch, 'wait')); return decide(); }, 'batch-state-wrong'],
    ['after a stop', () => { bench.stopped(); return decide(); }, 'assistance-stopped'], ['twice', () => { bench.decided(); return decide(); }, 'recommendation-state-wrong'],
    ['on what is not there', () => decideRecommendation(bench.governed(), 'REC-9', { decision: 'refuse', reason: 'x' }, SCIENTIST('approval')), 'recommendation-not-found'],
  ])('is refused %s', (_, run, code) => {
    bench.advised();
    expect(codeOf(run)).toBe(code);
  });
  it('to accept is taken at the last moment, and to refuse also after it and after a stop', () => {
    bench.advised();
    expect(codeOf(() => decide({ nowEpochMs: NOW + 30 * MINUTE_MS }))).toBeUndefined();
    bench.stopped();
    expect(codeOf(() => decide({ nowEpochMs: NOW + 90 * MINUTE_MS, models: [] }, SCIENTIST('approval'), 'refuse'))).toBeUndefined();
  });
  it('to refuse is taken under a table that no longer knows the output, or the batch could never be released', () => {
    bench.advised();
    expect(codeOf(() => decide({ table: table({ ...TABLE, rows: TABLE.rows.slice(0, 1) }, 2) }, SCIENTIST('approval'), 'refuse'))).toBeUndefined();
    expect(codeOf(() => decide({ table: table({ ...TABLE, rows: TABLE.rows.slice(0, 1) }, 2) }))).toBe('governance-table-not-effective');
  });
  it('is not asked for where an output is for awareness, and never accepts what is undecided', () => {
    bench.advised({ output: 'early-failure', actions: [] });
    expect(codeOf(() => decide())).toBe('recommendation-state-wrong');
    bench.advised({ recommendationId: 'REC-2', output: 'early-failure', actions: [], undecided: true });
    expect(codeOf(() => decideRecommendation(bench.governed(), 'REC-2', { decision: 'accept', reason: 'why' }, SCIENTIST('approval')))).toBe('recommendation-undecided');
  });
});

describe('an alternative', () => {
  const gentle = { ...ADVICE.actions[0]!, value: 1 };
  const chosen = (alternativeId: string) => bench.do((governed) => decideRecommendation(governed, 'REC-1', { decision: 'accept', alternativeId, reason: 'less at once' }, SCIENTIST('approval')));
  beforeEach(() => { bench.advised({ alternatives: [...ADVICE.alternatives, { id: 'gentle', title: 'Feed less', expected: 'lactate 19 mmol/L at 96 h', actions: [gentle] }] }); });
  it('that is chosen is what is sent, and nothing else', () => {
    chosen('gentle').sent();
    expect(bench.ledger.interventions.get('REC-1-1')).toMatchObject({ value: 1 });
    expect(codeOf(() => bench.sent(1))).toBe('recommendation-state-wrong');
    expect(describeEvent(bench.test.events.at(-2)!).what).toBe('Recommendation REC-1 accepted, as alternative gentle');
  });
  it('that has no actions lets nothing be sent', () => { expect(codeOf(() => chosen('keep').sent())).toBe('recommendation-state-wrong'); });
  it('that was not shown can not be chosen', () => { expect(codeOf(() => chosen('other'))).toBe('recommendation-state-wrong'); });
  it('beyond the limits is no alternative', () => { expect(codeOf(() => bench.advised({ recommendationId: 'REC-2', alternatives: [{ id: 'x', title: 'x', expected: 'x', actions: [{ ...gentle, value: 9 }] }] }))).toBe('action-outside-table'); });
});

describe('a command to the equipment', () => {
  it.each<readonly [string, () => unknown, string]>([
    ['without a decision', () => bench.advised().sent(), 'recommendation-state-wrong'], ['after a refusal', () => bench.advised().decided('refuse').sent(), 'recommendation-state-wrong'], ['twice', () => bench.advised().decided().sent().sent(), 'recommendation-state-wrong'],
    ['that was not recommended', () => bench.advised().decided().sent(2), 'recommendation-state-wrong'], ['after a stop', () => bench.advised().decided().stopped().sent(), 'assistance-stopped'],
    ['made before a stop, after it is resumed', () => bench.advised().decided().stopped().do(({ ledger }) => resumeAssistance(ledger, 'fine', SCIENTIST('approval'))).sent(), 'assistance-stopped'],
    ['of what is too old', () => { bench.advised().decided(); bench.now += 30 * MINUTE_MS + 1; return bench.sent(); }, 'recommendation-expired'],
    ['beyond the limits, whatever the record says was recommended', () => { bench.advised().decided(); const held = bench.ledger.recommendations.get('REC-1')!; return sendAction(bench.governed({ ledger: { ...bench.ledger, recommendations: new Map([['REC-1', { ...held, actions: [{ ...ADVICE.actions[0]!, value: 9 }] }]]) } }), 'REC-1', 0); }, 'action-outside-table'],
    ['of a model suspended since', () => sendAction({ ...bench.advised().decided().governed(), models: [] }, 'REC-1', 0), 'model-not-active'],
    ['on a batch that is held', () => { bench.advised().decided().test.do((batch) => holdBatch(batch, 'wait')); return bench.sent(); }, 'batch-state-wrong'],
    ['on a batch that is decided', () => sendAction({ ...bench.advised().decided().governed(), batch: { ...bench.test.batch, disposition: { disposition: 'reject', reason: 'x', staged: false, signature: QUALITY('approval').signature, atVersion: 9 } } satisfies Batch }, 'REC-1', 0), 'batch-already-dispositioned'],
  ])('is refused %s', (_, run, code) => { expect(codeOf(run)).toBe(code); });
  it('the equipment does not confirm in time is a deviation, once; late confirmation is kept', () => {
    bench.advised().decided().sent();
    expect(timeOutActions(bench.ledger, NOW + 120_000)).toEqual([]);
    bench.now = NOW + 120_001;
    bench.do(({ ledger, nowEpochMs }) => timeOutActions(ledger, nowEpochMs)).do(({ ledger, nowEpochMs }) => timeOutActions(ledger, nowEpochMs));
    expect(Object.values(bench.test.batch.deviations)).toMatchObject([{ severity: 'major', rule: 'intervention-not-acknowledged', state: 'open' }]);
    bench.do(({ ledger }) => acknowledgeAction(ledger, 'REC-1-1', { value: 2.1, at: '2026-03-02T14:10:00.000Z' }));
    expect(bench.ledger.interventions.get('REC-1-1')).toMatchObject({ timedOut: true, acknowledged: { matches: true } });
  });
  it('the equipment applies otherwise is a deviation; a repeated report changes nothing', () => {
    bench.advised().decided().sent().do(({ ledger }) => acknowledgeAction(ledger, 'REC-1-1', { value: 2.2, at: '2026-03-02T14:06:00.000Z' }));
    expect(Object.values(bench.test.batch.deviations)).toMatchObject([{ rule: 'intervention-misapplied' }]);
    expect(acknowledgeAction(bench.ledger, 'REC-1-1', { value: 2.1, at: '2026-03-02T14:07:00.000Z' })).toEqual([]);
  });
  it('that was never sent has no confirmation and no effect', () => {
    expect(codeOf(() => acknowledgeAction(bench.ledger, 'x', { value: 1, at: 'x' }))).toBe('recommendation-not-found');
    expect(codeOf(() => observeEffect(bench.ledger, { interventionId: 'x', metric: 'm', unit: '', before: 1, after: 2, note: '' }))).toBe('recommendation-not-found');
  });
});

describe('equipment', () => {
  const released = () => bench.test.do(() => [{ type: 'equipment-released', equipmentId: 'BIO-1' }]);
  it('is written to only while the batch has it: another patient may be in it next', () => {
    bench.advised().decided();
    released();
    expect([codeOf(() => bench.sent()), codeOf(() => bench.sent(1))]).toEqual(['action-equipment-wrong', 'action-equipment-wrong']);
    expect(codeOf(() => bench.advised({ recommendationId: 'REC-2' }))).toBe('action-equipment-wrong');
  });
  it('of which nobody looked behind the gateway gets no command to the gateway', () => {
    bench.advised().decided();
    expect(codeOf(() => sendAction(bench.governed({ gateways: new Map() }), 'REC-1', 1))).toBe('action-equipment-wrong');
    expect(sendAction(bench.governed({ gateways: new Map() }), 'REC-1', 0)).toHaveLength(1);
  });
  it('that another patient shares the gateway with gets no command to the gateway, whatever the devices are called, and still its own', () => {
    bench.advised().decided();
    fc.assert(fc.property(fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { maxLength: 5 }), fc.boolean(), (others, isOwnKnown) => {
      const behind = [...others, ...(isOwnKnown ? ['bioreactor'] : [])];
      const governed = bench.governed({ gateways: new Map([['gateway', behind]]) });
      const isShared = others.some((other) => other !== 'bioreactor');
      expect(isShared ? codeOf(() => sendAction(governed, 'REC-1', 1)) : sendAction(governed, 'REC-1', 1).length).toBe(isShared ? 'gateway-shared' : 1);
      expect(sendAction(governed, 'REC-1', 0)).toMatchObject([{ command: 'DCMD', deviceId: 'bioreactor' }]);
    }));
  });
  it('of another gateway or device is none of the batch', () => {
    for (const other of [{ edgeNodeId: 'other' }, { deviceId: 'other' }]) expect(codeOf(() => bench.advised({ actions: [{ ...ADVICE.actions[0]!, ...other }] }))).toBe('action-equipment-wrong');
  });
});

describe('an accepted action that can not be sent', () => {
  const pending = { recommendationId: 'REC-1', index: 0 };
  const refused = (code: ErrorCode) => bench.do((governed) => refuseAction(governed, pending, new DomainError(code, 'why')));
  beforeEach(() => { bench.advised().decided(); });
  it('waits for what may pass', () => {
    for (const code of ['batch-state-wrong', 'model-not-active', 'action-equipment-wrong'] as const) refused(code);
    expect(pendingActions(bench.ledger)).toEqual([pending, { recommendationId: 'REC-1', index: 1 }]);
  });
  it('is given up for good otherwise, with a deviation, for somebody counts on it', () => {
    refused('recommendation-expired');
    expect(pendingActions(bench.ledger)).toEqual([{ recommendationId: 'REC-1', index: 1 }]);
    expect(Object.values(bench.test.batch.deviations)).toMatchObject([{ deviationId: 'DEV-REC-1-1-intervention-not-sent', state: 'open' }]);
  });
  it('is given up without one where somebody stopped it', () => {
    refused('assistance-stopped');
    expect([pendingActions(bench.ledger).length, bench.test.batch.deviations]).toEqual([1, {}]);
  });
  it('waits for nothing once the batch has ended', () => {
    expect(refuseAction({ batch: { ...bench.test.batch, state: 'complete' } }, pending, new DomainError('batch-state-wrong', 'x'))).toHaveLength(2);
  });
});

describe('a stop', () => {
  it('is for anyone who works with the batch, without a signature, as often as they like', () => {
    for (const role of ['operator', 'process-scientist', 'quality-reviewer', 'qualified-person', 'site-engineer'] as const) expect(stopAssistance(EMPTY_LEDGER, [role], 'x')).toHaveLength(1);
    expect(stopAssistance(bench.stopped().ledger, ['operator'], 'again')).toEqual([]);
  });
  it('is not for who only reads, and wants a reason', () => {
    expect(codeOf(() => stopAssistance(EMPTY_LEDGER, ['regulator'], 'x'))).toBe('role-missing');
    expect(codeOf(() => stopAssistance(EMPTY_LEDGER, ['operator'], ' '))).toBe('correction-reason-missing');
  });
  it('is lifted by signature only, and only where there is one', () => {
    expect(codeOf(() => resumeAssistance(EMPTY_LEDGER, 'x', SCIENTIST('approval')))).toBe('recommendation-state-wrong');
    expect(codeOf(() => resumeAssistance(bench.stopped().ledger, 'x', by('op-1', 'approval', 'operator')))).toBe('role-missing');
  });
  it('that forbids an attempt leaves the attempt on record', () => { expect(refusalOf(new DomainError('assistance-stopped', 'x'), 'send-action')).toMatchObject({ type: 'action-refused', code: 'assistance-stopped' }); });
});

describe('whatever people and equipment do, in any order', () => {
  const id = fc.constantFrom('A', 'B');
  type Step = (bench: Bench) => readonly BatchEvent[];
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ recommendationId: id, value: fc.integer({ min: -1, max: 6 }), kind: fc.constantFrom('advice', 'advice', 'advice', 'undecided', 'awareness') }).map(({ recommendationId, value, kind }): Step => ({ governed }) => makeRecommendation(governed(), {
      ...ADVICE, recommendationId, undecided: kind === 'undecided', ...(kind === 'awareness' ? { output: 'early-failure' } : {}), actions: kind === 'undecided' ? [] : [{ ...ADVICE.actions[0]!, value }],
    })) },
    { weight: 4, arbitrary: fc.record({ on: id, decision: fc.constantFrom('accept' as const, 'accept' as const, 'refuse' as const), role: fc.constantFrom('process-scientist' as const, 'operator' as const) }).map(({ on, decision, role }): Step => ({ governed }) => decideRecommendation(governed(), on, { decision, reason: 'why' }, by(role, 'approval', role))) },
    { weight: 4, arbitrary: fc.record({ on: id, index: fc.constantFrom(0, 0, 0, 1) }).map(({ on, index }): Step => ({ governed }) => sendAction(governed(), on, index)) },
    { weight: 2, arbitrary: id.map((on): Step => ({ ledger }) => acknowledgeAction(ledger, `${on}-1`, { value: 2.1, at: '2026-03-02T14:06:00.000Z' })) },
    fc.constant<Step>(({ ledger, now }) => timeOutActions(ledger, now)),
    fc.constant<Step>(({ ledger }) => stopAssistance(ledger, ['operator'], 'x')), fc.constant<Step>(({ ledger }) => resumeAssistance(ledger, 'x', SCIENTIST('approval'))),
    fc.integer({ min: 1, max: 20 * MINUTE_MS }).map((ms): Step => (each) => { each.now += ms; return []; }),
  );
  const tried = (each: Bench, run: Step) => { try { each.do(() => run(each)); } catch (error) { if (!(error instanceof DomainError)) throw error; } };
  it('nothing is sent without the decision the table asks for, nothing after a stop, and each command is confirmed or a deviation', () => {
    let sentInAll = 0;
    fc.assert(fc.property(fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }), (steps) => {
      const each = new Bench();
      for (const run of steps) tried(each, run);
      each.now += 3 * 60 * MINUTE_MS;
      each.do(({ ledger, nowEpochMs }) => timeOutActions(ledger, nowEpochMs));
      const { events } = each.test;
      const at = (test: (event: BatchEvent) => boolean): number => events.findIndex(test);
      for (const [i, event] of events.entries()) {
        if (event.type !== 'intervention-sent') continue;
        sentInAll += 1;
        const made = at((other) => other.type === 'recommendation-made' && other.recommendationId === event.recommendationId);
        const accepted = at((other) => other.type === 'recommendation-decided' && other.recommendationId === event.recommendationId && other.decision === 'accept' && other.signature.signerId === 'process-scientist');
        expect(made).toBeGreaterThan(0);
        expect(accepted).toBeGreaterThan(made);
        expect(i).toBeGreaterThan(accepted);
        expect(events.slice(made, i).some(({ type }) => type === 'assistance-stopped')).toBe(false);
        expect(event.value >= 0 && event.value <= 5).toBe(true);
        expect(events.filter((other) => other.type === 'intervention-sent' && other.interventionId === event.interventionId)).toHaveLength(1);
        const confirmed = events.some((other) => other.type === 'intervention-acknowledged' && other.interventionId === event.interventionId);
        const late = events.filter((other) => other.type === 'deviation-raised' && other.deviationId === `DEV-${event.interventionId}-intervention-not-acknowledged`);
        expect(late.length).toBe(events.filter((other) => other.type === 'intervention-timed-out' && other.interventionId === event.interventionId).length);
        expect(confirmed || late.length === 1).toBe(true);
      }
    }), { numRuns: 400, seed: 7 });
    expect(sentInAll).toBeGreaterThan(20);
  });
});
