import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkCharacter, hasValidCheckCharacter } from '../../../shared/identity/check-character.ts';
import { batchIdFrom, chainOfIdentityIdFrom, requireChainOfIdentityId } from '../../../shared/identity/identifiers.ts';
import { chainEvents, verifyChain } from '../../../shared/record/chain.ts';
import { canonicalJson } from '../../../shared/record/canonical-json.ts';
import { GENESIS_HASH } from '../../../shared/record/envelope.ts';
import { executeSignature } from '../../../shared/record/signature.ts';
import { keyOf } from '../../../shared/storage/keys.ts';
import { codeOf } from '../../support/error-code.ts';

const NOW = Date.parse('2026-03-02T14:05:09.120Z');
const stream = { kind: 'batch', id: 'b' } as const;
const actor = { kind: 'system', id: 's', version: '1' } as const;
const chain = (count: number) => chainEvents(GENESIS_HASH, Array.from({ length: count }, (_, i) => ({ stream, version: i + 1, recordedAt: new Date(NOW + i).toISOString(), actor, event: { type: 'batch-held', reason: `r${i}` } })));

describe('hash chain', () => {
  it('holds for what was chained, whole or continued', () => {
    const events = chain(5);
    expect(() => { verifyChain(stream, events); }).not.toThrow();
    expect(() => { verifyChain(stream, events.slice(2), { version: 2, hash: events[1]!.hash }); }).not.toThrow();
  });
  it.each([
    ['a changed event', (e: ReturnType<typeof chain>) => e.map((each, i) => (i === 2 ? { ...each, event: { type: 'batch-held', reason: 'other' } } : each))],
    ['a back-dated event', (e: ReturnType<typeof chain>) => e.map((each, i) => (i === 2 ? { ...each, recordedAt: '2020-01-01T00:00:00.000Z' } : each))],
    ['a removed event', (e: ReturnType<typeof chain>) => e.filter((_, i) => i !== 2)],
    ['swapped events', (e: ReturnType<typeof chain>) => [e[1]!, e[0]!, ...e.slice(2)]],
    ['an event of another stream', (e: ReturnType<typeof chain>) => e.map((each) => ({ ...each, stream: { kind: 'batch', id: 'x' } as const }))],
  ])('names %s', (_, damage) => {
    expect(codeOf(() => { verifyChain(stream, damage(chain(5))); })).toBe('record-corrupt');
  });
  it('gives equal values one text', () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => { expect(canonicalJson(Object.fromEntries(Object.entries(value).toReversed()))).toBe(canonicalJson(value)); }));
  });
});

describe('signature', () => {
  const request = { caller: { id: 'u', printedName: 'U', signInId: 'session', authenticatedAt: '2026-03-02T14:05:08.120Z' }, reauthentication: { personId: 'u', authenticatedAtEpochMs: NOW - 1000, tokenId: 't' }, meaning: 'approval', signedVersion: 3, position: { version: 3, hash: 'h' }, nowEpochMs: NOW } as const;
  it('holds name, time with zone, meaning, and the exact state signed', () => {
    expect(executeSignature(request)).toEqual({ signerId: 'u', printedName: 'U', signedAt: '2026-03-02T14:05:09.120Z', meaning: 'approval', signedVersion: 3, signedHash: 'h', reauthenticatedAt: '2026-03-02T14:05:08.120Z', reauthenticationId: 't' });
  });
  it.each([
    [{ reauthentication: { ...request.reauthentication, personId: 'v' } }, 'reauthentication-failed'],
    [{ reauthentication: { ...request.reauthentication, tokenId: 'session' } }, 'reauthentication-failed'],
    [{ reauthentication: { ...request.reauthentication, authenticatedAtEpochMs: NOW - 1001 } }, 'reauthentication-failed'],
    [{ caller: { ...request.caller, signInId: '' } }, 'reauthentication-failed'],
    [{ caller: { ...request.caller, authenticatedAt: '' } }, 'reauthentication-failed'],
    [{ caller: { ...request.caller, authenticatedAt: '2026-03-02T13:00:00.000Z' }, reauthentication: { ...request.reauthentication, authenticatedAtEpochMs: NOW - 120_001 } }, 'reauthentication-stale'],
    [{ reauthentication: { ...request.reauthentication, authenticatedAtEpochMs: NOW + 10_000 } }, 'reauthentication-stale'],
    [{ signedVersion: 2 }, 'version-conflict'],
  ])('refuses %j', (own, code) => {
    expect(codeOf(() => executeSignature({ ...request, ...own }))).toBe(code);
  });
});

describe('identifiers', () => {
  const { vectors } = (JSON.parse(readFileSync('test/vectors/check-characters.json', 'utf8')) as { iso7064_mod37_2: { vectors: { din: string; check: string }[] } }).iso7064_mod37_2;
  it.each(vectors)('ISO 7064 MOD 37-2 of $din is $check', ({ din, check }) => { expect(checkCharacter(din)).toBe(check); });
  it('detects every single wrong character and every swap of neighbours', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat({ max: 11 }), fc.constantFrom(...Array.from('0123456789ABCDEFGHJKMNPQRSTVWXYZ')), (bytes, at, other) => {
      const id = chainOfIdentityIdFrom(bytes);
      expect(requireChainOfIdentityId(id)).toBe(id);
      if (id[at] !== other) expect(hasValidCheckCharacter(id.slice(0, at) + other + id.slice(at + 1))).toBe(false);
      if (at < 11 && id[at] !== id[at + 1]) expect(hasValidCheckCharacter(id.slice(0, at) + id[at + 1]! + id[at]! + id.slice(at + 2))).toBe(false);
    }));
  });
  it('makes batch ids that say node and day', () => { expect(batchIdFrom('north', NOW, new Uint8Array(6))).toBe('north-20260302-000000'); });
  it('sorts versions as numbers and refuses the separator in an id', () => {
    expect(keyOf.event('batch', 'b', 9).sk < keyOf.event('batch', 'b', 10).sk).toBe(true);
    expect(() => keyOf.event('batch', 'b#EVENT', 1)).toThrow(RangeError);
  });
});
