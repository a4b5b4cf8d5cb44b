import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEntries, encodeEntries } from '../../../shared/audit-log/entry-bundle.ts';
import { Frontier } from '../../../shared/audit-log/frontier.ts';
import { EMPTY_ROOT, hexOf, leafHashOf } from '../../../shared/audit-log/hash.ts';
import { consistencyProof, inclusionProof, rootFromTiles } from '../../../shared/audit-log/proofs.ts';
import { appendEntries, EMPTY_EDGE, type RightEdge } from '../../../shared/audit-log/right-edge.ts';
import { hashRanges } from '../../../shared/audit-log/subtrees.ts';
import { levelsOf, parseTilePath, tilePath, tileWidth, type TileReader } from '../../../shared/audit-log/tiles.ts';
import { verifyConsistency, verifyInclusion } from '../../../shared/audit-log/verify-proof.ts';
import vectors from '../../vectors/audit-log/merkle.json' with { type: 'json' };
import { codeOf, codeOfAsync } from '../../support/error-code.ts';
import { entriesOf, flipBit, naiveConsistency, naivePath, naiveRoot } from './reference.ts';

const hex = (hashes: readonly Uint8Array[]): string[] => hashes.map(hexOf);
const bytes = (text: string): Uint8Array => Buffer.from(text, 'hex');

/** Objects of a tree grown by steps; with a reader that counts. */
const grow = (entries: readonly Uint8Array[], steps: readonly number[] = []) => {
  const objects = new Map<string, Uint8Array>();
  let edge: RightEdge = EMPTY_EDGE;
  let root = EMPTY_ROOT;
  for (let at = 0, turn = 0; at < entries.length; turn += 1) {
    const part = entries.slice(at, at + (steps[turn] ?? entries.length));
    const appended = appendEntries(edge, part);
    for (const object of appended.objects) objects.set(object.path, object.bytes);
    ({ edge, root } = appended);
    at += part.length;
  }
  const reads: number[] = [];
  const read: TileReader = (level, index, width) => {
    reads.push(level);
    return Promise.resolve(objects.get(tilePath({ level, index, width })) ?? new Uint8Array());
  };
  return { objects, edge, root, read, reads };
};

describe('the test tree of certificate-transparency', () => {
  const leaves = vectors.leaves.map(bytes);
  it.each(vectors.roots.map((root, size) => ({ root, size })))('has the published root of $size leaves', ({ root, size }) => {
    expect([hexOf(grow(leaves.slice(0, size)).root), hexOf(naiveRoot(leaves.slice(0, size)))]).toEqual([root, root]);
  });
  it.each(vectors.inclusion)('has the published audit path of leaf $index of $size', async ({ index, size, proof }) => {
    const { read, root } = grow(leaves.slice(0, size));
    expect(hex(await inclusionProof(read, index, size))).toEqual(proof);
    expect(verifyInclusion({ leafHash: leafHashOf(leaves[index]!), index, size, root }, proof.map(bytes))).toBe(true);
  });
  it.each(vectors.consistency)('has the published consistency proof from $oldSize to $newSize', async ({ oldSize, newSize, proof }) => {
    const { read, root } = grow(leaves.slice(0, newSize));
    expect(hex(await consistencyProof(read, oldSize, newSize))).toEqual(proof);
    expect(verifyConsistency({ size: oldSize, root: bytes(vectors.roots[oldSize]!) }, { size: newSize, root }, proof.map(bytes))).toBe(true);
  });
});

const sizes = fc.integer({ min: 1, max: 1200 });

