import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCheckpoint } from '../../../shared/audit-log/checkpoint.ts';
import { hexOf, leafHashOf } from '../../../shared/audit-log/hash.ts';
import { integrate } from '../../../shared/audit-log/log-writer.ts';
import { formatNote, parseNote, signNote } from '../../../shared/audit-log/note.ts';
import { publishCheckpoint, type LogIdentity } from '../../../shared/audit-log/publish.ts';
import { entryOf, proofOf, receiptOf, verifyProof, type ProofOfInclusion } from '../../../shared/audit-log/receipt.ts';
import { openCheckpoint, type Trust } from '../../../shared/audit-log/trust.ts';
import { SIGNATURE_TYPE } from '../../../shared/audit-log/verifier-key.ts';
import type { TreeHead } from '../../../shared/audit-log/verify-proof.ts';
import { addCheckpoint } from '../../../shared/audit-log/witness.ts';
import type { Witness } from '../../../shared/audit-log/witness-client.ts';
import type { Recorded } from '../../../shared/record/envelope.ts';
import { GENESIS_HASH } from '../../../shared/record/envelope.ts';
import { codeOf, codeOfAsync } from '../../support/error-code.ts';
import { LogStorage } from './memory-log-store.ts';
import { entriesOf, flipBit, keyPairOf, seedOf } from './reference.ts';

const NOW = 1_772_460_300;
const log = keyPairOf('bedside.network/north', SIGNATURE_TYPE.ed25519, seedOf('north'));

const witnessOf = (name: string): Witness & { up: boolean } => {
  const { key, signer } = keyPairOf(`bedside.network/witness/${name}`, SIGNATURE_TYPE.cosignature, seedOf(name));
  let state: TreeHead | undefined;
  const witness = {
    key, up: true,
    addCheckpoint: (body: Uint8Array) => (!witness.up ? Promise.reject(new Error('no route')) : addCheckpoint(body, {
      signer, logKeysOf: (origin) => (origin === log.key.name ? [log.key] : undefined), readState: () => Promise.resolve(state), nowSeconds: () => NOW,
      moveState: (_origin, _expected, next) => { state = next; return Promise.resolve(true); },
    })),
  };
  return witness;
};
const setUp = () => {
  const witnesses = [witnessOf('control'), witnessOf('south'), witnessOf('west')];
  const identity: LogIdentity = { ...log, witnesses, quorum: 2 };
  const trust: Trust = { origin: log.key.name, logKeys: [log.key], witnessKeys: witnesses.map(({ key }) => key), quorum: 2 };
  return { storage: new LogStorage(), witnesses, identity, trust };
};

