import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCheckpoint } from '../../../shared/audit-log/checkpoint.ts';
import { EMPTY_ROOT, hexOf } from '../../../shared/audit-log/hash.ts';
import { formatNote, parseNote, parseSignatureLines, signNote, verifyNote } from '../../../shared/audit-log/note.ts';
import { SIGNATURE_TYPE } from '../../../shared/audit-log/verifier-key.ts';
import type { TreeHead } from '../../../shared/audit-log/verify-proof.ts';
import { addCheckpoint, SIZE_MEDIA_TYPE, type WitnessAnswer, type WitnessPorts } from '../../../shared/audit-log/witness.ts';
import { askWitness, readAnswer } from '../../../shared/audit-log/witness-client.ts';
import { formatAddCheckpoint, parseAddCheckpoint } from '../../../shared/audit-log/witness-request.ts';
import { codeOf, codeOfAsync } from '../../support/error-code.ts';
import { entriesOf, flipBit, keyPairOf, naiveConsistency, naiveRoot, seedOf } from './reference.ts';

const NOW = 1_772_460_300;
const log = keyPairOf('bedside.network/north', SIGNATURE_TYPE.ed25519, seedOf('north'));
const stranger = keyPairOf('bedside.network/north', SIGNATURE_TYPE.ed25519, seedOf('stranger'));
const witness = keyPairOf('bedside.network/witness/control', SIGNATURE_TYPE.cosignature, seedOf('control'));
const entries = entriesOf(40);
const treeOf = (size: number): TreeHead => ({ size, root: naiveRoot(entries.slice(0, size)) });
const noteOf = async ({ size, root }: TreeHead, signer = log.signer, origin = log.key.name): Promise<Uint8Array> => formatNote(await signNote(formatCheckpoint({ origin, size, root }), [signer]));
const bodyOf = async (oldSize: number, size: number): Promise<Uint8Array> => formatAddCheckpoint(oldSize, naiveConsistency(oldSize, entries.slice(0, size)), await noteOf(treeOf(size)));

/** A witness in memory; `races` requests come first. */
const witnessAt = (state?: TreeHead, races = 0) => {
  const memory = { state, moves: 0 };
  const ports: WitnessPorts = {
    signer: witness.signer,
    logKeysOf: (origin) => (origin === log.key.name ? [log.key] : undefined),
    readState: () => Promise.resolve(memory.state),
    moveState: (_origin, expected, next) => {
      memory.moves += 1;
      if (memory.moves <= races || expected !== memory.state) return Promise.resolve(false);
      memory.state = next;
      return Promise.resolve(true);
    },
    nowSeconds: () => NOW,
  };
  return { memory, ask: (body: Uint8Array): Promise<WitnessAnswer> => addCheckpoint(body, ports) };
};
const statusOf = async (body: Uint8Array, state?: TreeHead): Promise<number> => (await witnessAt(state).ask(body)).status;

