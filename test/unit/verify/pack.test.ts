import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Damage } from '../../../scripts/verify/damage.ts';
import { rootOfPath } from '../../../scripts/verify/inclusion.ts';
import { parseVerifierKey } from '../../../scripts/verify/keys.ts';
import type { Result } from '../../../scripts/verify/result.ts';
import { verifyPack } from '../../../scripts/verify/verify-pack.ts';
import { canonicalJson } from '../../../shared/record/canonical-json.ts';
import { chainEvents } from '../../../shared/record/chain.ts';
import { GENESIS_HASH, type Recorded } from '../../../shared/record/envelope.ts';
import { ENTRIES, LOG, NOW, RECORDED, SIGNERS, WITNESSES } from '../../support/verify/damages.ts';
import type { Event } from '../../support/verify/events.ts';
import { memorySource } from '../../support/verify/memory-source.ts';
import { checkpointOf, createSigner, naiveRoot, writeFiles, type Files } from '../../support/verify/naive-log.ts';
import { BATCH, eventsOf, naivePath, OTHER_BATCH, packOf, proofs, proofsFile, recordFile, summedAnew, type Proofs } from '../../support/verify/packs.ts';
import { runVerify, verifyFiles } from '../../support/verify/run.ts';

const key = parseVerifierKey(LOG.vkey, 1);
const witnesses = WITNESSES.map(({ vkey }) => parseVerifierKey(vkey, 4));
const WORDS = ['--key', LOG.vkey, ...WITNESSES.flatMap(({ vkey }) => ['--witness', vkey])];
const EVENTS = eventsOf(BATCH);
const LAST = EVENTS.at(-1)!.version;

const verify = (files: Files, given = key): Promise<Result> => verifyPack({ source: memorySource(files), key: given, witnesses, quorum: witnesses.length, nowEpochMs: NOW, progress: () => undefined });
const damagesOf = async (files: Files): Promise<readonly Damage[]> => (await verify(files)).damages;
const batch = (version: number, id = BATCH) => ({ kind: 'batch', id, version });
const rechained = (events: readonly Recorded<Event>[]): readonly Recorded<Event>[] =>
  events.reduce<readonly Recorded<Event>[]>((done, { hash: _, previousHash: __, ...draft }, i) => [...done, ...chainEvents(done.at(-1)?.hash ?? GENESIS_HASH, [{ ...draft, version: i + 1 }])], []);
const altered = (version: number): readonly Recorded<Event>[] => EVENTS.map((each) => (each.version === version ? { ...each, event: { ...each.event, note: 'altered' } } : each));
const flipped = (bytes: Buffer, at: number, bit: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at] = copy[at]! ^ (1 << bit);
  return copy;
};

