import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../shared/record/canonical-json.ts';
import { chainEvents, sha256Hex, verifyChain } from '../../../shared/record/chain.ts';
import { GENESIS_HASH, type StreamId } from '../../../shared/record/envelope.ts';
import { executeSignature, requireMeaning, REAUTHENTICATION_MAXIMUM_AGE_MS } from '../../../shared/record/signature.ts';
import { keyOf } from '../../../shared/storage/keys.ts';
import { signature } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';

const NOW = Date.parse('2026-03-02T14:05:09.120Z');
const STREAM: StreamId = { kind: 'batch', id: 'b' };
const draft = (version: number, stream: StreamId = STREAM) => ({ stream, version, recordedAt: new Date(NOW).toISOString(), actor: { kind: 'system', id: 's', version: '1' } as const, event: { type: 'batch-held', reason: `r${version}` } });
const verify = (versions: readonly number[], after = { version: 0, hash: GENESIS_HASH }, previous = after.hash, stream = STREAM) =>
  codeOf(() => { verifyChain(STREAM, chainEvents(previous, versions.map((version) => draft(version, stream))), after); });

/** Each fault alone: everything else of the chain is as it should be. */
describe('a chain is corrupt', () => {
  it('when a version is missing, doubled or begins elsewhere, though every link holds', () => {
    expect([verify([1, 2, 3]), verify([1, 3]), verify([1, 1]), verify([2, 3]), verify([])]).toEqual([undefined, 'record-corrupt', 'record-corrupt', 'record-corrupt', undefined]);
  });
  it('when it follows another event than the one held', () => {
    const after = { version: 4, hash: 'a'.repeat(64) };
    expect([verify([5], after), verify([5], after, 'b'.repeat(64)), verify([4], after)]).toEqual([undefined, 'record-corrupt', 'record-corrupt']);
  });
  it('when it is of another stream or of another kind, though it holds in itself', () => {
    expect([verify([1], undefined, undefined, { kind: 'batch', id: 'c' }), verify([1], undefined, undefined, { kind: 'equipment', id: 'b' })]).toEqual(['record-corrupt', 'record-corrupt']);
  });
  it('when a member was added, or a device time', () => {
    const [event] = chainEvents(GENESIS_HASH, [draft(1)]);
    for (const damage of [{ deviceTime: '2026-03-02T14:05:09.000Z' }, { note: 'x' }, { actor: { kind: 'system', id: 's', version: '2' } as const }]) expect(codeOf(() => { verifyChain(STREAM, [{ ...event!, ...damage }]); })).toBe('record-corrupt');
  });
});

it('an event is hashed over its canonical JSON without its hash', () => {
  const [{ hash, ...rest } = { hash: '' }] = chainEvents(GENESIS_HASH, [draft(1)]);
  expect(hash).toBe(sha256Hex(canonicalJson(rest)));
  expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

describe('canonical JSON', () => {
  it('orders members by UTF-16 code unit and writes numbers as ECMAScript does', () => {
    expect(canonicalJson({ b: 1e21, a: [0.1, -0, 1e-7], '€': null, A: undefined })).toBe('{"a":[0.1,0,1e-7],"b":1e+21,"€":null}');
  });
  it.each([[undefined], [Number.NaN], [Infinity], [{ a: Number.NaN }]])('has no form for %s', (value) => { expect(() => canonicalJson(value)).toThrow(); });
});

describe('a signature to the millisecond and version', () => {
  const sign = (ageMs: number, signedVersion = 3) => codeOf(() => executeSignature({
    caller: { id: 'u', printedName: 'U', signInId: 'session', authenticatedAt: '2026-03-02T13:00:00.000Z' }, reauthentication: { personId: 'u', authenticatedAtEpochMs: NOW - ageMs, tokenId: 't' }, meaning: 'approval', signedVersion, position: { version: 3, hash: 'h' }, nowEpochMs: NOW,
  }));
  it('takes a sign-in of 120 s and no older, and five seconds of another clock', () => {
    expect(REAUTHENTICATION_MAXIMUM_AGE_MS).toBe(120_000);
    expect([sign(120_000), sign(120_001), sign(-5000), sign(-5001)]).toEqual([undefined, 'reauthentication-stale', undefined, 'reauthentication-stale']);
  });
  it('takes neither an older nor a newer version than the record has', () => { expect([sign(0, 2), sign(0, 4)]).toEqual(['version-conflict', 'version-conflict']); });
  it('carries the meaning that is wanted and no other', () => {
    expect([codeOf(() => { requireMeaning(signature('u', 'approval'), 'approval'); }), codeOf(() => { requireMeaning(signature('u', 'review'), 'approval'); })]).toEqual([undefined, 'signature-meaning-wrong']);
  });
});

describe('keys', () => {
  it('keep one hospital\'s things apart by kind', () => {
    expect(keyOf.event('batch', 'b', 7)).toEqual({ pk: 'BATCH#b', sk: 'EVENT#000000007' });
    expect(keyOf.read('2026-03-02T14:05:09.120Z', 'r-1')).toEqual({ pk: 'READ#2026-03-02', sk: 'READ#2026-03-02T14:05:09.120Z#r-1' });
  });
  it.each([[-1], [1.5], [1e9], [Number.NaN]])('have no version %d', (version) => { expect(() => keyOf.event('batch', 'b', version)).toThrow(RangeError); });
  it.each([[''], ['a#b']])('have no identifier %j', (id) => { expect(() => keyOf.stream('batch', id)).toThrow(RangeError); });
});
