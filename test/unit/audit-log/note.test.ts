import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCheckpoint, parseCheckpoint } from '../../../shared/audit-log/checkpoint.ts';
import { cosign, cosignedAtSeconds, openCosignature } from '../../../shared/audit-log/cosignature.ts';
import { hexOf } from '../../../shared/audit-log/hash.ts';
import { formatNote, parseNote, parseSignatureLines, signNote, verifyNote } from '../../../shared/audit-log/note.ts';
import { openCheckpoint, type Trust } from '../../../shared/audit-log/trust.ts';
import { formatVerifierKey, parseVerifierKey, SIGNATURE_TYPE, verifierKeyOf } from '../../../shared/audit-log/verifier-key.ts';
import vectors from '../../vectors/audit-log/notes.json' with { type: 'json' };
import { codeOf, codeOfAsync } from '../../support/error-code.ts';
import { flipBit, keyPairOf, seedOf } from './reference.ts';

const [peter, enoch, foo] = vectors as [typeof vectors[0], typeof vectors[0], typeof vectors[0]];
const utf8 = (text: string): Uint8Array => Buffer.from(text);
const keyOf = (vector: { verifierKey: string }) => parseVerifierKey(vector.verifierKey);
const lineOf = (vector: { note: string }): string => vector.note.slice(vector.note.lastIndexOf('\n\n') + 2);
const TEXT = peter.note.slice(0, peter.note.lastIndexOf('\n\n') + 1);

describe('published signed notes', () => {
  it.each(vectors)('of $source, $verifierKey: verify, and are written as they were read', (vector) => {
    const note = parseNote(utf8(vector.note));
    expect(verifyNote(note, [keyOf(vector)]).map(({ key }) => formatVerifierKey(key))).toEqual([vector.verifierKey]);
    expect(Buffer.from(formatNote(note)).toString()).toBe(vector.note);
  });
  it('are signed again to the byte by their key', async () => {
    const { signer, key } = keyPairOf('PeterNeumann', SIGNATURE_TYPE.ed25519, Buffer.from(peter.seedBase64 ?? '', 'base64'));
    expect(formatVerifierKey(key)).toBe(peter.verifierKey);
    expect(Buffer.from(formatNote(await signNote(TEXT, [signer]))).toString()).toBe(peter.note);
  });
});

describe('a signed note', () => {
  it('gives the signatures of known keys, once each, and ignores all others', () => {
    const both = parseNote(utf8(`${TEXT}\n${lineOf(peter)}${lineOf(enoch)}${lineOf(enoch)}${lineOf(foo)}`));
    expect(verifyNote(both, [keyOf(enoch), keyOf(peter)]).map(({ key }) => key.name)).toEqual(['PeterNeumann', 'EnochRoot']);
    expect(verifyNote(both, [keyOf(peter)]).map(({ key }) => key.name)).toEqual(['PeterNeumann']);
  });
  it('is refused unless a known key signed it and none of them wrongly', () => {
    const note = parseNote(utf8(`${TEXT}\n${lineOf(peter)}${lineOf(foo)}`));
    expect(codeOf(() => verifyNote(note, []))).toBe('note-unverified');
    expect(codeOf(() => verifyNote(note, [keyOf(enoch)]))).toBe('note-unverified');
    expect(codeOf(() => verifyNote(note, [keyOf(peter), keyOf(foo)]))).toBe('note-unverified');
    expect(codeOf(() => verifyNote(note, [keyOf(peter), keyOf(peter)]))).toBe('note-unverified');
    const sameId = { ...keyOf(peter), name: 'Peter' };
    expect(codeOf(() => verifyNote(note, [sameId]))).toBe('note-unverified');
  });
  it.each([
    ['without signatures', TEXT], ['with an empty signature block', `${TEXT}\n`], ['without the last newline', `${TEXT}\n${lineOf(peter).slice(0, -1)}`],
    ['with a control character', `\u0001${TEXT}\n${lineOf(peter)}`], ['with a carriage return', peter.note.replaceAll('\n', '\r\n')], ['with a tab', `\t${peter.note}`],
    ['with a space in the key name', `${TEXT}\n${lineOf(peter).replace('PeterNeumann', 'Peter Neumann')}`], ['with a plus in the key name', `${TEXT}\n${lineOf(peter).replace('PeterNeumann', 'Peter+Neumann')}`],
    ['with a no-break space in the key name', `${TEXT}\n${lineOf(peter).replace('PeterNeumann', 'Peter\u00a0Neumann')}`], ['without a key name', `${TEXT}\n${lineOf(peter).replace('PeterNeumann', '')}`],
    ['with a hyphen for the dash', `${TEXT}\n${lineOf(peter).replace('—', '-')}`], ['with another line after it', `${peter.note}Unexpected line.\n`], ['with base64 that is not padded', `${TEXT}\n${lineOf(peter).replace('=', '')}`],
    ['with base64 whose unused bits are set', `${TEXT}\n${lineOf(peter).replace('nAM=', 'nAN=')}`], ['with base64 of the URL alphabet', `${TEXT}\n${lineOf(peter).replaceAll('/', '_')}`],
    ['with a key id and nothing after it', `${TEXT}\n— PeterNeumann x08goA==\n`.replace('x08goA==', Buffer.from('c74f20a3', 'hex').toString('base64'))],
    ['with 513 signatures', `${TEXT}\n${lineOf(peter).repeat(513)}`], ['longer than a megabyte', `${'x'.repeat(1_000_000)}\n${peter.note}`],
  ])('%s is malformed', (_what, note) => { expect(codeOf(() => parseNote(utf8(note)))).toBe('note-malformed'); });
  it('that is not UTF-8 is malformed', () => {
    for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80]]) expect(codeOf(() => parseNote(Buffer.concat([Uint8Array.from(bytes), utf8(peter.note)])))).toBe('note-malformed');
  });
  it('takes 16 signatures, empty lines and any letters in its text', () => {
    const text = 'trafitto da un raggio di sole:\n\ned è subito sera.\n';
    expect(parseNote(utf8(`${text}\n${lineOf(peter).repeat(16)}`))).toMatchObject({ text, signatures: { length: 16 } });
  });
  it('is written only if it could be read back', async () => {
    const { signer } = keyPairOf('a', SIGNATURE_TYPE.ed25519, seedOf('a'));
    for (const text of ['', 'abc', 'a\tb\n']) expect(await codeOfAsync(() => signNote(text, [signer]))).toBe('note-malformed');
    expect(await codeOfAsync(() => signNote('abc\n', []))).toBe('note-malformed');
    expect(await codeOfAsync(() => signNote('abc\n', [{ ...signer, name: 'a b' }]))).toBe('note-malformed');
    expect(codeOf(() => parseSignatureLines(utf8('')))).toBe('note-malformed');
  });
  it('with any one bit flipped is refused', () => {
    const bytes = utf8(peter.note);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) expect(codeOf(() => verifyNote(parseNote(flipBit(bytes, bit)), [keyOf(peter)]))).toMatch(/^note-(malformed|unverified)$/);
  });
});