describe('a sound pack', () => {
  it('is found sound: every event proven, every signature bound, by the log and its witnesses', async () => {
    const { damages, pack, entries, signatures, isSignatureGood, cosignatures } = await verify(packOf());
    expect(damages).toEqual([]);
    expect({ pack, entries, isSignatureGood }).toEqual({ pack: { batchId: BATCH, version: LAST, proven: LAST }, entries: LAST, isSignatureGood: true });
    expect([cosignatures.length, signatures > 5]).toEqual([2, true]);
  });
  it('is told from a log by its files, and says in words what was seen and what was not', async () => {
    const { code, report } = await verifyFiles(packOf(), WORDS, NOW);
    expect([code, report.ok]).toEqual([0, true]);
    expect(report.notices.join()).toMatch(/ends with version .*whether the batch went on.*of the other files only the sums/);
    for (const missing of ['batch-record.json', 'proofs.json']) expect((await verifyFiles(packOf({ [missing]: undefined }), WORDS, NOW)).report.damages).toMatchObject([{ file: missing }]);
    expect((await verifyFiles(packOf({ 'log-key.txt': undefined }), WORDS, NOW)).code).toBe(0);
  });
  it('says loudly that nobody vouches for it when no key is given', async () => {
    const { report, code } = await verifyFiles(packOf(), [], NOW);
    expect(report).toMatchObject({ ok: true, authenticityChecked: false, isSignatureGood: false });
    expect(code).toBe(0);
  });
  it('can not be compared with an earlier checkpoint, and says so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bedside-verify-'));
    try {
      writeFiles(folder, packOf());
      const { code, error } = await runVerify([folder, ...WORDS, '--previous', join(folder, 'checkpoint')], NOW);
      expect([code, error]).toEqual([2, expect.stringContaining('compare with the log itself')]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  it('leads by the path of the definition to the root of the definition, for no other place and no other size', () => {
    for (const size of [1, 2, 3, 7, 8, 33]) {
      const entries = ENTRIES.slice(0, size), root = naiveRoot(entries);
      for (let index = 0; index < size; index++) {
        const path = naivePath(index, entries), leaf = createHash('sha256').update(Buffer.concat([Buffer.of(0), entries[index]!])).digest();
        for (let place = -1; place <= size; place++) expect(rootOfPath(leaf, place, size, path)?.equals(root) === true).toBe(place === index);
        expect(rootOfPath(leaf, index, size, [...path, root])).toBeUndefined();
        if (path.length > 0) expect(rootOfPath(leaf, index, size, path.slice(1))).toBeUndefined();
      }
    }
  });
});

describe('a damaged pack', () => {
  it.each([...packOf().keys()])('with any bit of %s flipped is found out', async (file) => {
    const sound = packOf(), bytes = sound.get(file)!;
    await fc.assert(fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 7 }), async (at, bit) => {
      const files = new Map([...sound, [file, flipped(bytes, at, bit)]]);
      if ((await damagesOf(files)).length === 0) throw new Error(`not found: byte ${at}, bit ${bit}`);
    }), { numRuns: 150 });
  });

  it('with any bit of the record flipped is found out with the sums made anew, at the right event', async () => {
    const sound = packOf(), bytes = sound.get('batch-record.json')!;
    const start = bytes.indexOf('\n') + 1, end = bytes.length - 5;
    await fc.assert(fc.asyncProperty(fc.integer({ min: start, max: end }), fc.nat({ max: 7 }), async (at, bit) => {
      const version = bytes.subarray(start, at).toString('latin1').split('\n').length;
      const damages = await damagesOf(summedAnew(new Map([...sound, ['batch-record.json', flipped(bytes, at, bit)]])));
      const isNamed = damages.some(({ file, batch: named }) => file === 'batch-record.json' && named !== undefined && Math.abs(named.version - version) <= 1);
      if (!isNamed) throw new Error(`not named: byte ${at}, bit ${bit}, version ${version}: ${JSON.stringify(damages.slice(0, 3))}`);
    }), { numRuns: 400 });
  });

  it('with any bit of its proofs, its checkpoint or its key flipped is found out with the sums made anew', async () => {
    const sound = packOf();
    await fc.assert(fc.asyncProperty(fc.constantFrom('proofs.json', 'checkpoint', 'log-key.txt'), fc.nat(), fc.nat({ max: 7 }), async (file, place, bit) => {
      const bytes = sound.get(file)!, changed = flipped(bytes, place % (bytes.length - 1), bit);
      if ((await damagesOf(summedAnew(new Map([...sound, [file, changed]])))).length === 0) throw new Error(`not found: ${file}, byte ${place % (bytes.length - 1)}, bit ${bit}`);
    }), { numRuns: 400 });
  });

  it.each([1, 2, Math.floor(LAST / 2), LAST])('without event %i is found out, and the event named', async (version) => {
    const left = EVENTS.filter((each) => each.version !== version);
    expect(await damagesOf(packOf({ 'batch-record.json': recordFile(BATCH, left) }))).toContainEqual(expect.objectContaining({ file: 'batch-record.json', batch: batch(version) }));
    expect((await damagesOf(packOf({ 'batch-record.json': recordFile(BATCH, rechained(left)) }))).length).toBeGreaterThan(0);
  });

  it('with an event altered, even chained anew and summed anew, is found out by the log', async () => {
    for (const version of [1, 7, LAST]) {
      expect(await damagesOf(packOf({ 'batch-record.json': recordFile(BATCH, altered(version)) }))).toMatchObject([{ file: 'batch-record.json', batch: batch(version), message: expect.stringMatching(/does not match its hash.*not the event the log holds/) as string }]);
      const [first] = await damagesOf(packOf({ 'batch-record.json': recordFile(BATCH, rechained(altered(version))) }));
      expect(first).toMatchObject({ file: 'batch-record.json', batch: batch(version), message: expect.stringContaining('is not the event the log holds as its entry') as string });
    }
  });

  it('with two proofs swapped, or one of another event, names both events', async () => {
    const swapped = proofs(), [a, b] = [swapped.proofs[3]!, swapped.proofs[9]!];
    [a.index, b.index, a.inclusionProof, b.inclusionProof] = [b.index, a.index, b.inclusionProof, a.inclusionProof];
    const named = (await damagesOf(packOf({ 'proofs.json': proofsFile(swapped) }))).map(({ file, batch: place }) => `${file} ${place?.version ?? ''}`);
    expect(named).toEqual(expect.arrayContaining(['proofs.json 4', 'proofs.json 10']));
  });

  it('with the proofs of another batch names both batches, and each event', async () => {
    const { damages, pack } = await verify(packOf({ 'proofs.json': proofsFile(proofs(OTHER_BATCH)) }));
    expect(damages).toContainEqual(expect.objectContaining({ file: 'proofs.json', message: `is of batch ${OTHER_BATCH}, the record is of batch ${BATCH}` }));
    expect(damages).toContainEqual(expect.objectContaining({ file: 'batch-record.json', batch: batch(1) }));
    expect(pack?.proven).toBe(0);
    expect(await damagesOf(packOf({ 'proofs.json': proofsFile({ ...proofs(OTHER_BATCH), batchId: BATCH }) }))).toContainEqual(expect.objectContaining({ batch: batch(2) }));
  });

  it('with events of another batch under this one\'s name is found out', async () => {
    const record = Buffer.from(recordFile(OTHER_BATCH, eventsOf(OTHER_BATCH)).toString('utf8').replace(OTHER_BATCH, BATCH));
    expect(await damagesOf(packOf({ 'batch-record.json': record, 'proofs.json': proofsFile(proofs(OTHER_BATCH)) }))).toContainEqual(expect.objectContaining({ file: 'batch-record.json', batch: batch(1, OTHER_BATCH), message: `is not of batch ${BATCH}` }));
  });

  it('names an event without a proof, one that waits for it, and one that waits under a wrong name', async () => {
    const none = proofs(), taken = none.proofs.pop()!, { version, leafHash } = taken;
    const atOnce = { checkpoint: checkpointOf(ENTRIES, { ...SIGNERS, epochSeconds: Math.ceil(Date.parse(EVENTS.at(-1)!.recordedAt) / 1000) + 30 }) };
    const said = (own: Proofs): Promise<readonly Damage[]> => damagesOf(packOf({ ...atOnce, 'proofs.json': proofsFile(own) }));
    expect(await said(none)).toEqual([{ file: 'proofs.json', batch: batch(LAST), message: 'has no proof' }]);
    expect(await said({ ...none, waiting: [{ version, leafHash }] })).toMatchObject([{ file: 'proofs.json', batch: batch(LAST), message: expect.stringContaining('has no proof yet') as string }]);
    expect(await said({ ...none, waiting: [{ version, leafHash: '0'.repeat(64) }] })).toMatchObject([{ file: 'batch-record.json', batch: batch(LAST) }]);
    expect(await said({ ...proofs(), waiting: [{ version, leafHash }] })).toMatchObject([{ file: 'proofs.json', batch: batch(LAST) }]);
    expect(await said({ ...none, proofs: [...none.proofs, taken, taken] })).toMatchObject([{ batch: batch(LAST), message: expect.stringContaining('twice') as string }]);
  });

  it('does not let an event wait that a minute has passed for, nor one before an event that is in the log', async () => {
    const late = proofs(), { version, leafHash } = late.proofs.pop()!;
    expect(await damagesOf(packOf({ 'proofs.json': proofsFile({ ...late, waiting: [{ version, leafHash }] }) }))).toMatchObject([{ file: 'batch-record.json', batch: batch(LAST), message: expect.stringMatching(/^is not in the log, though it says it was recorded \d+ s before the checkpoint was made/) as string }]);
    const earlier = proofs(), [taken] = earlier.proofs.splice(4, 1);
    expect(await damagesOf(packOf({ 'proofs.json': proofsFile({ ...earlier, waiting: [{ version: 5, leafHash: taken!.leafHash }] }) }))).toMatchObject([{ file: 'batch-record.json', batch: batch(5), message: expect.stringContaining('the event was replaced after the log took it in') as string }]);
  });

  it('with another log\'s key is refused, given or in the pack', async () => {
    const other = createSigner(LOG.name, 1);
    const { damages, isSignatureGood } = await verify(packOf(), parseVerifierKey(other.vkey, 1));
    expect(isSignatureGood).toBe(false);
    expect(damages.map(({ file }) => file).sort()).toEqual(['checkpoint', 'log-key.txt']);
    expect(await damagesOf(packOf({ 'log-key.txt': Buffer.from(`${other.vkey}\n`) }))).toMatchObject([{ file: 'log-key.txt' }]);
    expect((await verifyFiles(packOf({ 'log-key.txt': Buffer.from(`${other.vkey}\n`) }), [], NOW)).code).toBe(1);
  });

  it('with a checkpoint of another size, of fewer witnesses, or none, is refused', async () => {
    expect(await damagesOf(packOf({ checkpoint: checkpointOf(ENTRIES.slice(0, 500), SIGNERS) }))).toContainEqual(expect.objectContaining({ file: 'proofs.json', message: 'is of a tree of 600 entries, the checkpoint covers 500' }));
    expect(await damagesOf(packOf({ checkpoint: checkpointOf(ENTRIES, { ...SIGNERS, witnesses: WITNESSES.slice(1) }) }))).toMatchObject([{ file: 'checkpoint' }]);
    expect(await damagesOf(packOf({ checkpoint: checkpointOf(ENTRIES, { ...SIGNERS, epochSeconds: Math.floor(Date.parse(EVENTS.at(-1)!.recordedAt) / 1000) - 301 }) }))).toContainEqual(expect.objectContaining({ file: 'checkpoint' }));
    expect(await damagesOf(packOf({ checkpoint: undefined }))).toMatchObject([{ file: 'checkpoint' }]);
  });

  it('with a signature taken to another event names that event, though the log itself holds it', async () => {
    const [from, to] = EVENTS.filter(({ event }) => event['signature'] !== undefined);
    const events = rechained(EVENTS.map((each) => (each === to ? { ...each, event: { ...each.event, signature: from!.event['signature'] } } : each)));
    expect(await damagesOf(packOf({ 'batch-record.json': recordFile(BATCH, events) }))).toContainEqual(expect.objectContaining({ batch: batch(to!.version), message: expect.stringMatching(/signature is of version.*already used by version/) as string }));
  });

  it('with a file the sums do not name, or name and is gone, or named twice, is found out', async () => {
    const sums = packOf().get('SHA256SUMS')!.toString('utf8');
    const withSums = (text: string): Promise<readonly Damage[]> => damagesOf(packOf({ SHA256SUMS: Buffer.from(text) }));
    expect(await withSums(sums.replace(/.*batch-record\.pdf\n/, ''))).toMatchObject([{ file: 'SHA256SUMS', message: 'has no sum of batch-record.pdf' }]);
    expect(await withSums(`${sums}${'0'.repeat(64)}  gone.txt\n`)).toMatchObject([{ file: 'gone.txt' }]);
    expect(await withSums(`${sums}${sums}`)).toMatchObject([{ file: 'SHA256SUMS' }]);
    expect(await withSums(sums.slice(0, -1))).toContainEqual(expect.objectContaining({ file: 'SHA256SUMS', message: expect.stringContaining('cut off') as string }));
  });

  it.each([
    ['empty', ''], ['no JSON', '{'], ['a list', '[]'], ['null', 'null'], ['of another format', canonicalJson({ ...proofs(), formatVersion: 2 })], ['with something more', canonicalJson({ ...proofs(), more: 1 })],
    ['with what are no proofs', canonicalJson({ ...proofs(), proofs: [null, 1, { version: 1 }, { ...proofs().proofs[0], index: -1 }, { ...proofs().proofs[0], inclusionProof: ['AA=='] }] })],
  ])('with proofs that are %s is refused', async (_, text) => {
    expect(await damagesOf(packOf({ 'proofs.json': Buffer.from(text) }))).toContainEqual(expect.objectContaining({ file: 'proofs.json' }));
  });

  it.each([['empty', ''], ['no record', '{}\n'], ['cut off', recordFile(BATCH, EVENTS).toString('utf8').slice(0, 3000)], ['of no events', recordFile(BATCH, EVENTS).toString('utf8').replace(/\n[^]*\n/, '\n')]])('with a record that is %s is refused', async (_, text) => {
    expect(await damagesOf(packOf({ 'batch-record.json': Buffer.from(text) }))).toContainEqual(expect.objectContaining({ file: 'batch-record.json' }));
  });
});

it('the sample has events of both batches', () => { expect([EVENTS.length > 20, eventsOf(OTHER_BATCH).length > 20, RECORDED.length]).toEqual([true, true, 600]); });
