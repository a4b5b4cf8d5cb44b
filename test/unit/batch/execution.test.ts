import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { acceptCustody, offerCustody } from '../../../shared/batch/commands/custody.ts';
import { assessDeviation, assessGap, closeDeviation, raiseDeviation } from '../../../shared/batch/commands/deviation.ts';
import { assignEquipment } from '../../../shared/batch/commands/equipment.ts';
import { abortBatch, createBatch, holdBatch, resumeBatch, startBatch } from '../../../shared/batch/commands/life.ts';
import { addMaterial } from '../../../shared/batch/commands/material.ts';
import { completePhase, signPhase, startPhase } from '../../../shared/batch/commands/phase.ts';
import { performReview, recordDisposition, recordTestResult } from '../../../shared/batch/commands/quality.ts';
import { correctValue, recordValue } from '../../../shared/batch/commands/value.ts';
import { describeEvent } from '../../../shared/batch/describe.ts';
import { refusalOf } from '../../../shared/batch/refusal.ts';
import { networkStatusOf } from '../../../shared/batch/status.ts';
import { DomainError } from '../../../shared/errors.ts';
import { bedsideLabel } from '../../../shared/identity/label.ts';
import { composeCertificate } from '../../../shared/release/certificate.ts';
import { reviewRecord } from '../../../shared/release/review.ts';
import { bioreactor, cells, completed, cultured, culturing, dose, lot, material, PAST, purity, received, receiving, release, reviewed, second, SOON, started, tested, viability , acceptance, offerTo } from '../../support/batch-execution.ts';
import { COI, NOW, TestBatch, context, signature } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';

describe('executing a batch', () => {
  it('plays from receipt to a staged release with its certificate', () => {
    const test = reviewed().do((b) => recordDisposition(b, release, signature('qp-1', 'approval'), ['qualified-person']));
    expect(test.batch).toMatchObject({ state: 'complete', disposition: { disposition: 'release', staged: true } });
    expect(composeCertificate(test.batch)).toMatchObject({ staged: true, outstandingTests: ['sterility'], signatures: [{ printedName: 'Name of qp-1', meaning: 'approval' }] });
    expect(test.events.map((event) => describeEvent(event).what).every((line) => line.length > 5)).toBe(true);
  });
  it('runs unit procedures beside each other once their predecessors are complete', () => {
    const test = cultured().do((b) => startPhase(b, 'filling', context())).do((b) => startPhase(b, 'sampling', context()));
    expect(Object.values(test.batch.phases).filter(({ completedAt }) => completedAt === undefined).map(({ phaseId }) => phaseId)).toEqual(['filling', 'sampling']);
  });
  it('tells the network nothing of the patient', () => {
    expect(JSON.stringify(networkStatusOf(completed().batch, 'now'))).not.toContain(COI);
  });
  it('refuses to create what exists', () => {
    const { batchId, nodeId, productId, chainOfIdentityId, recipe } = started().batch;
    expect(codeOf(() => createBatch(started().batch, { batchId, nodeId, productId, chainOfIdentityId, recipe }))).toBe('batch-exists');
  });
  it('refuses a phase before its predecessors', () => { expect(codeOf(() => startPhase(started().batch, 'culture', context()))).toBe('phase-out-of-order'); });
  it('refuses to start a phase twice', () => { expect(codeOf(() => startPhase(receiving().batch, 'receipt', context()))).toBe('phase-state-wrong'); });
  it('refuses an unknown phase', () => { expect(codeOf(() => startPhase(started().batch, 'nothing', context()))).toBe('phase-not-found'); });
  it('refuses work on an idle batch', () => { expect(codeOf(() => startPhase(new TestBatch().batch, 'receipt', context()))).toBe('batch-state-wrong'); });
  it('refuses another role', () => { expect(codeOf(() => startPhase(started().batch, 'receipt', context({ roles: ['regulator'] })))).toBe('role-missing'); });
  it('refuses a person whose training has lapsed', () => { expect(codeOf(() => startPhase(started().batch, 'receipt', context({ trainingValidUntilEpochMs: { aseptic: NOW - 1 } })))).toBe('training-lapsed'); });
  it('blocks work while held and lets it go on after', () => {
    const held = receiving().do((b) => holdBatch(b, 'power failure'));
    expect(codeOf(() => addMaterial(held.batch, material('receipt', cells), context()))).toBe('batch-state-wrong');
    expect(held.do((b) => resumeBatch(b, 'power is back')).batch.state).toBe('running');
  });
  it('frees equipment when it is aborted', () => {
    expect(culturing().do((b) => abortBatch(b, 'contaminated', signature('op-1', 'responsibility'))).batch.equipment[0]?.to).toBeDefined();
  });
});