describe('a witness', () => {
  it('200: cosigns the first checkpoint of a log, and each that continues what it cosigned', async () => {
    const { ask, memory } = witnessAt();
    for (const [oldSize, size] of [[0, 7], [7, 7], [7, 8], [8, 40]] as const) {
      const body = await bodyOf(oldSize, size);
      const answer = await ask(body);
      expect(answer.status).toBe(200);
      const note = await noteOf(treeOf(size));
      expect(verifyNote({ ...parseNote(note), signatures: parseSignatureLines(Buffer.from(answer.body)) }, [witness.key])).toMatchObject([{ timestampSeconds: NOW }]);
      expect([memory.state?.size, hexOf(memory.state!.root)]).toEqual([size, hexOf(treeOf(size).root)]);
    }
  });
  it('200: cosigns the empty tree, whose root is known', async () => {
    expect(await statusOf(formatAddCheckpoint(0, [], await noteOf({ size: 0, root: EMPTY_ROOT })))).toBe(200);
    expect(await statusOf(formatAddCheckpoint(0, [], await noteOf({ size: 0, root: seedOf('x') })))).toBe(422);
  });
  it('404: does not know the origin', async () => {
    expect(await statusOf(formatAddCheckpoint(0, [], await noteOf(treeOf(1), log.signer, 'bedside.network/south')))).toBe(404);
  });
  it('403: does not trust the key, or its signature is wrong', async () => {
    expect(await statusOf(formatAddCheckpoint(0, [], await noteOf(treeOf(1), stranger.signer)))).toBe(403);
    const { text, signatures: [signature] } = parseNote(await noteOf(treeOf(1)));
    expect(await statusOf(formatAddCheckpoint(0, [], formatNote({ text, signatures: [{ ...signature!, signature: flipBit(signature!.signature, 9) }] })))).toBe(403);
  });
  it('400: the old size is larger than the checkpoint', async () => {
    expect(await statusOf(formatAddCheckpoint(9, [], await noteOf(treeOf(8))), treeOf(9))).toBe(400);
  });
  it('409: the old size is not the one it has, and it says which', async () => {
    expect(await witnessAt(treeOf(7)).ask(await bodyOf(6, 8))).toEqual({ status: 409, contentType: SIZE_MEDIA_TYPE, body: '7\n' });
    expect(await witnessAt().ask(await bodyOf(6, 8))).toEqual({ status: 409, contentType: SIZE_MEDIA_TYPE, body: '0\n' });
    expect(await witnessAt(treeOf(9)).ask(await bodyOf(8, 8))).toMatchObject({ status: 409, body: '9\n' });
  });
  it('409: cosigned another root of this size', async () => {
    expect(await witnessAt({ size: 8, root: seedOf('other') }).ask(await bodyOf(8, 8))).toEqual({ status: 409, contentType: SIZE_MEDIA_TYPE, body: '8\n' });
  });
  it('422: the proof does not connect the two, and it forgets nothing', async () => {
    const note = await noteOf(treeOf(8));
    const proof = naiveConsistency(7, entries.slice(0, 8));
    const fork = formatAddCheckpoint(7, proof, await noteOf({ size: 8, root: naiveRoot(entriesOf(8, 'fork')) }));
    const { ask, memory } = witnessAt(treeOf(7));
    for (const body of [formatAddCheckpoint(7, proof.slice(1), note), formatAddCheckpoint(7, [...proof, proof[0]!], note), formatAddCheckpoint(7, proof.with(0, flipBit(proof[0]!, 3)), note), formatAddCheckpoint(7, [], note), fork]) expect((await ask(body)).status).toBe(422);
    expect([memory.moves, memory.state]).toEqual([0, treeOf(7)]);
    expect(await statusOf(formatAddCheckpoint(0, [proof[0]!], note))).toBe(422);
    expect(await statusOf(formatAddCheckpoint(8, [proof[0]!], note), treeOf(8))).toBe(422);
  });
  it('refuses every fork of what it cosigned, wherever it forks and whatever is shown for it, and still cosigns the true log', async () => {
    const sizes = fc.record({ cosigned: fc.integer({ min: 1, max: 64 }), forkAt: fc.nat(63), size: fc.integer({ min: 1, max: 90 }), oldSize: fc.nat(64), more: fc.nat(20), proofOf: fc.constantFrom('the fork', 'the true log', 'nothing', 'chance'), chance: fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 7 }), isHonestOfOldSize: fc.boolean() });
    await fc.assert(fc.asyncProperty(sizes, async ({ cosigned, forkAt, size, oldSize, more, proofOf, chance, isHonestOfOldSize }) => {
      const [from, width] = [forkAt % cosigned, cosigned + 90];
      const truth = entriesOf(width);
      const fork = truth.map((entry, i) => (i < from ? entry : Buffer.from(`forked-${i}`)));
      // A fork smaller than where it parts is the true log; that is not asked here.
      const forked = { size: Math.max(size, from + 1), root: naiveRoot(fork.slice(0, Math.max(size, from + 1))) };
      const { ask, memory } = witnessAt({ size: cosigned, root: naiveRoot(truth.slice(0, cosigned)) });
      const old = isHonestOfOldSize ? cosigned : oldSize;
      const proofs = { 'the fork': () => naiveConsistency(old, fork.slice(0, forked.size)), 'the true log': () => naiveConsistency(old, truth.slice(0, forked.size)), 'nothing': () => [], 'chance': () => chance };
      const { status } = await ask(formatAddCheckpoint(old, old <= forked.size ? proofs[proofOf]() : [], await noteOf(forked)));
      expect([400, 409, 422]).toContain(status);
      expect([memory.state?.size, memory.moves]).toEqual([cosigned, 0]);
      const grown = truth.slice(0, cosigned + more);
      expect((await ask(formatAddCheckpoint(cosigned, naiveConsistency(cosigned, grown), await noteOf({ size: grown.length, root: naiveRoot(grown) })))).status).toBe(200);
    }), { numRuns: 1_000 });
  });
  it('400: the request cannot be read', async () => {
    const text = Buffer.from(await bodyOf(7, 8)).toString();
    const [first = '', second = ''] = text.split('\n');
    const broken = ['', '\n\n', text.replace('old 7', 'old 07'), text.replace('old 7', 'old  7'), text.replace('old 7', 'Old 7'), text.replace('old 7', 'old -7'), text.replace('old 7\n', ''), text.replace(second, second.slice(0, -1)), text.replace(second, `${second} `),
      text.replace(second, ''), text.replace(`${first}\n`, `${first}\r\n`), text.replace(second, Buffer.alloc(31).toString('base64')), text.replace(`${second}\n`, `${second}\n`.repeat(64)), text.replace('\n8\n', '\n08\n'), text.slice(0, -1), `${text}\n`, 'x'.repeat(1_100_000)];
    for (const each of broken) expect([each.slice(0, 200), await statusOf(Buffer.from(each), treeOf(7))]).toEqual([each.slice(0, 200), 400]);
    expect(codeOf(() => parseAddCheckpoint(Buffer.from(broken[2]!)))).toBe('witness-request-malformed');
  });
  it('decides again when another request came first, and gives up after three', async () => {
    const { ask, memory } = witnessAt(treeOf(7), 2);
    expect([(await ask(await bodyOf(7, 8))).status, memory.moves]).toEqual([200, 3]);
    expect(await codeOfAsync(async () => witnessAt(treeOf(7), 3).ask(await bodyOf(7, 8)))).toBe('log-busy');
  });
  it('of two requests at once cosigns one, and never goes back', async () => {
    const { ask, memory } = witnessAt(treeOf(7));
    const answers = await Promise.all([ask(await bodyOf(7, 8)), ask(await bodyOf(7, 9))]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(memory.state?.size).toBe(answers[0].status === 200 ? 8 : 9);
  });
  it('lets its ports fail', async () => {
    const body = await bodyOf(0, 1);
    const ports: WitnessPorts = { signer: witness.signer, logKeysOf: () => { throw new TypeError('broken'); }, readState: () => Promise.resolve(undefined), moveState: () => Promise.resolve(true), nowSeconds: () => NOW };
    await expect(addCheckpoint(body, ports)).rejects.toThrow('broken');
  });
  it('refuses or ignores any one bit flipped in a request: what it cosigns is what the log signed', async () => {
    const body = await bodyOf(7, 8);
    await fc.assert(fc.asyncProperty(fc.nat(body.length * 8 - 1), async (bit) => {
      const { ask, memory } = witnessAt(treeOf(7));
      expect([400, 403, 404, 409, 422]).toContain((await ask(flipBit(body, bit))).status);
      expect(memory.moves).toBe(0);
    }), { numRuns: 400 });
  });
});

