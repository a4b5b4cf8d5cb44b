import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evolveChainOfIdentity, requireChainOfIdentity } from '../../../shared/identity/chain-of-identity.ts';
import { checkCharacter, hasValidCheckCharacter } from '../../../shared/identity/check-character.ts';
import { batchIdFrom, chainOfIdentityIdFrom, identifierFrom, isOwnName, requireChainOfIdentityId } from '../../../shared/identity/identifiers.ts';
import { bedsideLabel } from '../../../shared/identity/label.ts';
import { chainEvents } from '../../../shared/record/chain.ts';
import { GENESIS_HASH } from '../../../shared/record/envelope.ts';
import { evolveEquipment } from '../../../shared/registers/equipment.ts';
import { evolveMaterialLot } from '../../../shared/registers/material-lot.ts';
import { evolvePerson, trainingOf } from '../../../shared/registers/person.ts';
import { COI, OTHER_COI } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';

const recorded = <Event>(event: Event) => chainEvents(GENESIS_HASH, [{ stream: { kind: 'chain-of-identity', id: COI } as const, version: 1, recordedAt: '2026-03-02T14:05:09.120Z', actor: { kind: 'system', id: 's', version: '1' } as const, event }])[0]!;

describe('identifiers', () => {
  it('use each of thirty-two characters alike, none of which is taken for another', () => {
    const characters = new Set(Array.from({ length: 256 }, (_, byte) => identifierFrom('DEV', new Uint8Array(10).fill(byte)).slice(-1)));
    expect([...characters].toSorted().join('')).toBe('0123456789ABCDEFGHJKMNPQRSTVWXYZ');
  });
  it('want as many random bytes as they have characters', () => {
    expect(() => chainOfIdentityIdFrom(new Uint8Array(9))).toThrow(RangeError);
    expect(() => batchIdFrom('north', 0, new Uint8Array(5))).toThrow(RangeError);
    expect(chainOfIdentityIdFrom(new Uint8Array(10).fill(31))).toBe(OTHER_COI);
  });
  it('depend on every byte', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 10, maxLength: 10 }), fc.nat({ max: 9 }), (bytes, at) => {
      const other = bytes.map((byte, i) => (i === at ? byte + 1 : byte));
      expect(chainOfIdentityIdFrom(other)).not.toBe(chainOfIdentityIdFrom(bytes));
    }));
  });
  it.each([['constructor', false], ['toString', false], ['__proto__', false], ['valueOf', false], ['culture', true], ['Constructor', true]])('%s is ours to give: %s', (name, isOurs) => { expect(isOwnName(name)).toBe(isOurs); });
});

describe('what was scanned', () => {
  it.each([COI.slice(0, -1), `${COI}0`, COI.toLowerCase(), `D${COI.slice(1)}`, ` ${COI}`, '', COI.replace('A', 'B')])('is no chain of identity: %j', (text) => { expect(codeOf(() => requireChainOfIdentityId(text))).toBe('label-malformed'); });
  it.each(['', 'A', 'a1', 'A*1', 'Ä1'])('has no valid check character: %j', (text) => { expect(hasValidCheckCharacter(text)).toBe(false); });
  it.each(['a', '*', ' ', 'Ä'])('has no check character at all with %j in it', (character) => { expect(codeOf(() => checkCharacter(`1${character}2`))).toBe('label-malformed'); });
  it('reads back what was written, with or without a patient', () => {
    for (const label of [{ lotId: 'LOT-1' }, { lotId: 'PAT_1.a*', chainOfIdentityId: COI }]) expect(bedsideLabel.decode(bedsideLabel.encode(label))).toEqual(label);
    expect(codeOf(() => bedsideLabel.encode({ lotId: 'LOT-1', chainOfIdentityId: 'CABCDEFGHJKX' }))).toBe('label-malformed');
  });
  it.each([`BED1|LOT:L|COI:${COI}0`, `BED1|LOT:L|COI:${COI}|X:1`, 'BED2|LOT:L', 'BED1|LOT:', `BED1|LOT:${'L'.repeat(65)}`, 'bed1|lot:l', ` BED1|LOT:L`, 'BED1|LOT:L\n', `BED1|COI:${COI}|LOT:L`, 'BED1|LOT:L|COI:'])('is no label: %j', (text) => {
    expect(codeOf(() => bedsideLabel.decode(text))).toBe('label-malformed');
  });
});

describe('a therapy event', () => {
  const registered = evolveChainOfIdentity(undefined, recorded({ type: 'chain-of-identity-registered', chainOfIdentityId: COI, productId: 'p' }));
  it('keeps every batch made for it, in order', () => {
    const bound = ['b-1', 'b-2'].reduce((state, batchId) => evolveChainOfIdentity(state, recorded({ type: 'batch-bound', batchId })), registered);
    expect(bound).toEqual({ chainOfIdentityId: COI, productId: 'p', batchIds: ['b-1', 'b-2'], registeredAt: '2026-03-02T14:05:09.120Z' });
  });
  it('is for the product it was registered for', () => {
    expect(requireChainOfIdentity(registered, COI, 'p')).toBe(registered);
    expect([codeOf(() => requireChainOfIdentity(registered, COI, 'q')), codeOf(() => requireChainOfIdentity(undefined, COI, 'p'))]).toEqual(['chain-of-identity-mismatch', 'chain-of-identity-not-found']);
  });
});

it('no register entry begins in the middle', () => {
  expect(codeOf(() => evolveChainOfIdentity(undefined, recorded({ type: 'batch-bound', batchId: 'b' })))).toBe('record-corrupt');
  expect(codeOf(() => evolveEquipment(undefined, recorded({ type: 'equipment-calibrated', calibratedAt: 'x', dueAt: 'x', certificateReference: 'x' })))).toBe('record-corrupt');
  expect(codeOf(() => evolveMaterialLot(undefined, recorded({ type: 'material-lot-released', reason: 'x', signature: {} as never })))).toBe('record-corrupt');
  expect(codeOf(() => evolvePerson(undefined, recorded({ type: 'training-recorded', courseId: 'x', completedAt: 'x', validUntil: 'x' })))).toBe('record-corrupt');
  expect(trainingOf(undefined)).toEqual({});
});