describe('materials, identity and equipment', () => {
  it.each([
    ['another patient\'s label', () => material('receipt', cells, { lotId: 'PAT-1', chainOfIdentityId: 'CZZZZZZZZZZF' }), 'chain-of-identity-mismatch'],
    ['another patient\'s lot under the right label', () => material('receipt', { ...cells, chainOfIdentityId: 'CZZZZZZZZZZF' }, { lotId: 'PAT-1', chainOfIdentityId: COI }), 'chain-of-identity-mismatch'],
    ['a patient material without a patient', () => material('receipt', cells, { lotId: 'PAT-1' }), 'chain-of-identity-mismatch'],
    ['a label of another lot', () => material('receipt', cells, { lotId: 'PAT-2', chainOfIdentityId: COI }), 'material-wrong'],
    ['a lot nobody registered', () => ({ ...material('receipt', cells), lot: undefined }), 'material-not-found'],
    ['an expired lot', () => material('receipt', { ...cells, expiresAt: PAST }), 'material-expired'],
    ['a lot in quarantine', () => material('receipt', { ...cells, status: 'quarantine' }), 'material-quarantined'],
    ['a rejected lot', () => material('receipt', { ...cells, status: 'rejected' }), 'material-quarantined'],
    ['a material the phase does not use', () => material('receipt', lot()), 'material-wrong'],
    ['a quantity out of limits', () => ({ ...material('receipt', cells), quantity: 501 }), 'value-out-of-limits'],
    ['a lot measured in another unit than the limits', () => material('receipt', { ...cells, unit: 'L' }), 'material-wrong'],
  ] as const)('refuses %s', (_, input, code) => {
    expect(codeOf(() => addMaterial(receiving().batch, input(), context()))).toBe(code);
  });
  it('never names the other patient in its refusal', () => {
    const attempt = () => addMaterial(receiving().batch, material('receipt', cells, { lotId: 'PAT-1', chainOfIdentityId: 'CZZZZZZZZZZF' }), context());
    expect(attempt).toThrow(DomainError);
    expect(attempt).not.toThrow(/CZZZ/);
  });
  it('keeps the refusal itself on record', () => {
    const test = receiving();
    try {
      addMaterial(test.batch, material('receipt', { ...cells, expiresAt: PAST }), context());
    } catch (error) {
      test.do(() => [refusalOf(error, 'addMaterial', 'receipt')!]);
    }
    expect(test.events.at(-1)).toMatchObject({ type: 'action-refused', attempted: 'addMaterial', code: 'material-expired', phaseId: 'receipt' });
    expect(refusalOf(new DomainError('request-malformed', 'x'), 'addMaterial')).toBeUndefined();
  });
  const assign = (own: object, inUseByBatchId?: string) => () => assignEquipment(received().do((b) => startPhase(b, 'culture', context())).batch, { deviationId: 'DEV-8', phaseId: 'culture', equipmentId: 'BIO-1', equipment: { ...bioreactor, ...own }, inUseByBatchId }, context());
  it('refuses equipment whose calibration is overdue', () => { expect(codeOf(assign({ calibrationDueAt: PAST }))).toBe('equipment-calibration-overdue'); });
  it('refuses equipment of another class', () => { expect(codeOf(assign({ equipmentClassId: 'scale' }))).toBe('equipment-wrong-class'); });
  it('refuses equipment that is out of use, whatever its calibration, and says since when and why', () => {
    const attempt = assign({ outOfUse: { since: PAST, reason: 'door seal torn' } });
    expect(codeOf(attempt)).toBe('equipment-out-of-use');
    expect(attempt).toThrow(new RegExp(`${PAST}: door seal torn`));
  });
  it('refuses equipment another batch uses', () => { expect(codeOf(assign({}, 'north-other'))).toBe('equipment-in-use'); });
  it('refuses equipment nobody registered', () => { expect(codeOf(() => assignEquipment(culturing().batch, { deviationId: 'DEV-8', phaseId: 'culture', equipmentId: 'X', equipment: undefined, inUseByBatchId: undefined }, context()))).toBe('equipment-not-found'); });
});

