import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCheckpoint } from '../../../shared/audit-log/checkpoint.ts';
import { decodeEntries } from '../../../shared/audit-log/entry-bundle.ts';
import { hexOf, leafHashOf } from '../../../shared/audit-log/hash.ts';
import { GENESIS_HEAD, tileReaderOf, type LogStore } from '../../../shared/audit-log/log-store.ts';
import { integrate, settledHead } from '../../../shared/audit-log/log-writer.ts';
import { parseNote } from '../../../shared/audit-log/note.ts';
import { rootFromTiles } from '../../../shared/audit-log/proofs.ts';
import { publishCheckpoint, type LogIdentity } from '../../../shared/audit-log/publish.ts';
import { appendEntries, EMPTY_EDGE } from '../../../shared/audit-log/right-edge.ts';
import { tilePath, tileWidth } from '../../../shared/audit-log/tiles.ts';
import { SIGNATURE_TYPE } from '../../../shared/audit-log/verifier-key.ts';
import { codeOfAsync } from '../../support/error-code.ts';
import { LogStorage } from './memory-log-store.ts';
import { entriesOf, flipBit, keyPairOf, naiveRoot, seedOf } from './reference.ts';
import { Crash, Scheduler, type Fate } from './scheduler.ts';

const log = keyPairOf('bedside.network/north', SIGNATURE_TYPE.ed25519, seedOf('north'));
const identity: LogIdentity = { ...log, witnesses: [], quorum: 0 };

/** All entries of a tree, from its bundles alone. */
const readAll = (storage: LogStorage, size: number): Buffer[] => Array.from({ length: Math.ceil(size / 256) }, (_, index) => {
  const path = tilePath({ level: 'entries', index, width: tileWidth(0, index, size) });
  return decodeEntries(storage.objects.get(path) ?? new Uint8Array(), tileWidth(0, index, size), path).map((entry) => Buffer.from(entry));
}).flat();

/** Every object that a checkpoint of this size promises is there, and gives its root. */
const expectWhole = (storage: LogStorage, size: number, root: string): void => {
  const entries = readAll(storage, size);
  const { objects, root: computed } = appendEntries(EMPTY_EDGE, entries);
  expect(hexOf(computed)).toBe(root);
  for (const { path, bytes } of objects) expect(Buffer.compare(storage.objects.get(path) ?? new Uint8Array(), bytes)).toBe(0);
};

const expectSound = (storage: LogStorage): void => {
  const roots = new Map<number, string>();
  for (const [i, { version, size, root }] of storage.heads.entries()) {
    expect(version).toBe(i + 1);
    expect(size).toBeGreaterThanOrEqual(storage.heads[i - 1]?.size ?? 0);
    expect(roots.get(size) ?? root).toBe(root);
    roots.set(size, root);
  }
  expect(storage.clashes).toEqual([]);
  const published = storage.checkpoints.map((bytes) => parseCheckpoint(parseNote(bytes).text));
  for (const [i, { size, root }] of published.entries()) {
    expect(size).toBeGreaterThan(published[i - 1]?.size ?? -1);
    expect(hexOf(root)).toBe(size === 0 ? GENESIS_HEAD.root : roots.get(size));
  }
};

describe('integrating entries', () => {
  it('puts each in the tree once, in order, however often it is handed in', async () => {
    const storage = new LogStorage();
    const entries = entriesOf(700);
    expect((await integrate(storage.open(), entries.slice(0, 300))).indices).toEqual(entries.slice(0, 300).map((_, i) => i));
    const { indices, head } = await integrate(storage.open(), [...entries, ...entries.slice(0, 10)]);
    expect(indices).toEqual([...entries.keys(), ...Array.from({ length: 10 }, (_, i) => i)]);
    expect(head).toEqual({ version: 4, size: 700, root: hexOf(naiveRoot(entries)), newestEpochMs: 0 });
    expect(readAll(storage, 700).map(String)).toEqual(entries.map(String));
    expectWhole(storage, 700, head.root);
  });
  it('of none, or of none that are new, does not move the head', async () => {
    const storage = new LogStorage();
    expect((await integrate(storage.open(), [])).head).toEqual(GENESIS_HEAD);
    await integrate(storage.open(), entriesOf(5));
    expect((await integrate(storage.open(), entriesOf(5))).head.version).toBe(2);
  });
  it('keeps the time of the newest event for as long as nothing newer comes, whoever settles the head', async () => {
    const storage = new LogStorage();
    await integrate(storage.open(), entriesOf(5), 2000);
    expect((await integrate(storage.open(), entriesOf(7), 1000)).head.newestEpochMs).toBe(2000);
    const cut: LogStore = { ...storage.open(), putTile: () => Promise.reject(new Error('cut off')) };
    await expect(integrate(cut, entriesOf(9), 3000)).rejects.toThrow('cut off');
    expect(await settledHead(storage.open())).toMatchObject({ size: 9, newestEpochMs: 3000 });
    expect((await integrate(storage.open(), entriesOf(9), 9000)).head.newestEpochMs).toBe(3000);
  });
  it('of more than one batch moves the head several times', async () => {
    const storage = new LogStorage();
    const { head, indices } = await integrate(storage.open(), entriesOf(4097));
    expect([head.version, head.size, indices.at(-1)]).toEqual([4, 4097, 4096]);
  });
  it('refuses one that is too long, and all with it', async () => {
    const storage = new LogStorage();
    expect(await codeOfAsync(() => integrate(storage.open(), [Uint8Array.of(1), new Uint8Array(65_536)]))).toBe('log-entry-too-large');
    expect(storage.heads).toEqual([]);
  });
  it('gives up when other sequencers always come first', async () => {
    const store: LogStore = { ...new LogStorage().open(), moveHead: () => Promise.resolve(false) };
    expect(await codeOfAsync(() => integrate(store, entriesOf(1)))).toBe('log-busy');
    const pending = new LogStorage();
    await integrate(pending.open(), entriesOf(3));
    pending.head = pending.heads[0]!;
    expect(await codeOfAsync(() => settledHead({ ...pending.open(), moveHead: () => Promise.resolve(false) }))).toBe('log-busy');
  });
});