describe('an add-checkpoint request', () => {
  it('of the C2SP example is read and written back', () => {
    const hashes = ['PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=', 'jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=', '5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=', '/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0='];
    const note = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n'
      + '— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n';
    const body = `old 20852014\n${hashes.join('\n')}\n\n${note}`;
    const { oldSize, proof, checkpoint } = parseAddCheckpoint(Buffer.from(body));
    expect([oldSize, proof.map((hash) => Buffer.from(hash).toString('base64')), checkpoint.size]).toEqual([20_852_014, hashes, 20_852_163]);
    expect(Buffer.from(formatAddCheckpoint(oldSize, proof, Buffer.from(note))).toString()).toBe(body);
  });
  it('has at most 63 hashes', async () => {
    const note = await noteOf(treeOf(1));
    expect(parseAddCheckpoint(formatAddCheckpoint(0, Array<Uint8Array>(63).fill(EMPTY_ROOT), note)).proof.length).toBe(63);
    expect(() => formatAddCheckpoint(0, Array<Uint8Array>(64).fill(EMPTY_ROOT), note)).toThrow(RangeError);
  });
});

describe('a log that asks a witness', () => {
  const askFor = async (size: number, guess: number, ask: (body: Uint8Array) => Promise<WitnessAnswer>, key = witness.key) =>
    askWitness({ key, addCheckpoint: ask }, { note: await noteOf(treeOf(size)), size, guess, notBeforeEpochMs: 0, proofFrom: (oldSize) => Promise.resolve(naiveConsistency(oldSize, entries.slice(0, size))) });
  it('gets its cosignature, whatever size the witness has', async () => {
    for (const state of [undefined, treeOf(1), treeOf(7), treeOf(12), treeOf(20)]) expect((await askFor(20, 12, witnessAt(state).ask)).name).toBe(witness.key.name);
  });
  it('gives up on one that knows a larger tree, another root, refuses, or never agrees', async () => {
    expect(await codeOfAsync(() => askFor(20, 12, witnessAt(treeOf(21)).ask))).toBe('cosignatures-missing');
    expect(await codeOfAsync(() => askFor(20, 20, witnessAt({ size: 20, root: seedOf('x') }).ask))).toBe('cosignatures-missing');
    expect(await codeOfAsync(() => askFor(20, 12, witnessAt({ size: 12, root: seedOf('x') }).ask))).toBe('cosignatures-missing');
    let size = 0;
    expect(await codeOfAsync(() => askFor(20, 12, () => Promise.resolve({ status: 409, contentType: SIZE_MEDIA_TYPE, body: `${size++}\n` })))).toBe('cosignatures-missing');
  });
  it('takes no other answer for one', async () => {
    const note = await noteOf(treeOf(8));
    const plain = { contentType: 'text/plain', body: '7\n' };
    expect(readAnswer(note, { status: 409, ...plain }, witness.key)).toEqual({ type: 'refused', status: 409 });
    for (const body of ['7', '07\n', '7\n\n', '']) expect(readAnswer(note, { status: 409, contentType: SIZE_MEDIA_TYPE, body }, witness.key)).toEqual({ type: 'refused', status: 409 });
    expect(readAnswer(note, { status: 409, contentType: SIZE_MEDIA_TYPE, body: '7\n' }, witness.key)).toEqual({ type: 'conflict', size: 7 });
    expect(readAnswer(note, { status: 503, ...plain }, witness.key)).toEqual({ type: 'refused', status: 503 });
    expect(codeOf(() => readAnswer(note, { status: 200, ...plain }, witness.key))).toBe('note-malformed');
    const good = await witnessAt().ask(formatAddCheckpoint(0, [], note));
    const other = await witnessAt().ask(formatAddCheckpoint(0, [], await noteOf(treeOf(9))));
    expect(readAnswer(note, good, witness.key).type).toBe('cosigned');
    expect(codeOf(() => readAnswer(note, other, witness.key))).toBe('note-unverified');
    expect(codeOf(() => readAnswer(note, good, { ...witness.key, name: 'other' }))).toBe('note-unverified');
    expect(hexOf(EMPTY_ROOT)).toBe(hexOf(naiveRoot([])));
  });
});