describe('a tree in tiles', () => {
  it('grows to the same objects and root in any steps, as the naive reference says', () => {
    fc.assert(fc.property(sizes, fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 8 }), (size, steps) => {
      const entries = entriesOf(size);
      const grown = grow(entries, steps);
      const whole = grow(entries);
      expect(hexOf(grown.root)).toBe(hexOf(naiveRoot(entries)));
      for (const [path, object] of whole.objects) expect(Buffer.compare(grown.objects.get(path)!, object)).toBe(0);
      expect(grown.edge).toEqual(whole.edge);
    }), { numRuns: 40 });
  });
  it('has exactly the tiles and widths that its size asks for', () => {
    for (const size of [1, 255, 256, 257, 511, 512, 65_536, 70_000]) {
      const wanted = Array.from({ length: levelsOf(size) }, (_, level) => Array.from({ length: Math.ceil(Math.floor(size / 256 ** level) / 256) }, (_unused, index) => tilePath({ level, index, width: tileWidth(level, index, size) }))).flat();
      const bundles = wanted.filter((path) => path.startsWith('tile/0/')).map((path) => path.replace('tile/0/', 'tile/entries/'));
      expect([...grow(entriesOf(size)).objects.keys()].sort()).toEqual([...wanted, ...bundles].sort());
    }
    // The example of C2SP tlog-tiles: 273 full and one of 112; one full and one of 17; one of 1.
    expect([tileWidth(0, 273, 70_000), tileWidth(1, 0, 70_000), tileWidth(1, 1, 70_000), tileWidth(2, 0, 70_000), tileWidth(0, 274, 70_000)]).toEqual([112, 256, 17, 1, 0]);
    expect(tileWidth(1, 0, 256)).toBe(1);
  });
  it('gives the proofs of the naive reference, which verify, from at most three tiles a level', async () => {
    await fc.assert(fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (size, i, m) => {
      const entries = entriesOf(size);
      const { read, reads, root } = grow(entries);
      const [index, oldSize] = [i % size, m % (size + 1)];
      const most = (): number => Math.max(0, ...[0, 1, 2].map((level) => reads.filter((each) => each === level).length));
      const inclusion = await inclusionProof(read, index, size);
      expect(most()).toBeLessThanOrEqual(2);
      reads.length = 0;
      const consistency = await consistencyProof(read, oldSize, size);
      expect(most()).toBeLessThanOrEqual(3);
      expect(hex(inclusion)).toEqual(hex(naivePath(index, entries)));
      expect(hex(consistency)).toEqual(hex(naiveConsistency(oldSize, entries)));
      expect(verifyInclusion({ leafHash: leafHashOf(entries[index]!), index, size, root }, inclusion)).toBe(true);
      const older = { size: oldSize, root: naiveRoot(entries.slice(0, oldSize)) };
      expect(verifyConsistency(older, { size, root }, consistency)).toBe(true);
      expect(hexOf(await rootFromTiles(read, oldSize, size))).toBe(hexOf(older.root));
    }), { numRuns: 60 });
  });
  it('gives every proof of every tree up to 20 leaves', async () => {
    for (let size = 1; size <= 20; size += 1) {
      const entries = entriesOf(size);
      const { read } = grow(entries);
      for (let m = 0; m < size; m += 1) {
        expect(hex(await inclusionProof(read, m, size))).toEqual(hex(naivePath(m, entries)));
        expect(hex(await consistencyProof(read, m, size))).toEqual(hex(naiveConsistency(m, entries)));
      }
    }
  });
  it('refuses what is not in the tree, and a tile of another length', async () => {
    const { read } = grow(entriesOf(300));
    for (const index of [-1, 300, 0.5, Number.NaN]) expect(await codeOfAsync(() => inclusionProof(read, index, 300))).toBe('log-entry-not-found');
    for (const size of [-1, 0.5, 2 ** 53]) expect(await codeOfAsync(() => rootFromTiles(read, size))).toBe('log-entry-not-found');
    expect(await codeOfAsync(() => rootFromTiles(read, 301, 300))).toBe('log-entry-not-found');
    expect(await codeOfAsync(() => consistencyProof(read, 301, 300))).toBe('log-entry-not-found');
    expect(await codeOfAsync(() => inclusionProof(() => Promise.resolve(new Uint8Array(31)), 0, 300))).toBe('log-corrupt');
    expect(await hashRanges(read, 300, [])).toEqual([]);
  });
});

