import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { holdBatch } from '../../../shared/batch/commands/life.ts';
import type { BatchEvent } from '../../../shared/batch/events.ts';
import type { Batch } from '../../../shared/batch/state.ts';
import { refusalOf } from '../../../shared/batch/refusal.ts';
import { DomainError, type ErrorCode } from '../../../shared/errors.ts';
import { acknowledgeAction, observeEffect, pendingActions, refuseAction, resumeAssistance, sendAction, stopAssistance, timeOutActions } from '../../../shared/prediction-governance/intervene.ts';
import { EMPTY_LEDGER } from '../../../shared/prediction-governance/ledger.ts';
import { decideRecommendation, makeRecommendation } from '../../../shared/prediction-governance/recommend.ts';
import { NOW } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';
import { by, QUALITY, SCIENTIST } from '../../support/model-fixtures.ts';
import { MINUTE_MS, ADVICE, Bench } from '../../support/ledger-bench.ts';

let bench: Bench;
beforeEach(() => { bench = new Bench(); });

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
    for (const role of ['operator', 'process-scientist', 'quality-reviewer', 'qualified-person', 'site-engineer'] as const) expect(stopAssistance(EMPTY_LEDGER, { id: 'p-1', roles: [role] }, 'x')).toHaveLength(1);
    expect(stopAssistance(bench.stopped().ledger, { id: 'op-1', roles: ['operator'] }, 'the probe is broken')).toEqual([]);
  });
  it('of what is stopped is on record with its person, reason and time, for who resumes it', () => {
    bench.stopped();
    bench.now += MINUTE_MS;
    bench.stopped('op-2').stopped('op-1', 'the feed leaks').stopped('op-2');
    expect(bench.ledger.stops.map(({ by: who, reason, at }) => [who, reason, Date.parse(at) - NOW])).toEqual([['op-1', 'the probe is broken', 0], ['op-2', 'the probe is broken', MINUTE_MS], ['op-1', 'the feed leaks', MINUTE_MS]]);
    bench.do(({ ledger }) => resumeAssistance(ledger, 'looked into', SCIENTIST('approval')));
    expect(bench.ledger.stops).toEqual([]);
  });
  it('is not for who only reads, and wants a reason', () => {
    expect(codeOf(() => stopAssistance(EMPTY_LEDGER, { id: 'r-1', roles: ['regulator'] }, 'x'))).toBe('role-missing');
    expect(codeOf(() => stopAssistance(EMPTY_LEDGER, { id: 'op-1', roles: ['operator'] }, ' '))).toBe('correction-reason-missing');
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
    fc.constant<Step>(({ ledger }) => stopAssistance(ledger, { id: 'op-1', roles: ['operator'] }, 'x')), fc.constant<Step>(({ ledger }) => resumeAssistance(ledger, 'x', SCIENTIST('approval'))),
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
