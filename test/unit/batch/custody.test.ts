import { describe, expect, it } from 'vitest';
import { acceptCustody, offerCustody, withdrawCustody } from '../../../shared/batch/commands/custody.ts';
import { holdBatch } from '../../../shared/batch/commands/life.ts';
import { addMaterial } from '../../../shared/batch/commands/material.ts';
import { signPhase } from '../../../shared/batch/commands/phase.ts';
import { openTransfers } from '../../../shared/batch/custody.ts';
import type { Label } from '../../../shared/identity/label.ts';
import type { Person } from '../../../shared/registers/person.ts';
import { reviewRecord } from '../../../shared/release/review.ts';
import { acceptance, cells, completed, material, offerTo, person, receiving } from '../../support/batch-execution.ts';
import { COI, NOW, OTHER_COI, context, signature, type TestBatch } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';

const responsible = (id: string) => signature(id, 'responsibility');
const offer = (test: TestBatch, from: string, to: string, own: Readonly<{ transferId?: string; reason?: string; toPerson?: Person | undefined; who?: Parameters<typeof context>[0] }> = {}) => {
  const { who, ...offered } = own;
  return offerCustody(test.batch, { ...offerTo(to), ...offered }, responsible(from), context({ id: from, ...who }));
};
const accept = (test: TestBatch, by: string, transferId = 'CUS-1', label?: Label) => acceptCustody(test.batch, acceptance(transferId, label), responsible(by), context({ id: by }));
const handed = (): TestBatch => {
  const test = receiving().do((b) => addMaterial(b, material('receipt', cells), context()));
  test.do(() => offer(test, 'a', 'b'));
  return test.do(() => accept(test, 'b'));
};

describe('a chain of custody', () => {
  it('goes on from who has the material, and from nobody else', () => {
    const test = handed();
    expect(test.batch.custodianId).toBe('b');
    expect([codeOf(() => offer(test, 'x', 'y', { transferId: 'CUS-2' })), codeOf(() => offer(test, 'a', 'c', { transferId: 'CUS-2' })), codeOf(() => offer(test, 'b', 'c', { transferId: 'CUS-2' }))]).toEqual(['custody-not-held', 'custody-not-held', undefined]);
  });
  it('goes on without the holder by quality alone, with a reason, as a deviation', () => {
    const test = handed();
    const quality = { roles: ['quality-reviewer'], trainingValidUntilEpochMs: {} } as const;
    expect([codeOf(() => offer(test, 'qa', 'c', { transferId: 'CUS-2', who: quality })), codeOf(() => offer(test, 'x', 'c', { transferId: 'CUS-2', reason: 'ill' }))]).toEqual(['custody-not-held', 'custody-not-held']);
    expect(offer(test, 'qa', 'c', { transferId: 'CUS-2', reason: 'the holder is ill', who: quality })).toMatchObject([{ type: 'custody-offered', onBehalfOf: 'b', reason: 'the holder is ill' }, { type: 'deviation-raised', severity: 'major', rule: 'custody-not-held' }]);
  });
  it('names a receiver who can accept: registered, and active', () => {
    expect([codeOf(() => offer(receiving(), 'a', 'nobody', { toPerson: undefined })), codeOf(() => offer(receiving(), 'a', 'b', { toPerson: person('b', { standing: 'suspended' }) }))]).toEqual(['person-not-registered', 'person-not-active']);
  });
  it('is of trained people, on both sides', () => {
    const lapsed = { trainingValidUntilEpochMs: { aseptic: NOW - 1 } };
    const test = receiving();
    expect(codeOf(() => offer(test, 'a', 'b', { who: lapsed }))).toBe('training-lapsed');
    test.do(() => offer(test, 'a', 'b'));
    expect(codeOf(() => acceptCustody(test.batch, acceptance(), responsible('b'), context(lapsed)))).toBe('training-lapsed');
  });
  it('takes over nothing but this patient\'s, by its label', () => {
    const test = receiving().do((b) => addMaterial(b, material('receipt', cells), context()));
    test.do(() => offer(test, 'a', 'b'));
    const label = (lotId: string, chainOfIdentityId?: string) => codeOf(() => accept(test, 'b', 'CUS-1', chainOfIdentityId === undefined ? { lotId } : { lotId, chainOfIdentityId }));
    expect([label('PAT-1', OTHER_COI), label('PAT-1'), label('PAT-9', COI), label('PAT-1', COI), label(test.batch.batchId, COI)]).toEqual(['chain-of-identity-mismatch', 'chain-of-identity-mismatch', 'material-wrong', undefined, undefined]);
  });
});

describe('an offer nobody accepts', () => {
  const offered = () => {
    const test = handed();
    return test.do(() => offer(test, 'b', 'c', { transferId: 'CUS-2' }));
  };
  const withdraw = (test: TestBatch, by: string, roles: readonly ('operator' | 'qualified-person')[] = ['operator']) => withdrawCustody(test.batch, 'CUS-2', 'called away', responsible(by), context({ id: by, roles }));
  it('is taken back by who made it or by quality, and the material stays where it was', () => {
    expect([codeOf(() => withdraw(offered(), 'c')), codeOf(() => withdraw(offered(), 'qp', ['qualified-person']))]).toEqual(['custody-not-held', undefined]);
    const test = offered().do((b) => holdBatch(b, 'why'));
    test.do(() => withdraw(test, 'b'));
    expect([openTransfers(test.batch), test.batch.custodianId, codeOf(() => withdraw(test, 'b')), codeOf(() => offer(test, 'b', 'd', { transferId: 'CUS-3' }))]).toEqual([[], 'b', 'custody-state-wrong', undefined]);
  });
  it('keeps its phase from being signed', () => { expect(codeOf(() => signPhase(offered().batch, 'receipt', signature('op-1', 'performed'), context()))).toBe('phase-incomplete'); });
  it('from before, left open at the end, can still be accepted or withdrawn', () => {
    const test = completed().do(() => [{ type: 'custody-offered', transferId: 'CUS-2', phaseId: 'receipt', toPersonId: 'c', location: 'Room 1', signature: responsible('b') }]);
    expect(reviewRecord(test.batch).map(({ rule }) => rule)).toContain('custody-not-accepted');
    expect(codeOf(() => accept(test, 'c', 'CUS-2'))).toBeUndefined();
    test.do(() => withdraw(test, 'b'));
    expect(reviewRecord(test.batch).map(({ rule }) => rule)).not.toContain('custody-not-accepted');
  });
});