describe('a verifier key', () => {
  it('is refused with anything cut off or any one character changed', () => {
    const text = peter.verifierKey;
    for (let start = 0; start <= text.length; start += 1) {
      for (let end = start; end <= text.length; end += 1) if (end - start < text.length) expect(codeOf(() => parseVerifierKey(text.slice(start, end)))).toBe('verifier-key-malformed');
    }
    for (let bit = 0; bit < text.length * 8; bit += 1) expect(codeOf(() => parseVerifierKey(Buffer.from(flipBit(utf8(text), bit)).toString()))).toBe('verifier-key-malformed');
  });
  it.each([['of another length', 'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=='], ['of an unknown type', 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'], ['with its id in capitals', peter.verifierKey.replace('c74f20a3', 'C74F20A3')],
    ['with more after it', `${peter.verifierKey}+`]])('%s is refused', (_what, text) => { expect(codeOf(() => parseVerifierKey(text))).toBe('verifier-key-malformed'); });
  it('of a witness differs from that of a log with the same name and key', () => {
    const { publicKey } = keyOf(peter);
    const witness = verifierKeyOf('PeterNeumann', SIGNATURE_TYPE.cosignature, publicKey);
    expect(parseVerifierKey(formatVerifierKey(witness))).toEqual(witness);
    expect(witness.keyId).not.toBe(keyOf(peter).keyId);
    expect(codeOf(() => verifyNote(parseNote(utf8(peter.note)), [witness]))).toBe('note-unverified');
  });
});

describe('a checkpoint', () => {
  const root = seedOf('root');
  const checkpoint = { origin: 'bedside.network/north', size: 20_852_163, root };
  it('is three lines, and read back', () => {
    fc.assert(fc.property(fc.maxSafeNat(), fc.uint8Array({ minLength: 32, maxLength: 32 }), (size, hash) => {
      const text = formatCheckpoint({ ...checkpoint, size, root: hash });
      expect(text).toBe(`bedside.network/north\n${size}\n${Buffer.from(hash).toString('base64')}\n`);
      expect(parseCheckpoint(text)).toEqual({ ...checkpoint, size, root: hash });
    }));
  });
  it('of the C2SP text is read', () => {
    expect(parseCheckpoint('example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n')).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20_852_163 });
  });
  const base64 = Buffer.from(root).toString('base64');
  it.each([['', '1', base64], ['a', '', base64], ['a', '01', base64], ['a', '-1', base64], ['a', '+1', base64], ['a', '1.0', base64], ['a', '1e3', base64], ['a', ' 1', base64], ['a', '٣', base64], ['a', '9007199254740992', base64],
    ['a', '1', ''], ['a', '1', base64.slice(0, -1)], ['a', '1', Buffer.from(root.slice(1)).toString('base64')], ['a', '1', `${base64} `], ['a', '1', base64, 'extension'], ['a', '1', base64, '']])('of the lines %j is malformed', (...lines) => {
    expect(codeOf(() => parseCheckpoint(`${lines.join('\n')}\n`))).toBe('checkpoint-malformed');
  });
  it('without its last newline is malformed', () => { expect(codeOf(() => parseCheckpoint(`a\n1\n${base64}`))).toBe('checkpoint-malformed'); });
  it('is not written with an origin of two lines', () => { expect(codeOf(() => formatCheckpoint({ ...checkpoint, origin: 'a\nb' }))).toBe('checkpoint-malformed'); });
});