describe('publishing a checkpoint', () => {
  it('carries the cosignatures of all witnesses that answer, from the empty log on', async () => {
    const { storage, identity, trust } = setUp();
    expect(await publishCheckpoint(storage.open(), identity)).toEqual({ type: 'published', size: 0, missing: [] });
    await integrate(storage.open(), entriesOf(300));
    expect(await publishCheckpoint(storage.open(), identity)).toEqual({ type: 'published', size: 300, missing: [] });
    expect(openCheckpoint(storage.checkpoint!.bytes, trust)).toMatchObject({ checkpoint: { size: 300 }, cosignatures: { length: 3 } });
    expect(await publishCheckpoint(storage.open(), identity)).toEqual({ type: 'unchanged', size: 300, missing: [] });
  });
  it('waits for a quorum and loses nothing meanwhile', async () => {
    const { storage, identity, trust, witnesses } = setUp();
    await integrate(storage.open(), entriesOf(10));
    await publishCheckpoint(storage.open(), identity);
    witnesses[0]!.up = witnesses[1]!.up = false;
    await integrate(storage.open(), entriesOf(20));
    expect(await publishCheckpoint(storage.open(), identity)).toMatchObject({ type: 'waiting', size: 20, missing: [{ witness: 'bedside.network/witness/control', why: 'Error: no route' }, { witness: 'bedside.network/witness/south' }] });
    expect(openCheckpoint(storage.checkpoint!.bytes, trust).checkpoint.size).toBe(10);
    witnesses[0]!.up = true;
    await integrate(storage.open(), entriesOf(400));
    expect(await publishCheckpoint(storage.open(), identity)).toMatchObject({ type: 'published', size: 400 });
    expect(openCheckpoint(storage.checkpoint!.bytes, trust)).toMatchObject({ checkpoint: { size: 400 }, cosignatures: { length: 2 } });
  });
  it('never carries a cosignature that is dated before an event it covers', async () => {
    const { storage, identity, trust } = setUp();
    await integrate(storage.open(), entriesOf(9), NOW * 1000 + 1);
    await integrate(storage.open(), entriesOf(10), NOW * 1000 - 1);
    for (let run = 0; run < 2; run += 1) expect(await publishCheckpoint(storage.open(), identity)).toMatchObject({ type: 'waiting', size: 10, missing: identity.witnesses.map(({ key: { name } }) => ({ witness: name, why: expect.stringContaining('before an event it covers') as string })) });
    const inTime = new LogStorage();
    await integrate(inTime.open(), entriesOf(10), NOW * 1000);
    expect(await publishCheckpoint(inTime.open(), setUp().identity)).toEqual({ type: 'published', size: 10, missing: [] });
    expect(openCheckpoint(inTime.checkpoint!.bytes, trust).cosignatures.every(({ timestampSeconds = 0 }) => timestampSeconds >= NOW)).toBe(true);
  });
  it('takes cosignatures that come late to the published checkpoint, and asks only those that lack', async () => {
    const { storage, identity, trust, witnesses } = setUp();
    const [control, south, west] = [witnesses[0]!, witnesses[1]!, witnesses[2]!];
    south.up = false;
    await integrate(storage.open(), entriesOf(10));
    expect(await publishCheckpoint(storage.open(), identity)).toMatchObject({ type: 'published', size: 10, missing: [{ witness: south.key.name }] });
    const before = parseNote(storage.checkpoint!.bytes);
    expect(await publishCheckpoint(storage.open(), identity)).toMatchObject({ type: 'unchanged', size: 10, missing: [{ witness: south.key.name }] });
    south.up = true;
    control.up = west.up = false;
    expect(await publishCheckpoint(storage.open(), identity)).toEqual({ type: 'completed', size: 10, missing: [] });
    const after = parseNote(storage.checkpoint!.bytes);
    expect(after.text).toBe(before.text);
    expect(after.signatures.slice(0, before.signatures.length)).toEqual(before.signatures);
    expect(openCheckpoint(storage.checkpoint!.bytes, { ...trust, quorum: 3 }).cosignatures).toHaveLength(3);
    expect(await publishCheckpoint(storage.open(), identity)).toEqual({ type: 'unchanged', size: 10, missing: [] });
  });
  it('leaves a larger checkpoint alone that came while late cosignatures were asked for', async () => {
    const { storage, identity, trust, witnesses } = setUp();
    witnesses[1]!.up = false;
    await integrate(storage.open(), entriesOf(10));
    await publishCheckpoint(storage.open(), identity);
    const late: Witness = { key: witnesses[1]!.key, addCheckpoint: async (body) => {
      await integrate(storage.open(), entriesOf(20));
      await publishCheckpoint(storage.open(), { ...identity, witnesses: [witnesses[0]!, witnesses[2]!] });
      witnesses[1]!.up = true;
      return witnesses[1]!.addCheckpoint(body);
    } };
    expect(await publishCheckpoint(storage.open(), { ...identity, witnesses: [witnesses[0]!, late, witnesses[2]!] })).toMatchObject({ type: 'unchanged' });
    expect(openCheckpoint(storage.checkpoint!.bytes, trust).checkpoint.size).toBe(20);
  });
  it('takes no cosignature that does not verify, nor one of another size, early or late', async () => {
    const { storage, identity, trust, witnesses } = setUp();
    await integrate(storage.open(), entriesOf(10));
    const liar: Witness = { key: witnesses[1]!.key, addCheckpoint: () => witnesses[0]!.addCheckpoint(new Uint8Array()).then(() => ({ status: 200, contentType: 'text/plain', body: `— ${witnesses[1]!.key.name} ${Buffer.alloc(76, 1).toString('base64')}\n` })) };
    for (const type of ['published', 'unchanged']) expect(await publishCheckpoint(storage.open(), { ...identity, witnesses: [witnesses[0]!, liar, witnesses[2]!] })).toMatchObject({ type, missing: [{ witness: liar.key.name }] });
    expect(openCheckpoint(storage.checkpoint!.bytes, trust).cosignatures).toHaveLength(2);
  });
  it('refuses a signer that is not the key of the log', async () => {
    const { storage, identity } = setUp();
    const other = keyPairOf(log.key.name, SIGNATURE_TYPE.ed25519, seedOf('other'));
    expect(await codeOfAsync(() => publishCheckpoint(storage.open(), { ...identity, signer: other.signer }))).toBe('note-unverified');
    expect(await codeOfAsync(() => publishCheckpoint(storage.open(), { ...identity, signer: { ...other.signer, keyId: log.key.keyId } }))).toBe('note-unverified');
    expect(storage.checkpoints).toEqual([]);
  });
  it('refuses to go on from a published checkpoint that is not of this log: larger, or with another root', async () => {
    for (const [size, text] of [[11, 'x'], [10, 'x'], [9, 'x']] as const) {
      const { storage, identity } = setUp();
      await integrate(storage.open(), entriesOf(10));
      const bytes = formatNote(await signNote(formatCheckpoint({ origin: log.key.name, size, root: seedOf(text) }), [log.signer]));
      storage.checkpoint = { bytes, version: 'x' };
      expect(await codeOfAsync(() => publishCheckpoint(storage.open(), identity))).toBe('log-corrupt');
    }
  });
  it('gives up when others always come first', async () => {
    const { storage, identity } = setUp();
    expect(await codeOfAsync(() => publishCheckpoint({ ...storage.open(), putCheckpoint: () => Promise.resolve(false) }, identity))).toBe('log-busy');
  });
});