describe('values, signatures and custody', () => {
  it('raises a deviation by rule for a value out of its limits', () => {
    expect(culturing().do((b) => recordValue(b, viability(60), context())).batch.deviations['DEV-1']).toMatchObject({ rule: 'value-out-of-limits', state: 'open' });
  });
  it('refuses a value that must not be out of limits', () => { expect(codeOf(() => recordValue(culturing().batch, { ...dose, value: 9 }, context()))).toBe('value-out-of-limits'); });
  it.each([[{ valueId: 'x' }, 'value-not-found'], [{ value: 'ninety' }, 'value-wrong-type'], [{ value: Number.NaN }, 'value-wrong-type']] as const)('refuses %j', (own, code) => {
    expect(codeOf(() => recordValue(culturing().batch, { ...viability(90), ...own }, context()))).toBe(code);
  });
  it('changes a recorded value only as a signed correction that keeps the old one', () => {
    const test = culturing().do((b) => recordValue(b, viability(90), context()));
    expect(codeOf(() => recordValue(test.batch, viability(91), context()))).toBe('correction-reason-missing');
    test.do((b) => correctValue(b, { phaseId: 'culture', valueId: 'viability', value: 91, reason: 'misread', deviationId: 'DEV-3' }, signature('op-1', 'responsibility'), context()));
    expect(test.events.at(-1)).toMatchObject({ oldValue: 90, newValue: 91, reason: 'misread' });
  });
  it('refuses to sign unfinished work', () => { expect(codeOf(() => signPhase(culturing().batch, 'culture', signature('op-1', 'performed'), context()))).toBe('phase-incomplete'); });
  it('refuses to complete without its signatures', () => {
    const test = culturing().do((b) => recordValue(b, viability(90), context())).do((b) => recordValue(b, dose, context()));
    expect(codeOf(() => completePhase(test.batch, 'culture', context()))).toBe('signature-missing');
    expect(codeOf(() => signPhase(test.batch, 'culture', signature('op-1', 'verified'), context()))).toBe('signature-meaning-wrong');
  });
  it.each([[{}], [{ aseptic: NOW - 1 }]])('refuses the signature of a phase by a person trained until %j', (trainingValidUntilEpochMs) => {
    const test = culturing().do((b) => recordValue(b, viability(90), context())).do((b) => recordValue(b, dose, context()));
    expect(codeOf(() => signPhase(test.batch, 'culture', signature('op-1', 'performed'), context({ trainingValidUntilEpochMs })))).toBe('training-lapsed');
  });
  it('wants another person to verify', () => {
    const test = culturing().do((b) => recordValue(b, viability(90), context())).do((b) => recordValue(b, dose, context())).do((b) => signPhase(b, 'culture', signature('op-1', 'performed'), context()));
    expect(codeOf(() => signPhase(test.batch, 'culture', signature('op-1', 'verified'), context()))).toBe('signature-same-person');
  });
  const offer = (to: string) => offerCustody(receiving().batch, offerTo(to), signature('op-1', 'responsibility'), context());
  it('hands over between two people only', () => {
    expect(codeOf(() => offer('op-1'))).toBe('custody-same-person');
    const test = receiving().do(() => offer('op-2'));
    expect(codeOf(() => acceptCustody(test.batch, acceptance('CUS-1'), signature('op-3', 'responsibility'), context()))).toBe('custody-same-person');
    expect(codeOf(() => acceptCustody(test.batch, acceptance('CUS-9'), signature('op-2', 'responsibility'), context()))).toBe('custody-state-wrong');
  });
});