describe('a cosigned checkpoint', () => {
  const log = keyPairOf('bedside.network/north', SIGNATURE_TYPE.ed25519, seedOf('log'));
  const witnesses = ['control', 'south', 'west'].map((name) => keyPairOf(`bedside.network/witness/${name}`, SIGNATURE_TYPE.cosignature, seedOf(name)));
  const text = formatCheckpoint({ origin: log.key.name, size: 5, root: seedOf('root') });
  const NOW = 1_772_460_300;
  const cosigned = async (count: number): Promise<Uint8Array> => {
    const { signatures } = await signNote(text, [log.signer]);
    return formatNote({ text, signatures: [...signatures, ...await Promise.all(witnesses.slice(0, count).map(({ signer }) => cosign(text, signer, NOW)))] });
  };
  const trust: Trust = { origin: log.key.name, logKeys: [log.key], witnessKeys: witnesses.map(({ key }) => key), quorum: 2 };

  it('is trusted with a quorum of different witnesses, and their times are known', async () => {
    expect(openCheckpoint(await cosigned(2), trust)).toMatchObject({ checkpoint: { size: 5 }, cosignatures: [{ timestampSeconds: NOW }, { timestampSeconds: NOW }] });
    expect(await codeOfAsync(async () => openCheckpoint(await cosigned(1), trust))).toBe('cosignatures-missing');
    expect(await codeOfAsync(async () => openCheckpoint(await cosigned(0), trust))).toBe('cosignatures-missing');
    const { quorum: _, ...rest } = trust;
    expect(openCheckpoint(await cosigned(0), { ...rest, quorum: 0 }).cosignatures).toEqual([]);
  });
  it('does not count one witness under two names', async () => {
    const twin = keyPairOf('bedside.network/witness/twin', SIGNATURE_TYPE.cosignature, seedOf('control'));
    const { signatures } = await signNote(text, [log.signer]);
    const both = await Promise.all([witnesses[0]!, twin].map(({ signer }) => cosign(text, signer, NOW)));
    expect(codeOf(() => openCheckpoint(formatNote({ text, signatures: [...signatures, ...both] }), { ...trust, witnessKeys: [...trust.witnessKeys, twin.key] }))).toBe('cosignatures-missing');
  });
  it('of another log, or signed by witnesses only, is refused', async () => {
    const other = keyPairOf('bedside.network/east', SIGNATURE_TYPE.ed25519, seedOf('east'));
    expect(await codeOfAsync(async () => openCheckpoint(formatNote(await signNote(text, [other.signer])), { ...trust, quorum: 0 }))).toBe('note-unverified');
    expect(await codeOfAsync(async () => openCheckpoint(formatNote(await signNote(text, [other.signer])), { ...trust, origin: 'bedside.network/east', logKeys: [other.key], quorum: 0 }))).toBe('note-unverified');
    const byWitness = formatNote({ text, signatures: [await cosign(text, witnesses[0]!.signer, NOW)] });
    expect(codeOf(() => openCheckpoint(byWitness, trust))).toBe('note-unverified');
    expect(codeOf(() => openCheckpoint(byWitness, { ...trust, logKeys: [witnesses[0]!.key], quorum: 0 }))).toBe('note-unverified');
  });
  it('with any one bit flipped is refused', async () => {
    const bytes = await cosigned(2);
    // Every seventh: each byte, and each place in a byte.
    for (let bit = 0; bit < bytes.length * 8; bit += 7) expect(codeOf(() => openCheckpoint(flipBit(bytes, bit), trust))).toMatch(/^(note-(malformed|unverified)|cosignatures-missing)$/);
  });
  it('signs the time: another time does not verify', async () => {
    const { signature } = await cosign(text, witnesses[0]!.signer, NOW);
    const { publicKey } = witnesses[0]!.key;
    expect(openCosignature(text, signature, publicKey)).toBe(NOW);
    expect(cosignedAtSeconds(flipBit(signature, 300))).toBe(NOW);
    expect(cosignedAtSeconds(signature.slice(0, -1))).toBeUndefined();
    expect(openCosignature(text, flipBit(signature, 56), publicKey)).toBeUndefined();
    expect(openCosignature(text, signature.slice(0, -1), publicKey)).toBeUndefined();
    expect(openCosignature(text, Uint8Array.from(signature).fill(0xff, 0, 8), publicKey)).toBeUndefined();
    expect(hexOf(signature.slice(0, 8))).toBe(NOW.toString(16).padStart(16, '0'));
    await expect(cosign(text, witnesses[0]!.signer, 0.5)).rejects.toThrow(RangeError);
  });
});