describe('a proof that was damaged', () => {
  const damaged = fc.record({ size: fc.integer({ min: 2, max: 300 }), i: fc.nat(), bit: fc.nat(), step: fc.nat() });
  it('does not verify with any bit flipped, shortened, lengthened, or for another place', () => {
    fc.assert(fc.property(damaged, ({ size, i, bit, step }) => {
      const entries = entriesOf(size);
      const index = i % size;
      const claim = { leafHash: leafHashOf(entries[index]!), index, size, root: naiveRoot(entries) };
      const path = naivePath(index, entries);
      const at = step % path.length;
      expect(verifyInclusion(claim, path)).toBe(true);
      expect(verifyInclusion(claim, path.with(at, flipBit(path[at]!, bit % 256)))).toBe(false);
      expect(verifyInclusion(claim, path.toSpliced(at, 1))).toBe(false);
      expect(verifyInclusion(claim, path.toSpliced(at, 0, path[at]!))).toBe(false);
      expect(verifyInclusion(claim, path.with(at, path[at]!.slice(1)))).toBe(false);
      expect(verifyInclusion({ ...claim, leafHash: flipBit(claim.leafHash, bit % 256) }, path)).toBe(false);
      expect(verifyInclusion({ ...claim, root: flipBit(claim.root, bit % 256) }, path)).toBe(false);
      expect(verifyInclusion({ ...claim, index: (index + 1) % size }, path)).toBe(false);
      expect(verifyInclusion({ ...claim, index: size }, path)).toBe(false);
      expect(verifyInclusion({ ...claim, index: -1 }, path)).toBe(false);
      expect(verifyInclusion({ ...claim, size: size + 0.5 }, path)).toBe(false);
    }), { numRuns: 300 });
  });
  it('does not connect two trees with any bit flipped, shortened or lengthened', () => {
    fc.assert(fc.property(damaged, ({ size, i, bit, step }) => {
      const entries = entriesOf(size);
      const oldSize = 1 + i % (size - 1);
      const [older, newer] = [{ size: oldSize, root: naiveRoot(entries.slice(0, oldSize)) }, { size, root: naiveRoot(entries) }];
      const proof = naiveConsistency(oldSize, entries);
      const at = step % proof.length;
      expect(verifyConsistency(older, newer, proof)).toBe(true);
      expect(verifyConsistency(older, newer, proof.with(at, flipBit(proof[at]!, bit % 256)))).toBe(false);
      expect(verifyConsistency(older, newer, proof.toSpliced(at, 1))).toBe(false);
      expect(verifyConsistency(older, newer, proof.toSpliced(at, 0, proof[at]!))).toBe(false);
      expect(verifyConsistency({ ...older, root: flipBit(older.root, bit % 256) }, newer, proof)).toBe(false);
      expect(verifyConsistency(older, { ...newer, root: flipBit(newer.root, bit % 256) }, proof)).toBe(false);
      expect(verifyConsistency(newer, older, proof)).toBe(false);
      expect(verifyConsistency(older, newer, [])).toBe(false);
    }), { numRuns: 300 });
  });
  it('is not accepted for sizes that want a proof of another length', () => {
    const entries = entriesOf(33);
    const trees = Array.from({ length: 18 }, (_, size) => ({ size, root: naiveRoot(entries.slice(0, size)) }));
    const pairs = (below: number): (readonly [number, number])[] => Array.from({ length: below - 1 }, (_, i) => Array.from({ length: i + 1 }, (_unused, m) => [m, i + 1] as const)).flat();
    const claims = pairs(33);
    let accepted = 0;
    for (const [m, size] of pairs(18)) {
      const path = naivePath(m, entries.slice(0, size));
      const proof = naiveConsistency(m, entries.slice(0, size));
      for (const [n, other] of claims) {
        if (verifyInclusion({ leafHash: leafHashOf(entries[m]!), index: n, size: other, root: trees[size]!.root }, path)) expect(path.length).toBe(naivePath(n, entries.slice(0, other)).length);
        if (n === 0 || m === 0 || !verifyConsistency({ ...trees[m]!, size: n }, { ...trees[size]!, size: other }, proof)) continue;
        accepted += 1;
        expect(proof.length).toBe(naiveConsistency(n, entries.slice(0, other)).length);
      }
    }
    expect(accepted).toBeGreaterThan(100);
  });
  it('from the empty tree and between equal trees is empty, or no proof', () => {
    const [empty, one, other] = [{ size: 0, root: EMPTY_ROOT }, { size: 1, root: leafHashOf(Uint8Array.of(1)) }, { size: 1, root: leafHashOf(Uint8Array.of(2)) }];
    expect([verifyConsistency(empty, one, []), verifyConsistency(one, one, []), verifyConsistency(empty, empty, [])]).toEqual([true, true, true]);
    expect([verifyConsistency(empty, one, [one.root]), verifyConsistency(one, one, [one.root]), verifyConsistency(one, other, []), verifyConsistency(empty, { ...one, size: 0 }, []), verifyConsistency({ ...one, size: 0 }, other, [])]).toEqual([false, false, false, false, false]);
    expect(verifyInclusion({ leafHash: one.root, index: 0, size: 1, root: one.root }, [])).toBe(true);
    expect(verifyInclusion({ leafHash: one.root, index: 0, size: 1, root: one.root }, [one.root])).toBe(false);
  });
});

