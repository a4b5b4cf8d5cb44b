import { describe, expect, it } from 'vitest';
import { acceptCustody, offerCustody } from '../../../shared/batch/commands/custody.ts';
import { assessDeviation, assessGap, raiseDeviation } from '../../../shared/batch/commands/deviation.ts';
import { assignEquipment } from '../../../shared/batch/commands/equipment.ts';
import { abortBatch, holdBatch, stopBatch } from '../../../shared/batch/commands/life.ts';
import { addMaterial } from '../../../shared/batch/commands/material.ts';
import { completePhase, signPhase, startPhase } from '../../../shared/batch/commands/phase.ts';
import { performReview, recordDisposition, recordTestResult } from '../../../shared/batch/commands/quality.ts';
import { correctValue, recordValue } from '../../../shared/batch/commands/value.ts';
import type { BatchEvent } from '../../../shared/batch/events.ts';
import { evolveBatch, foldBatch } from '../../../shared/batch/fold.ts';
import { chainEvents } from '../../../shared/record/chain.ts';
import { GENESIS_HASH } from '../../../shared/record/envelope.ts';
import { reviewRecord } from '../../../shared/release/review.ts';
import { meetsSpecification } from '../../../shared/release/test-specification.ts';
import { acceptance, bioreactor, cells, completed, cultured, culturing, lot, material, offerTo, person, purity, received, receiving, release, reviewed, SOON, started, tested, viability } from '../../support/batch-execution.ts';
import { CONTENT, NOW, TestBatch, context, signature } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';

const at = (epochMs: number): string => new Date(epochMs).toISOString();
const responsible = (person: string) => signature(person, 'responsibility');
const offer = (own: object = {}) => ({ ...offerTo(), ...own });
const plenty = { ...cells, quantity: 10_000 };
const rulesOf = (test: TestBatch): readonly string[] => reviewRecord(test.batch).map(({ rule }) => rule);
const gap = (critical: boolean): BatchEvent => ({ type: 'telemetry-gap-recorded', gapId: 'GAP-1', edgeNodeId: 'e', deviceId: 'd', from: SOON, to: SOON, lostMessages: 3, cause: 'sequence', critical });

/** At the very edge of a rule, on both sides of it. */
describe('to the millisecond', () => {
  const trained = (until: number) => codeOf(() => startPhase(started().batch, 'receipt', context({ trainingValidUntilEpochMs: { aseptic: until } })));
  it('training is valid until its end', () => { expect([trained(NOW), trained(NOW - 1)]).toEqual([undefined, 'training-lapsed']); });
  const expiring = (when: number) => codeOf(() => addMaterial(receiving().batch, material('receipt', { ...cells, expiresAt: at(when) }), context()));
  it('a lot is expired at its time of expiry', () => { expect([expiring(NOW + 1), expiring(NOW)]).toEqual([undefined, 'material-expired']); });
  const assign = (calibrationDueAt: string | undefined) => {
    const { calibrationDueAt: _, ...undated } = bioreactor;
    const equipment = calibrationDueAt === undefined ? undated : { ...undated, calibrationDueAt };
    return codeOf(() => assignEquipment(received().do((b) => startPhase(b, 'culture', context())).batch, { deviationId: 'DEV-8', phaseId: 'culture', equipmentId: 'BIO-1', equipment, inUseByBatchId: undefined }, context()));
  };
  it('equipment is overdue when its calibration is due, and when nobody ever calibrated it', () => {
    expect([assign(at(NOW + 1)), assign(at(NOW)), assign(undefined)]).toEqual([undefined, 'equipment-calibration-overdue', 'equipment-calibration-overdue']);
  });
});