describe('deviations, review and disposition', () => {
  it('closes a deviation only after its assessment', () => {
    const test = cultured(60);
    expect(codeOf(() => closeDeviation(test.batch, 'DEV-1', { conclusion: 'done' }, signature('qa-1', 'approval')))).toBe('deviation-state-wrong');
    test.do((b) => assessDeviation(b, 'DEV-1', { impact: 'none', rootCause: 'donor' }, signature('sci-1', 'review'))).do((b) => closeDeviation(b, 'DEV-1', { conclusion: 'done' }, signature('qa-1', 'approval')));
    expect(test.batch.deviations['DEV-1']).toMatchObject({ state: 'closed', conclusion: 'done' });
    expect(codeOf(() => closeDeviation(test.batch, 'DEV-9', { conclusion: 'done' }, signature('qa-1', 'approval')))).toBe('deviation-not-found');
  });
  const dispose = (test: TestBatch, roles: readonly 'qualified-person'[] = ['qualified-person']) => codeOf(() => recordDisposition(test.batch, release, signature('qp-1', 'approval'), roles));
  it('refuses to release without review, with open points, or by anyone else', () => {
    expect(dispose(tested())).toBe('release-review-missing');
    expect(dispose(tested(60).do((b) => performReview(b, 'run')))).toBe('batch-open-points');
    expect(dispose(completed(60).do((b) => performReview(b, 'run')))).toBe('batch-open-points');
    expect(dispose(reviewed(), [])).toBe('role-missing');
    expect(dispose(cultured())).toBe('batch-state-wrong');
  });
  it('refuses to release while a critical telemetry gap is not assessed', () => {
    const test = reviewed().do(() => [{ type: 'telemetry-gap-recorded', gapId: 'GAP-1', edgeNodeId: 'e', deviceId: 'd', from: SOON, to: SOON, lostMessages: 3, cause: 'sequence', critical: true }]);
    expect(dispose(test)).toBe('batch-open-points');
    test.do((b) => assessGap(b, 'GAP-1', 'covered locally', signature('sci-1', 'review'))).do((b) => performReview(b, 'run-2'));
    expect(dispose(test)).toBeUndefined();
    expect(codeOf(() => assessGap(test.batch, 'GAP-1', 'again', signature('sci-1', 'review')))).toBe('gap-not-found');
  });
  it('takes nothing after a disposition but the staged results', () => {
    const test = reviewed().do((b) => recordDisposition(b, release, signature('qp-1', 'approval'), ['qualified-person']));
    expect(dispose(test)).toBe('batch-already-dispositioned');
    expect(raiseDeviation(test.batch, { deviationId: 'D', severity: 'minor', title: 't', detail: 'd' })).toMatchObject([{ type: 'deviation-raised', afterRelease: true }]);
    expect(codeOf(() => recordTestResult(test.batch, purity(99), signature('qc-1', 'responsibility')))).toBe('batch-already-dispositioned');
    expect(test.do((b) => recordTestResult(b, { testId: 'sterility', value: 'no growth', method: 'culture', sampleId: 'S', deviationId: 'DEV-8' }, signature('qc-1', 'responsibility'))).batch.results['sterility']?.at(-1)?.value).toBe('no growth');
  });
  it('refuses results of unknown tests and wrong types', () => {
    expect(codeOf(() => recordTestResult(completed().batch, { ...purity(1), testId: 'x' }, signature('qc-1', 'responsibility')))).toBe('test-not-found');
    expect(codeOf(() => recordTestResult(completed().batch, { ...purity(1), value: 'high' }, signature('qc-1', 'responsibility')))).toBe('test-result-wrong-type');
  });
  it('rejects at any time before', () => {
    expect(received().do((b) => recordDisposition(b, { disposition: 'reject', reason: 'withdrawn', isPublished: false }, signature('qp-1', 'approval'), ['qualified-person'])).batch.disposition?.disposition).toBe('reject');
  });
  it('waits for the checkpoint that covers the record, but to reject a batch that is still being made', () => {
    const decide = (test: TestBatch, disposition: 'release' | 'reject') => codeOf(() => recordDisposition(test.batch, { ...release, disposition, isPublished: false }, signature('qp-1', 'approval'), ['qualified-person']));
    expect(decide(reviewed(), 'release')).toBe('record-not-published');
    expect(decide(reviewed(), 'reject')).toBe('record-not-published');
    expect(decide(received(), 'reject')).toBeUndefined();
  });
  it('reviews the same record to the same result', () => {
    const { batch } = tested();
    expect(reviewRecord(batch)).toEqual(reviewRecord(batch));
    expect(performReview(reviewed().batch, 'run-2')).toEqual([]);
  });
});