const batches = fc.array(fc.record({ first: fc.nat(600), count: fc.integer({ min: 1, max: 300 }) }), { minLength: 2, maxLength: 5, size: 'max' });
const fate: fc.Arbitrary<Fate> = fc.oneof({ weight: 40, arbitrary: fc.constant('done' as const) }, { weight: 1, arbitrary: fc.constant('crash-after' as const) }, { weight: 1, arbitrary: fc.constant('crash-before' as const) });
const steps = fc.array(fc.record({ choice: fc.nat(1000), fate }), { minLength: 20, maxLength: 300, size: 'max' });

describe('sequencers that overlap, pause and crash between any two effects', () => {
  it('never give one size two roots, publish what is not whole, or lose or repeat an entry', async () => {
    const all = entriesOf(900);
    await fc.assert(fc.asyncProperty(batches, steps, async (parts, plan) => {
      const storage = new LogStorage();
      const scheduler = new Scheduler();
      const acknowledged = new Set<string>();
      const failures: unknown[] = [];
      parts.forEach(({ first, count }, process) => {
        const store = storage.open(scheduler.stepOf(process));
        const entries = all.slice(first, first + count);
        void integrate(store, entries).then(({ indices }) => {
          for (const [i, entry] of entries.entries()) {
            acknowledged.add(hexOf(leafHashOf(entry)));
            if (storage.index.get(hexOf(leafHashOf(entry))) !== indices[i]) failures.push('wrong index');
          }
          return publishCheckpoint(store, identity);
        }).catch((error: unknown) => { if (!(error instanceof Crash)) failures.push(error); });
      });
      const publisher = storage.open(scheduler.stepOf(parts.length));
      void (async () => { for (let i = 0; i < 20; i += 1) await publishCheckpoint(publisher, identity); })().catch((error: unknown) => { if (!(error instanceof Crash)) failures.push(error); });
      let seen = 0;
      for (const { choice, fate: what } of plan) {
        if (!await scheduler.step(choice, what)) break;
        expectSound(storage);
        for (; seen < storage.checkpoints.length; seen += 1) {
          const { size, root } = parseCheckpoint(parseNote(storage.checkpoints[seen]!).text);
          expectWhole(storage, size, hexOf(root));
        }
      }
      expect(failures).toEqual([]);
      // Whatever is left hanging, a fresh sequencer that is handed everything again finishes it.
      const wanted = [...new Set(parts.flatMap(({ first, count }) => all.slice(first, first + count).map(String)))];
      const { head } = await integrate(storage.open(), wanted.map((entry) => Buffer.from(entry)));
      await publishCheckpoint(storage.open(), identity);
      const kept = readAll(storage, head.size);
      expect(kept.map(String).sort()).toEqual(wanted.sort());
      expectWhole(storage, head.size, head.root);
      const places = new Map(kept.map((entry, i) => [hexOf(leafHashOf(entry)), i]));
      expect(new Map([...storage.index].sort())).toEqual(new Map([...places].sort()));
      for (const leafHash of acknowledged) expect(places.has(leafHash)).toBe(true);
      // The paused ones resume, long after.
      for (let i = 0; await scheduler.step(i, 'done'); i += 1);
      expect(failures).toEqual([]);
      expectSound(storage);
      expect(storage.head).toEqual(head);
      expect(parseCheckpoint(parseNote(storage.checkpoint!.bytes).text).size).toBe(head.size);
    }), { numRuns: 150 });
  });

  it('finish the batch of one that crashed at each of its effects in turn', async () => {
    const [first, second] = [entriesOf(250), entriesOf(400, 'later')];
    for (const what of ['crash-before', 'crash-after'] as const) {
      for (let crashAt = 0, crashed = true; crashed; crashAt += 1) {
        const storage = new LogStorage();
        await integrate(storage.open(), first);
        const scheduler = new Scheduler();
        const run = integrate(storage.open(scheduler.stepOf(0)), second).then(() => false, (error: unknown) => error instanceof Crash);
        for (let at = 0; await scheduler.step(0, at === crashAt ? what : 'done'); at += 1);
        crashed = await run;
        const { head } = await integrate(storage.open(), [...second, ...first]);
        expect(readAll(storage, head.size).map(String)).toEqual([...first, ...second].map(String));
        expectWhole(storage, 650, head.root);
        expectSound(storage);
      }
    }
  });

  it('go on when the staged batch of a head that moved on was deleted', async () => {
    const storage = new LogStorage();
    const store = storage.open();
    await integrate(store, entriesOf(3));
    const settled = storage.head;
    storage.staged.clear();
    let reads = 0;
    const late: LogStore = { ...store, readHead: () => Promise.resolve((reads++ === 0 ? storage.heads[0] : settled)!) };
    expect(await settledHead(late)).toEqual(settled);
  });
});