describe('limits', () => {
  it.each([[70, []], [69.999, ['DEV-1']], [100, []], [100.001, ['DEV-1']]])('belong to what they allow: a viability of %d raises %j', (value, deviations) => {
    expect(Object.keys(culturing().do((b) => recordValue(b, viability(value), context())).batch.deviations)).toEqual(deviations);
  });
  it.each([[1, undefined], [500, undefined], [500.001, 'value-out-of-limits']])('of a quantity of %d', (quantity, code) => {
    expect(codeOf(() => addMaterial(receiving().batch, { ...material('receipt', plenty), quantity }, context()))).toBe(code);
  });
  it.each([[70, true], [69.999, false], [1000, true]])('of a test result of %d', (value, isMet) => { expect(meetsSpecification(CONTENT.releaseSpecification[0]!, value)).toBe(isMet); });
  it('of a qualitative result are its exact words', () => {
    expect(['no growth', 'No growth', 'growth'].map((value) => meetsSpecification(CONTENT.releaseSpecification[1]!, value))).toEqual([true, false, false]);
    expect([meetsSpecification(CONTENT.releaseSpecification[0]!, '92'), meetsSpecification(CONTENT.releaseSpecification[1]!, 0)]).toEqual([false, false]);
  });
});

describe('what goes into a batch', () => {
  it('is the material that was asked for, whatever the label of its lot says', () => {
    const other = { ...lot(), materialId: 'buffer' };
    const test = received().do((b) => startPhase(b, 'culture', context()));
    expect(codeOf(() => addMaterial(test.batch, { ...material('culture', other), materialId: 'medium' }, context()))).toBe('material-wrong');
  });
  it('is a typed value only where the master batch record has one typed', () => {
    const origin = { kind: 'telemetry', metric: 'Temperature', statistic: 'mean', from: SOON, to: SOON, sampleCount: 1, samplesHash: 'a' } as const;
    expect(codeOf(() => recordValue(culturing().batch, { ...viability(90), origin }, context()))).toBe('value-wrong-type');
  });
  it('is corrected while it runs and once it is complete, not while it is held', () => {
    const correct = (test: TestBatch) => codeOf(() => correctValue(test.batch, { phaseId: 'culture', valueId: 'viability', value: 91, reason: 'misread', deviationId: 'D' }, responsible('op-1'), context()));
    expect([correct(cultured()), correct(completed()), correct(cultured().do((b) => holdBatch(b, 'why')))]).toEqual([undefined, undefined, 'batch-state-wrong']);
  });
  it('counts its corrections', () => {
    const correct = (test: TestBatch, value: number) => test.do((b) => correctValue(b, { phaseId: 'culture', valueId: 'viability', value, reason: 'misread', deviationId: 'D' }, responsible('op-1'), context()));
    const held = correct(correct(cultured(), 91), 92).batch.phases['culture']?.values['viability'];
    expect(held).toMatchObject({ value: 92, correctionCount: 2, origin: { kind: 'entered' } });
  });
});

describe('custody', () => {
  const offered = () => receiving().do((b) => offerCustody(b, offer(), responsible('op-2'), context()));
  const accept = (test: TestBatch, person = 'op-1') => acceptCustody(test.batch, acceptance(), responsible(person), context());
  it('is taken over once', () => {
    const test = offered();
    test.do(() => accept(test));
    expect(codeOf(() => accept(test))).toBe('custody-state-wrong');
  });
  it('is offered to one person at a time', () => { expect(codeOf(() => offerCustody(offered().batch, offer({ transferId: 'CUS-2', toPersonId: 'op-3' }), responsible('op-2'), context()))).toBe('custody-state-wrong'); });
  it('passes on in any phase under way: people change shifts', () => { expect(codeOf(() => offerCustody(culturing().batch, offer({ phaseId: 'culture', transferId: 'CUS-2', toPersonId: 'op-2', toPerson: person('op-2') }), responsible('op-1'), context()))).toBeUndefined(); });
  it('passes on while a batch is held, because cells do not wait, and never once it has ended', () => {
    const held = offered().do((b) => holdBatch(b, 'why'));
    const stopped = offered().do((b) => stopBatch(b, 'no growth', responsible('op-1')));
    expect([codeOf(() => accept(held)), codeOf(() => accept(stopped)), codeOf(() => offerCustody(stopped.batch, offer(), responsible('op-2'), context()))]).toEqual([undefined, 'batch-state-wrong', 'batch-state-wrong']);
  });
  it('of this phase, accepted, is what the phase waits for', () => {
    const ready = receiving().do((b) => addMaterial(b, material('receipt', cells), context()));
    const sign = (test: TestBatch) => codeOf(() => signPhase(test.batch, 'receipt', signature('op-1', 'performed'), context()));
    expect(sign(ready)).toBe('phase-incomplete');
    expect(sign(ready.do((b) => offerCustody(b, offer(), responsible('op-2'), context())))).toBe('phase-incomplete');
    expect(sign(ready.do(() => accept(ready)))).toBeUndefined();
  });
  it('of another phase is not enough', () => {
    const [upstream, ...others] = CONTENT.procedure;
    const [receive] = upstream!.operations;
    const twice = new TestBatch({ ...CONTENT, procedure: [{ ...upstream!, operations: [{ ...receive!, phases: receive!.phases.map((phase) => ({ ...phase, equipmentClassIds: [], materials: [], values: [], signatures: [], custodyTransfer: true })) }] }, ...others] });
    twice.do(() => [{ type: 'batch-started' }]).do((b) => startPhase(b, 'receipt', context())).do((b) => offerCustody(b, offer(), responsible('op-2'), context())).do((b) => acceptCustody(b, acceptance(), responsible('op-1'), context()))
      .do((b) => completePhase(b, 'receipt', context())).do((b) => startPhase(b, 'culture', context()));
    expect(codeOf(() => completePhase(twice.batch, 'culture', context()))).toBe('phase-incomplete');
  });
});