it('no sequence of attempts completes a phase without its signatures, or releases with something open', () => {
  const attempts = [
    (t: TestBatch) => t.do((b) => startBatch(b, b.recipe)), (t: TestBatch) => t.do((b) => startPhase(b, 'receipt', context())), (t: TestBatch) => t.do((b) => addMaterial(b, material('receipt', cells), context())),
    (t: TestBatch) => t.do((b) => offerCustody(b, offerTo(), signature('op-2', 'responsibility'), second)),
    (t: TestBatch) => t.do((b) => acceptCustody(b, acceptance('CUS-1'), signature('op-1', 'responsibility'), context())), (t: TestBatch) => t.do((b) => holdBatch(b, 'why')), (t: TestBatch) => t.do((b) => resumeBatch(b, 'why')),
    (t: TestBatch) => t.do((b) => signPhase(b, 'receipt', signature('op-1', 'performed'), context())), (t: TestBatch) => t.do((b) => signPhase(b, 'receipt', signature('op-2', 'verified'), second)),
    (t: TestBatch) => t.do((b) => completePhase(b, 'receipt', context())), (t: TestBatch) => t.do((b) => startPhase(b, 'culture', context())), (t: TestBatch) => t.do((b) => performReview(b, 'run')),
    (t: TestBatch) => t.do((b) => recordDisposition(b, release, signature('qp-1', 'approval'), ['qualified-person'])), (t: TestBatch) => t.do((b) => raiseDeviation(b, { deviationId: 'D', severity: 'minor', title: 't', detail: 'd' })),
  ];
  fc.assert(fc.property(fc.array(fc.nat({ max: attempts.length - 1 }), { maxLength: 60 }), (choices) => {
    const test = new TestBatch();
    for (const choice of choices) {
      try {
        attempts[choice]!(test);
      } catch (error) {
        expect(error).toBeInstanceOf(DomainError);
      }
    }
    const { phases, disposition, version } = test.batch;
    expect(version).toBe(test.events.length);
    for (const each of Object.values(phases)) if (each.completedAt !== undefined) expect(new Set(each.signatures.map(({ signerId }) => signerId)).size).toBe(2);
    if (disposition?.disposition === 'release') expect(reviewRecord(test.batch)).toEqual([]);
  }));
});

it('writes and reads labels, and refuses what was misread', () => {
  expect(bedsideLabel.decode('BED1|LOT:LOT-1')).toEqual({ lotId: 'LOT-1' });
  expect(codeOf(() => bedsideLabel.decode('BED1|LOT:LOT-1|COI:CABCDEFGHJKX'))).toBe('label-malformed');
  expect(codeOf(() => bedsideLabel.decode('LOT-1'))).toBe('label-malformed');
});