describe('a store that was tampered with', () => {
  const grown = async (size: number): Promise<LogStorage> => {
    const storage = new LogStorage();
    await integrate(storage.open(), entriesOf(size));
    return storage;
  };
  it('with any one bit of a partial tile or bundle flipped is not built upon', async () => {
    const storage = await grown(600);
    const edge = ['tile/entries/002.p/88', 'tile/0/002.p/88', 'tile/1/000.p/2'];
    await fc.assert(fc.asyncProperty(fc.constantFrom(...edge), fc.nat(), async (path, bit) => {
      const original = storage.objects.get(path)!;
      storage.objects.set(path, flipBit(original, bit));
      expect(await codeOfAsync(() => integrate(storage.open(), entriesOf(1, 'new')))).toBe('log-corrupt');
      storage.objects.set(path, original);
    }), { numRuns: 300 });
    for (const path of edge) {
      const original = storage.objects.get(path)!;
      storage.objects.delete(path);
      expect(await codeOfAsync(() => integrate(storage.open(), entriesOf(1, 'new')))).toBe('log-corrupt');
      storage.objects.set(path, original);
    }
  });
  it('with an entry and its tile replaced together is not built upon', async () => {
    const storage = await grown(3);
    for (const { path, bytes } of appendEntries(EMPTY_EDGE, [...entriesOf(2), Buffer.from('forged')]).objects) storage.objects.set(path, bytes);
    expect(await codeOfAsync(() => integrate(storage.open(), entriesOf(1, 'new')))).toBe('log-corrupt');
  });
  it('with other bytes where a new tile belongs is not published', async () => {
    const storage = await grown(200);
    storage.objects.set('tile/0/000', new Uint8Array(8192));
    expect(await codeOfAsync(() => integrate(storage.open(), entriesOf(300)))).toBe('log-corrupt');
    expect(await codeOfAsync(() => publishCheckpoint(storage.open(), identity))).toBe('log-corrupt');
    expect(storage.checkpoints).toEqual([]);
  });
  it('that reads back other bytes than were written is not published', async () => {
    const storage = new LogStorage();
    const store: LogStore = { ...storage.open(), getObject: (path) => Promise.resolve(path === 'tile/0/000.p/9' ? flipBit(storage.objects.get(path)!, 7) : storage.objects.get(path)) };
    expect(await codeOfAsync(() => integrate(store, entriesOf(9)))).toBe('log-corrupt');
    const forgetful: LogStore = { ...storage.open(), getStaged: () => Promise.resolve(undefined) };
    expect(await codeOfAsync(() => integrate({ ...forgetful, readHead: () => Promise.resolve(GENESIS_HEAD) }, entriesOf(9)))).toBe('log-corrupt');
    expect(await codeOfAsync(() => settledHead(forgetful))).toBe('log-corrupt');
  });
  it('with another staged batch, or another root in the head, is not settled', async () => {
    const storage = await grown(9);
    const pending = storage.heads[0]!;
    storage.head = { ...pending, root: hexOf(seedOf('x')) };
    expect(await codeOfAsync(() => settledHead(storage.open()))).toBe('log-corrupt');
    storage.head = pending;
    storage.staged.set(pending.pending!.staged, Uint8Array.of(0, 0));
    expect(await codeOfAsync(() => settledHead(storage.open()))).toBe('log-corrupt');
  });
  it('gives a partial tile from the full one when only that is left', async () => {
    const storage = await grown(256);
    const read = tileReaderOf(storage.open());
    expect(Buffer.compare(await read(0, 0, 9), storage.objects.get('tile/0/000')!.subarray(0, 9 * 32))).toBe(0);
    expect(await codeOfAsync(() => read(0, 1, 256))).toBe('log-corrupt');
    expect(hexOf(await rootFromTiles(read, 256))).toBe(storage.head.root);
  });
});
