import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptCustody, offerCustody } from '../../../shared/batch/commands/custody.ts';
import { holdBatch } from '../../../shared/batch/commands/life.ts';
import { correctMaterial, type CorrectMaterial } from '../../../shared/batch/commands/material-correction.ts';
import { addMaterial } from '../../../shared/batch/commands/material.ts';
import { completePhase, signPhase } from '../../../shared/batch/commands/phase.ts';
import { recordDisposition } from '../../../shared/batch/commands/quality.ts';
import { summaryOf } from '../../../shared/batch/status.ts';
import { reviewRecord } from '../../../shared/release/review.ts';
import { evolveMaterialLot, redrawnFrom, sumOf, type MaterialLot, type MaterialLotEvent } from '../../../shared/registers/material-lot.ts';
import { acceptance, cells, completed, cultured, culturing, lot, material, offerTo, received, receiving, release, reviewed, second } from '../../support/batch-execution.ts';
import { context, NOW, signature, type TestBatch } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';

const responsible = signature('op-1', 'responsibility');
const plenty = { ...cells, quantity: 100_000 };
/** The last scan in a phase. */
const lastScan = ({ batch }: TestBatch, phaseId: string) => batch.phases[phaseId]!.materials.at(-1)!;
const correction = (test: TestBatch, phaseId: string, quantity: number, own: Partial<CorrectMaterial> = {}): CorrectMaterial =>
  ({ phaseId, lotId: lastScan(test, phaseId).lotId, scanVersion: lastScan(test, phaseId).version, quantity, reason: 'misread the scale', lot: phaseId === 'receipt' ? plenty : lot({ drawn: 10 }), ...own });
const correct = (test: TestBatch, phaseId: string, quantity: number, own: Partial<CorrectMaterial> = {}, who = context()) => codeOf(() => correctMaterial(test.batch, correction(test, phaseId, quantity, own), responsible, who));
const corrected = (test: TestBatch, phaseId: string, quantity: number): TestBatch => test.do((b) => correctMaterial(b, correction(test, phaseId, quantity), responsible, context()));
const scanned = (...quantities: readonly number[]) => quantities.reduce((test, quantity) => test.do((b) => addMaterial(b, { ...material('receipt', plenty), quantity }, context())), receiving());

describe('the correction of a scan', () => {
  it('keeps old and new quantity, the reason and the signature, and the scan stands as corrected', () => {
    const test = corrected(culturing(), 'culture', 4);
    expect(test.events.at(-1)).toEqual({ type: 'material-corrected', phaseId: 'culture', materialId: 'medium', lotId: 'LOT-1', scanVersion: lastScan(test, 'culture').version, oldQuantity: 10, newQuantity: 4, unit: 'mL', reason: 'misread the scale', signature: responsible });
    expect(test.batch.phases['culture']?.materials).toMatchObject([{ lotId: 'LOT-1', quantity: 4 }]);
    expect(corrected(test, 'culture', 6).events.at(-1)).toMatchObject({ oldQuantity: 4, newQuantity: 6 });
  });
  it('is of the one scan it names, whatever else was scanned of the lot', () => {
    const test = corrected(scanned(80, 20), 'receipt', 5);
    expect(test.batch.phases['receipt']?.materials.map(({ quantity }) => quantity)).toEqual([80, 5]);
  });
  it.each<readonly [string, Partial<CorrectMaterial>]>([['another lot', { lotId: 'LOT-2' }], ['another version', { scanVersion: 3 }], ['a phase not begun', { phaseId: 'filling' }]])('of %s is of no scan', (_, own) => {
    expect(correct(culturing(), 'culture', 4, own)).toBe('material-scan-not-found');
  });
  it('of an unknown phase, or of a lot that is not registered, is refused', () => {
    expect([correct(culturing(), 'culture', 4, { phaseId: 'nothing' }), correct(culturing(), 'culture', 4, { lot: undefined })]).toEqual(['phase-not-found', 'material-not-found']);
  });
  it('is for a person who could have scanned it, and who answers for it', () => {
    const test = culturing();
    expect(correct(test, 'culture', 4, {}, context({ roles: ['quality-reviewer'] }))).toBe('role-missing');
    expect(correct(test, 'culture', 4, {}, context({ trainingValidUntilEpochMs: { aseptic: NOW - 1 } }))).toBe('training-lapsed');
    expect(codeOf(() => correctMaterial(test.batch, correction(test, 'culture', 4), signature('op-1', 'performed'), context()))).toBe('signature-meaning-wrong');
  });
  it('is made while a value may be corrected: running or complete, and not decided on', () => {
    const decided = reviewed().do((b) => recordDisposition(b, release, signature('qp-1', 'approval'), ['qualified-person']));
    expect([correct(completed(), 'culture', 4), correct(culturing().do((b) => holdBatch(b, 'power failure')), 'culture', 4), correct(decided, 'culture', 4)]).toEqual([undefined, 'batch-state-wrong', 'batch-already-dispositioned']);
  });
  it('voids the signatures of a phase under way, and leaves those of a complete one', () => {
    const signed = scanned(80).do((b) => offerCustody(b, offerTo(), signature('op-2', 'responsibility'), second)).do((b) => acceptCustody(b, acceptance(), responsible, context())).do((b) => signPhase(b, 'receipt', signature('op-1', 'performed'), context()));
    expect(corrected(signed, 'receipt', 70).events.slice(-2)).toMatchObject([{ type: 'material-corrected' }, { type: 'phase-signatures-voided', phaseId: 'receipt' }]);
    expect(corrected(cultured(), 'culture', 4).batch.phases['culture']?.signatures).toHaveLength(2);
  });
});