describe('a tile path', () => {
  it('is that of C2SP tlog-tiles', () => {
    expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067');
    expect(tilePath({ level: 'entries', index: 0, width: 1 })).toBe('tile/entries/000.p/1');
    expect(tilePath({ level: 63, index: 1000, width: 255 })).toBe('tile/63/x001/000.p/255');
  });
  it('is read back, whatever the tile', () => {
    fc.assert(fc.property(fc.oneof(fc.constant('entries' as const), fc.nat(63)), fc.maxSafeNat(), fc.integer({ min: 1, max: 256 }), (level, index, width) => {
      expect(parseTilePath(tilePath({ level, index, width }))).toEqual({ level, index, width });
    }));
  });
  it.each(['', 'tile/0/0', 'tile/0/00', 'tile/0/0000', 'tile/64/000', 'tile/00/000', 'tile/-1/000', 'tile/0/x000/001', 'tile/0/001/002', 'tile/0/x001/x002', 'tile/0/000.p/0', 'tile/0/000.p/256', 'tile/0/000.p/01', 'tile/0/000.p/',
    'tile/0/000.p', '/tile/0/000', 'tile/0/000/', 'tile/0/000\n', 'tile/entry/000', 'tile/0/x999/x999/x999/x999/x999/999', 'tile/0/٠٠٠'])('is not %j', (path) => {
    expect(codeOf(() => parseTilePath(path))).toBe('tile-path-malformed');
  });
  it('is not made of other numbers', () => {
    for (const tile of [{ level: 64, index: 0, width: 1 }, { level: 0, index: -1, width: 1 }, { level: 0, index: 0, width: 0 }, { level: 0, index: 0, width: 257 }]) expect(() => tilePath(tile)).toThrow(RangeError);
  });
});

describe('an entry bundle', () => {
  it('gives back its entries, and nothing else reads as one', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 20 }), fc.nat(), (entries, cut) => {
      const bundle = encodeEntries(entries);
      expect(decodeEntries(bundle, entries.length, 'tile/entries/000').map(hexOf)).toEqual(entries.map(hexOf));
      const damaged = [Buffer.concat([bundle, Uint8Array.of(0)]), Buffer.concat([bundle, Uint8Array.of(0, 0)]), ...(bundle.length > 0 ? [bundle.subarray(0, cut % bundle.length)] : [])];
      for (const each of damaged) expect(codeOf(() => decodeEntries(each, entries.length, 'tile/entries/000'))).toBe('log-corrupt');
      expect(codeOf(() => decodeEntries(bundle, entries.length + 1, 'tile/entries/000'))).toBe('log-corrupt');
    }));
  });
  it('takes an entry of 65,535 bytes and refuses one more', () => {
    expect(decodeEntries(encodeEntries([new Uint8Array(65_535)]), 1, '')[0]?.length).toBe(65_535);
    expect(codeOf(() => encodeEntries([new Uint8Array(65_536)]))).toBe('log-entry-too-large');
  });
});

describe('a frontier', () => {
  it('has the root of the naive reference after each append', () => {
    const frontier = new Frontier();
    const entries = entriesOf(70);
    expect(hexOf(frontier.root())).toBe(hexOf(EMPTY_ROOT));
    for (const [i, entry] of entries.entries()) {
      frontier.append(leafHashOf(entry));
      expect(hexOf(frontier.root())).toBe(hexOf(naiveRoot(entries.slice(0, i + 1))));
    }
  });
});
