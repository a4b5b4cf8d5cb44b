import { describe, expect, it } from 'vitest';
import { assignEquipment } from '../../../shared/batch/commands/equipment.ts';
import { addMaterial } from '../../../shared/batch/commands/material.ts';
import { completePhase, signPhase } from '../../../shared/batch/commands/phase.ts';
import { correctValue, recordValue } from '../../../shared/batch/commands/value.ts';
import type { BatchEvent } from '../../../shared/batch/events.ts';
import type { Batch } from '../../../shared/batch/state.ts';
import { bioreactor, cultured, culturing, dose, finish, lot, material, second, viability } from '../../support/batch-execution.ts';
import { context, signature, type TestBatch } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';

const valued = () => culturing().do((b) => recordValue(b, viability(90), context())).do((b) => recordValue(b, dose, context()));
const sign = (test: TestBatch, person: string, meaning: 'performed' | 'verified') => test.do((b) => signPhase(b, 'culture', signature(person, meaning), person === 'op-1' ? context() : second));
const signed = () => sign(sign(valued(), 'op-1', 'performed'), 'op-2', 'verified');
const correct = (batch: Batch, valueId: string, value: number) => correctValue(batch, { phaseId: 'culture', valueId, value, reason: 'misread', deviationId: 'DEV-9' }, signature('op-1', 'responsibility'), context());
const voided = { type: 'phase-signatures-voided', phaseId: 'culture' };

describe('work after a signature', () => {
  it.each<readonly [string, (batch: Batch) => readonly BatchEvent[]]>([
    ['a material', (batch) => addMaterial(batch, material('culture', lot()), context())],
    ['another piece of equipment', (batch) => assignEquipment(batch, { deviationId: 'DEV-8', phaseId: 'culture', equipmentId: 'BIO-2', equipment: { ...bioreactor, equipmentId: 'BIO-2' }, inUseByBatchId: undefined }, context())],
    ['a correction', (batch) => correct(batch, 'viability', 91)],
    ['a correction out of limits', (batch) => correct(batch, 'viability', 60)],
  ])('voids it, on record, and everybody signs again: %s', (_, work) => {
    const test = signed().do(work);
    expect(test.events.at(-1)).toEqual(voided);
    expect(codeOf(() => completePhase(test.batch, 'culture', context()))).toBe('signature-missing');
    expect(finish(test, 'culture').batch.phases['culture']?.completedAt).toBeDefined();
  });
  it('voids a first signature before the second is given', () => { expect(correct(sign(valued(), 'op-1', 'performed').batch, 'viability', 91)).toContainEqual(voided); });
  it('that changes nothing voids nothing', () => { expect(signed().do((b) => assignEquipment(b, { deviationId: 'DEV-8', phaseId: 'culture', equipmentId: 'BIO-1', equipment: bioreactor, inUseByBatchId: 'north-20260302-TEST01' }, context())).batch.phases['culture']?.signatures).toHaveLength(2); });
  it('of a phase that is complete is a correction alone, and its signatures stay as they were given', () => { expect(correct(cultured().batch, 'viability', 91)).toMatchObject([{ type: 'value-corrected' }]); });
});

describe('a value that is refused out of its limits', () => {
  it('is not corrected to there either', () => { expect([codeOf(() => correct(valued().batch, 'dose', 150)), codeOf(() => correct(cultured().batch, 'dose', 150)), codeOf(() => correct(valued().batch, 'dose', 1.6))]).toEqual(['value-out-of-limits', 'value-out-of-limits', undefined]); });
});