const recorded: Recorded<unknown> = {
  stream: { kind: 'batch', id: 'B-2026-0042' }, version: 7, recordedAt: '2026-03-02T14:05:09.120Z', actor: { kind: 'system', id: 'telemetry-ingest', version: '1' },
  event: { type: 'phase-completed' }, previousHash: GENESIS_HASH, hash: hexOf(seedOf('event')),
};

describe('a receipt', () => {
  it('names the leaf of the event as the log holds it', () => {
    const receipt = receiptOf(recorded);
    expect(receipt).toEqual({ stream: recorded.stream, version: 7, recordedAt: recorded.recordedAt, leafHash: hexOf(leafHashOf(entryOf(recorded))) });
    expect(Buffer.from(entryOf(recorded)).toString()).toMatch(/^\{"actor":\{"id":"telemetry-ingest"/);
    expect(codeOf(() => entryOf({ ...recorded, event: { type: 'x'.repeat(65_536) } }))).toBe('log-entry-too-large');
  });
  it('is redeemed for a proof once the event is under a published checkpoint', async () => {
    const { storage, identity, trust } = setUp();
    const store = storage.open();
    const { leafHash } = receiptOf(recorded);
    expect(await codeOfAsync(() => proofOf(store, leafHash, trust))).toBe('log-entry-not-found');
    await integrate(store, entriesOf(300));
    await publishCheckpoint(store, identity);
    expect(await codeOfAsync(() => proofOf(store, leafHash, trust))).toBe('log-entry-not-found');
    await integrate(store, [entryOf(recorded)]);
    expect(await codeOfAsync(() => proofOf(store, leafHash, trust))).toBe('log-entry-not-found');
    await integrate(store, entriesOf(700));
    await publishCheckpoint(store, identity);
    const proof = await proofOf(store, leafHash, trust);
    expect(proof.index).toBe(300);
    expect(verifyProof(leafHash, proof, trust).checkpoint.size).toBe(701);
  });
  it('is not redeemed from tiles that were changed', async () => {
    const { storage, identity, trust } = setUp();
    await integrate(storage.open(), [...entriesOf(300), entryOf(recorded)]);
    await publishCheckpoint(storage.open(), identity);
    storage.objects.set('tile/0/000', flipBit(storage.objects.get('tile/0/000')!, 33 * 8 + 5));
    expect(await codeOfAsync(() => proofOf(storage.open(), hexOf(leafHashOf(entriesOf(1)[0]!)), trust))).toBe('log-corrupt');
  });
});

describe('a proof of inclusion as JSON', () => {
  it('is refused with any one bit flipped, for another leaf, shortened, or for readers who believe others', async () => {
    const { storage, identity, trust } = setUp();
    await integrate(storage.open(), [...entriesOf(300), entryOf(recorded)]);
    await publishCheckpoint(storage.open(), { ...identity, witnesses: identity.witnesses.slice(0, 2) });
    const { leafHash } = receiptOf(recorded);
    const proof = await proofOf(storage.open(), leafHash, trust);
    const refused = /^(proof-(malformed|wrong)|note-(malformed|unverified)|checkpoint-malformed|cosignatures-missing)$/;
    const codeFor = (changed: Partial<ProofOfInclusion>, leaf = leafHash, reader = trust): string | undefined => codeOf(() => verifyProof(leaf, { ...proof, ...changed }, reader));
    const flipText = (text: string, bit: number): string => flipBit(Buffer.from(text), bit).reduce((all, byte) => all + String.fromCharCode(byte), '');
    expect(codeFor({})).toBeUndefined();
    fc.assert(fc.property(fc.nat(), fc.nat(), (bit, at) => {
      expect(codeFor({ checkpoint: Buffer.from(flipBit(Buffer.from(proof.checkpoint), bit)).toString() })).toMatch(refused);
      const step = at % proof.inclusionProof.length;
      expect(codeFor({ inclusionProof: proof.inclusionProof.with(step, flipText(proof.inclusionProof[step]!, bit)) })).toMatch(refused);
      expect(codeFor({}, flipText(leafHash, bit))).toMatch(refused);
    }), { numRuns: 300 });
    expect(codeFor({ index: 299 })).toBe('proof-wrong');
    expect(codeFor({ index: Number.NaN })).toBe('proof-wrong');
    expect(codeFor({ inclusionProof: proof.inclusionProof.slice(1) })).toBe('proof-wrong');
    expect(codeFor({ inclusionProof: [...proof.inclusionProof, 'AA=='] })).toBe('proof-malformed');
    expect(codeFor({}, leafHash.toUpperCase())).toBe('proof-malformed');
    expect(codeFor({}, leafHash, { ...trust, quorum: 3 })).toBe('cosignatures-missing');
    expect(codeFor({}, leafHash, { ...trust, origin: 'bedside.network/south' })).toBe('note-unverified');
  });
});