describe('phases', () => {
  it('wait for those before them in their unit procedure and for the unit procedures before theirs', () => {
    expect(codeOf(() => startPhase(receiving().batch, 'culture', context()))).toBe('phase-out-of-order');
    expect([codeOf(() => startPhase(culturing().batch, 'filling', context())), codeOf(() => startPhase(cultured().batch, 'filling', context()))]).toEqual(['phase-out-of-order', undefined]);
  });
  it('keep equipment that a later one wants, and free it after the last', () => {
    const [upstream, downstream, control] = CONTENT.procedure;
    const [fill] = downstream!.operations;
    const [filling] = fill!.phases;
    const content = { ...CONTENT, procedure: [upstream!, { ...downstream!, operations: [{ ...fill!, phases: [{ ...filling!, equipmentClassIds: ['bioreactor'], signatures: [] }] }] }, control!] };
    const test = new TestBatch(content);
    for (const event of cultured().events.slice(1).filter(({ type }) => type !== 'phase-completed' && type !== 'equipment-released')) test.do(() => [event, ...(event.type === 'custody-accepted' ? [{ type: 'phase-completed', phaseId: 'receipt' } as const] : [])]);
    test.do((b) => completePhase(b, 'culture', context()));
    expect(test.batch.equipment[0]?.to).toBeUndefined();
    const again = { deviationId: 'DEV-8', phaseId: 'filling', equipmentId: 'BIO-1', equipment: bioreactor, inUseByBatchId: test.batch.batchId };
    test.do((b) => startPhase(b, 'filling', context())).do((b) => assignEquipment(b, again, context())).do((b) => completePhase(b, 'filling', context()));
    expect(test.batch.equipment[0]?.to).toBeDefined();
  });
});

describe('a batch ends', () => {
  it('by abortion from idle too, by a stop only once it has begun, and never twice', () => {
    const stop = (test: TestBatch) => codeOf(() => stopBatch(test.batch, 'no growth', responsible('op-1')));
    expect([codeOf(() => abortBatch(new TestBatch().batch, 'no cells', responsible('op-1'))), stop(new TestBatch()), stop(started())]).toEqual([undefined, 'batch-state-wrong', undefined]);
    const ended = started().do((b) => stopBatch(b, 'no growth', responsible('op-1')));
    expect([stop(ended), codeOf(() => abortBatch(ended.batch, 'again', responsible('op-1')))]).toEqual(['batch-state-wrong', 'batch-state-wrong']);
  });
});

