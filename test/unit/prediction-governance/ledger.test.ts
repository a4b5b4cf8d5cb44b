import { beforeEach, describe, expect, it } from 'vitest';
import { holdBatch } from '../../../shared/batch/commands/life.ts';
import { describeEvent } from '../../../shared/batch/describe.ts';
import { acknowledgeAction, observeEffect, resumeAssistance } from '../../../shared/prediction-governance/intervene.ts';
import { foldLedger } from '../../../shared/prediction-governance/ledger.ts';
import type { Recommendation } from '../../../shared/prediction-governance/ledger-events.ts';
import { decideRecommendation, makeRecommendation, unreviewed, type Governed } from '../../../shared/prediction-governance/recommend.ts';
import { sha256Hex } from '../../../shared/record/chain.ts';
import { NOW, TestBatch } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';
import { by, GOVERNANCE_TABLE as TABLE, QUALITY, SCIENTIST } from '../../support/model-fixtures.ts';
import { MINUTE_MS, table, HASH, MODELS, ADVICE, Bench, person, TWIN } from '../../support/ledger-bench.ts';

let bench: Bench;
beforeEach(() => { bench = new Bench(); });

describe('the intervention ledger', () => {
  it('holds recommendation, decision, command, confirmation and effect, in the batch record and its audit trail', () => {
    bench.advised().decided().sent().do(({ ledger }) => acknowledgeAction(ledger, 'REC-1-1', { value: Math.fround(2.1), at: '2026-03-02T14:06:00.000Z' }))
      .do(({ ledger }) => observeEffect(ledger, { interventionId: 'REC-1-1', metric: 'Bioreactor/Lactate', unit: 'mmol/L', before: 18.2, after: 16.9, note: 'six hours later' }));
    expect(bench.ledger.interventions.get('REC-1-1')).toMatchObject({ command: 'DCMD', value: 2.1, acknowledged: { matches: true }, timedOut: false, effects: [{ after: 16.9 }] });
    expect(bench.ledger.recommendations.get('REC-1')).toMatchObject({ modelHash: HASH, explanation: ADVICE.explanation, alternatives: ADVICE.alternatives, twin: TWIN, tableVersion: 1, decision: { decision: 'accept', signature: { signerId: 'sci-1' } } });
    expect(describeEvent(bench.test.events[4]!).why).toBe('lactate-maximum 18.2: +0.310; ph-minimum: -0.020');
    const trail = bench.test.events.slice(4).map((event) => describeEvent(event).what);
    expect(trail).toEqual([
      `Recommendation REC-1 (set-point-advice) by m-set-point-advice version 1: 0.800, 2 action(s) proposed, ways to go on by the digital twin ${TWIN.twinSha256.slice(0, 12)} in the world stress, under governance table version 1, asked of process-scientist`, 'Recommendation REC-1 accepted',
      'Intervention REC-1-1 sent to gateway/bioreactor (DCMD): Feed/Rate = 2.1 mL/h, to be confirmed by 2026-03-02T14:07:09.120Z',
      `Intervention REC-1-1 confirmed by the equipment at 2026-03-02T14:06:00.000Z: ${Math.fround(2.1)}`, 'Effect of intervention REC-1-1: Bioreactor/Lactate from 18.2 to 16.9 mmol/L',
    ]);
  });
  it('is the same fold of the stream at once or event by event, and leaves the batch as it is', () => {
    const before = bench.test.batch.state;
    bench.advised().decided().sent(1).stopped().do(({ ledger }) => resumeAssistance(ledger, 'probe changed', SCIENTIST('approval')));
    expect(foldLedger(bench.test.events.map((event) => ({ event, recordedAt: new Date(NOW).toISOString(), actor: person('op-1') })))).toEqual(bench.ledger);
    expect([before, bench.test.batch.state]).toEqual(['running', 'running']);
    expect(bench.ledger.interventions.get('REC-1-2')).toMatchObject({ command: 'NCMD' });
    expect(bench.test.events.map((event) => describeEvent(event).what).slice(-2)).toEqual(['Assistance by models stopped', 'Assistance by models resumed']);
  });
  it('reads a recommendation from before what made its alternatives was asked for', () => {
    bench.advised();
    const { twin: _, ...before } = bench.ledger.recommendations.get('REC-1')!;
    const old = bench.test.events.map((event) => { if (event.type !== 'recommendation-made') return event; const { twin: __, ...rest } = event; return rest; });
    expect(foldLedger(old.map((event) => ({ event, recordedAt: new Date(NOW).toISOString(), actor: person('op-1') }))).recommendations.get('REC-1')).toEqual(before);
    expect(old.map((event) => describeEvent(event).what).at(-1)).not.toContain('twin');
  });
  it('does not take a decision on what was never recommended', () => {
    expect(codeOf(() => foldLedger([{ event: { type: 'recommendation-decided', recommendationId: 'x', decision: 'refuse', reason: 'x', signature: SCIENTIST('approval').signature }, recordedAt: '2026-03-02T14:05:09.120Z', actor: person('sci-1') }]))).toBe('record-corrupt');
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
    ['with alternatives of which nobody says what made them', () => { const { twin: _, ...unnamed } = ADVICE; return makeRecommendation(bench.governed(), unnamed); }, 'request-malformed'],
    ['of a calibrated probability that is none', () => bench.advised({ calibratedProbability: 1.5 }), 'request-malformed'],
    ['of no probability', () => bench.advised({ probability: Number.NaN }), 'request-malformed'],
    ['undecided with actions', () => bench.advised({ undecided: true }), 'recommendation-undecided'],
    ['of an output the table does not know', () => bench.advised({ output: 'harvest-advice' }), 'governance-table-not-effective'],
    ['under a table that is not effective', () => makeRecommendation(bench.governed({ table: { ...table(), state: 'superseded' } }), ADVICE), 'governance-table-not-effective'],
    ['under another product\'s table', () => makeRecommendation(bench.governed({ table: table({ ...TABLE, productId: 'other' }) }), ADVICE), 'governance-table-not-effective'],
    ['of an action on an output for awareness', () => bench.advised({ output: 'early-failure' }), 'action-outside-table'],
    ['that is proposed though the model says negative', () => bench.advised({ verdict: 'negative' }), 'action-outside-table'],
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