describe('limits after a correction', () => {
  it('are of all scans in the phase, to the very limit', () => {
    expect([correct(scanned(400, 50), 'receipt', 100), correct(scanned(400, 50), 'receipt', 100.001)]).toEqual([undefined, 'value-out-of-limits']);
  });
  it('forbid to sign a phase that has too little left, where more can still be scanned', () => {
    const test = corrected(scanned(80), 'receipt', 0);
    const complete = () => { try { completePhase(test.batch, 'receipt', context()); return ''; } catch (error) { return (error as Error).message; } };
    expect(complete()).toContain('material cells');
    test.do((b) => addMaterial(b, { ...material('receipt', plenty), quantity: 1 }, context()));
    expect(complete()).not.toContain('cells');
  });
  it('keep a complete phase from having too little: a deviation says so', () => {
    expect([correct(received(), 'receipt', 1), correct(received(), 'receipt', 0.5), correct(received(), 'receipt', 0), correct(cultured(), 'culture', 0)]).toEqual([undefined, 'value-out-of-limits', 'value-out-of-limits', 'value-out-of-limits']);
  });
  it('leave nothing open for the review of a batch whose phases have what they need', () => {
    const before = reviewRecord(completed().batch);
    expect(reviewRecord(corrected(completed(), 'culture', 4).batch)).toEqual(before);
  });
});

describe('a lot after a correction', () => {
  it('gives no more than it has, to its own batch and to all together', () => {
    const counted = culturing().do((b) => addMaterial(b, { ...material('culture', lot()), lotVersion: 3 }, context()));
    expect([correct(culturing(), 'culture', 100), correct(culturing(), 'culture', 101)]).toEqual([undefined, 'material-exhausted']);
    expect([correct(counted, 'culture', 30, { lot: lot({ drawn: 80 }) }), correct(counted, 'culture', 31, { lot: lot({ drawn: 80 }) })]).toEqual([undefined, 'material-exhausted']);
  });
  it('may be corrected downwards whatever it has left', () => { expect(correct(culturing(), 'culture', 9, { lot: lot({ drawn: 1000 }) })).toBeUndefined(); });
  it('of the patient counts by phase, and is none of those taken over once it was not used', () => {
    expect([correct(scanned(80), 'receipt', 100, { lot: cells }), correct(scanned(80), 'receipt', 101, { lot: cells })]).toEqual([undefined, 'material-exhausted']);
    const test = corrected(scanned(80), 'receipt', 0).do((b) => addMaterial(b, { ...material('receipt', { ...plenty, lotId: 'PAT-2' }), quantity: 80 }, context()));
    test.do((b) => offerCustody(b, offerTo(), signature('op-2', 'responsibility'), second));
    const accept = (lotId: string) => codeOf(() => acceptCustody(test.batch, acceptance('CUS-1', { lotId, chainOfIdentityId: test.batch.chainOfIdentityId }), responsible, context()));
    expect([accept('PAT-1'), accept('PAT-2')]).toEqual(['material-wrong', undefined]);
  });
  it('is named as unused by the summary while none of its scans stands', () => {
    const test = scanned(80, 20);
    expect(summaryOf(test.batch)).not.toHaveProperty('unusedLotIds');
    expect(summaryOf(corrected(test, 'receipt', 0).batch)).not.toHaveProperty('unusedLotIds');
    const unused = corrected(scanned(80), 'receipt', 0);
    expect(summaryOf(unused.batch)['unusedLotIds']).toEqual(['PAT-1']);
    expect(summaryOf(corrected(unused, 'receipt', 80).batch)).not.toHaveProperty('unusedLotIds');
  });
  it('gets back the difference, never less than nothing, and its record has no negative quantity', () => {
    expect([redrawnFrom(lot(), { before: 0.3, after: 0.1 }), redrawnFrom(lot(), { before: 10, after: 60 }), redrawnFrom(lot(), { before: 7, after: 7 })])
      .toEqual([[{ type: 'material-lot-returned', quantity: 0.2, unit: 'mL' }], [{ type: 'material-lot-drawn', quantity: 50, unit: 'mL' }], []]);
    const fold = (held: MaterialLot, events: readonly MaterialLotEvent[]) => events.reduce((state, event) => evolveMaterialLot(state, { event, stream: { kind: 'material-lot', id: 'LOT-1' } } as never), held);
    const quantity = fc.double({ min: 1e-9, max: 1e12, noNaN: true });
    fc.assert(fc.property(quantity, quantity, quantity, (others, before, after) => {
      const events = redrawnFrom(lot(), { before, after });
      for (const event of events) expect('quantity' in event && event.quantity > 0).toBe(true);
      const { drawn } = fold(lot({ drawn: sumOf([others, before]) }), events);
      expect(drawn).toBeGreaterThanOrEqual(0);
      expect(Math.abs(drawn - (others + after))).toBeLessThanOrEqual((others + before + after) * 1e-10);
    }));
  });
});