describe('quality', () => {
  it('raises a deviation of a phase that is in the master batch record', () => {
    expect(codeOf(() => raiseDeviation(started().batch, { deviationId: 'D', severity: 'minor', title: 't', detail: 'd', phaseId: 'nothing' }))).toBe('phase-not-found');
  });
  it('assesses a deviation and a gap once', () => {
    const test = cultured(60).do(() => [gap(true)]);
    const assess = () => assessDeviation(test.batch, 'DEV-1', { impact: 'none', rootCause: 'donor' }, signature('sci-1', 'review'));
    test.do(assess);
    expect(codeOf(assess)).toBe('deviation-state-wrong');
    const close = () => assessGap(test.batch, 'GAP-1', 'covered locally', signature('sci-1', 'review'));
    test.do(close);
    expect(codeOf(close)).toBe('gap-not-found');
  });
  it('is held up by a gap in a critical parameter and by no other', () => { expect([rulesOf(tested().do(() => [gap(true)])), rulesOf(tested().do(() => [gap(false)]))]).toEqual([['critical-gap-not-assessed'], []]); });
  it('wants a deviation for a value out of limits, and not just any of the phase', () => {
    const events = culturing().do((b) => recordValue(b, viability(60), context())).events.filter(({ type }) => type !== 'deviation-raised');
    const without = new TestBatch();
    for (const event of events.slice(1)) without.do(() => [event]);
    without.do((b) => raiseDeviation(b, { deviationId: 'D', severity: 'minor', title: 'Door', detail: 'd', phaseId: 'culture' }));
    expect(rulesOf(without)).toContain('excursion-without-deviation');
    expect(rulesOf(culturing().do((b) => recordValue(b, viability(60), context())))).not.toContain('excursion-without-deviation');
  });
  it('names a phase that one person performed and verified, however it came about', () => {
    const twice = completed().do(() => [{ type: 'phase-signed', phaseId: 'filling', signature: signature('op-1', 'verified') }]);
    expect(rulesOf(twice)).toContain('same-person-signed-twice');
    expect(rulesOf(completed())).not.toContain('same-person-signed-twice');
  });
  it('releases nothing that has not come to its end', () => { expect(rulesOf(culturing())).toContain('batch-not-complete'); });
  it('takes a review for the version it is of', () => {
    const test = reviewed().do(() => [gap(false)]);
    expect(codeOf(() => recordDisposition(test.batch, release, signature('qp-1', 'approval'), ['qualified-person']))).toBe('release-review-missing');
  });
  it('reviews again when its rules have changed', () => {
    const test = tested().do((b) => [{ type: 'review-performed', runId: 'old', ruleSetVersion: '0.9.0', reviewedVersion: b.version, openPoints: [] }]);
    expect(performReview(test.batch, 'new')).toMatchObject([{ type: 'review-performed', runId: 'new' }]);
  });
  it('stages a release only while results are outstanding, and takes late ones only then', () => {
    const sterile = (test: TestBatch) => recordTestResult(test.batch, { testId: 'sterility', value: 'no growth', method: 'culture', sampleId: 'S', deviationId: 'DEV-8' }, responsible('qc-1'));
    const dispose = (test: TestBatch) => test.do((b) => performReview(b, 'run')).do((b) => recordDisposition(b, release, signature('qp-1', 'approval'), ['qualified-person']));
    const whole = tested();
    whole.do(() => sterile(whole));
    expect(dispose(whole).batch.disposition?.staged).toBe(false);
    expect(codeOf(() => sterile(whole))).toBe('batch-already-dispositioned');
    expect(codeOf(() => recordTestResult(started().do((b) => stopBatch(b, 'x', responsible('op-1'))).batch, purity(92), responsible('qc-1')))).toBe('batch-state-wrong');
  });
});

describe('a record that can not be', () => {
  const recorded = (...events: readonly BatchEvent[]) => chainEvents(GENESIS_HASH, events.map((event, i) => ({ stream: { kind: 'batch', id: 'b' } as const, version: i + 1, recordedAt: at(NOW), actor: { kind: 'system', id: 's', version: '1' } as const, event })));
  const [created] = new TestBatch().events;
  it.each<readonly [string, readonly BatchEvent[]]>([
    ['begins with anything but its creation', [{ type: 'batch-started' }]], ['creates its batch twice', [created!, created!]], ['works in a phase nobody started', [created!, { type: 'phase-completed', phaseId: 'culture' }]],
  ])('is corrupt when it %s', (_, events) => { expect(codeOf(() => foldBatch(recorded(...events)))).toBe('record-corrupt'); });
  it('counts what was refused', () => {
    const refused = { type: 'action-refused', attempted: 'addMaterial', code: 'material-wrong', detail: 'd' } as const;
    expect(foldBatch(recorded(created!, refused, refused))).toMatchObject({ refusalCount: 2, version: 3 });
    expect(evolveBatch(undefined, recorded(created!)[0]!).refusalCount).toBe(0);
  });
});
