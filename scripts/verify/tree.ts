import type { Checkpoint } from './checkpoint.ts';
import type { Findings } from './damage.ts';
import { tilePath, widthOf } from './layout.ts';
import { TILE_WIDTH, countAtLevel, edgeOfLevel, hashAt, levelAbove, rootOfEdges } from './merkle.ts';
import { HASH_LENGTH } from './sha256.ts';
import type { StoredLevel } from './tiles.ts';
import { slotsThatDiffer, type Units } from './units.ts';

/**
 * Hold entries, tiles and checkpoint against each other and say which of them is wrong. The signed root decides: of two that disagree,
 * the one that leads to the root is right. An entry replaced together with its level-0 tile agrees with it, and not with level 1.
 *
 * @see RFC 6962 section 2.1; C2SP tlog-tiles, Merkle Tree
 */
type Levels = readonly Buffer[];
type Names = Readonly<{ nameEntry(index: number, message: string): void }>;

/** Levels 1 and up as they follow from the roots of the units. */
const computedLevels = (unitRoots: Buffer, count: number): Levels => {
  const levels: Buffer[] = [];
  for (let hashes = unitRoots; levels.length < count; hashes = levelAbove(hashes)) levels.push(hashes);
  return levels;
};

/** Levels as stored, with what a missing tile would hold taken from the level below. */
const filledLevels = (stored: readonly StoredLevel[], unitRoots: Buffer): Levels => {
  let below = unitRoots;
  return stored.map(({ hashes, holes }, i) => {
    const own = i === 0 ? unitRoots : levelAbove(below);
    const filled = Buffer.from(hashes);
    for (const hole of holes) own.copy(filled, hole * TILE_WIDTH * HASH_LENGTH, hole * TILE_WIDTH * HASH_LENGTH, (hole + 1) * TILE_WIDTH * HASH_LENGTH);
    below = filled;
    return filled;
  });
};

/** What the tree is known to be: hashes that lead to the signed root; undefined where nothing does. */
export type Truth = Readonly<{ unitRoots: Buffer; edge: Buffer }>;

export class Tree {
  readonly #size: number;
  readonly #checkpoint: Checkpoint;
  readonly #units: Units;
  readonly #stored: Levels;
  readonly #findings: Findings;
  readonly #names: Names;

  constructor(checkpoint: Checkpoint, units: Units, stored: readonly StoredLevel[], findings: Findings, names: Names) {
    this.#size = checkpoint.size;
    this.#checkpoint = checkpoint;
    this.#units = units;
    this.#stored = filledLevels(stored, units.byTiles);
    this.#findings = findings;
    this.#names = names;
  }

  /** Report every disagreement, each at the file that is wrong. */
  check(): Truth {
    const { byEntries, edgeByEntries, edgeByTile } = this.#units;
    const computed = computedLevels(byEntries, this.#stored.length);
    if (this.#leadsToRoot(computed, edgeByEntries)) {
      this.#blameTiles(computed, edgeByEntries);
      return { unitRoots: byEntries, edge: edgeByEntries };
    }
    const isWhole = this.#stored.every((level, i) => i === 0 || levelAbove(this.#stored[i - 1] ?? level).equals(level));
    const edge = isWhole ? [edgeByTile, edgeByEntries].find((each) => this.#leadsToRoot(this.#stored, each)) : undefined;
    if (edge === undefined) {
      this.#blameBoth();
      return { unitRoots: byEntries, edge: edgeByEntries };
    }
    const unitRoots = this.#stored[0] ?? Buffer.alloc(0);
    this.#blameUnits(unitRoots, edge);
    return { unitRoots, edge };
  }

  #leadsToRoot(levels: Levels, edge: Buffer): boolean {
    return rootOfEdges(this.#size, (level) => (level === 0 ? edge : edgeOfLevel(levels[level - 1] ?? Buffer.alloc(0)))).equals(this.#checkpoint.root);
  }

  #fileOf(kind: 'entries' | number, index: number): string {
    return tilePath(kind, index, widthOf(this.#size, kind, index));
  }

  #blameTile(level: number, index: number, slots: readonly number[], why: string): void {
    this.#findings.damage({ file: this.#fileOf(level, index), message: `hash ${slots[0] ?? '?'}${slots.length > 1 ? ` and ${slots.length - 1} more` : ''} ${why}` });
  }

  /** The entries lead to the signed root: whatever tile says otherwise was changed. */
  #blameTiles(computed: Levels, edge: Buffer): void {
    const why = 'was changed: the entries below it, which lead to the root of the checkpoint, give another';
    const { disagreements, edgeByTile } = this.#units;
    for (const [index, { slots }] of disagreements) this.#blameTile(0, index, index * TILE_WIDTH + TILE_WIDTH > this.#size ? slotsThatDiffer(edge, edgeByTile) : slots, why);
    for (const [i, level] of this.#stored.entries()) this.#compareLevel(i + 1, level, computed[i] ?? level, why);
  }

  #compareLevel(level: number, stored: Buffer, wanted: Buffer, why: string): void {
    const differing = stored.equals(wanted) ? [] : slotsThatDiffer(stored, wanted);
    for (const [index, slots] of groupByTile(differing)) {
      this.#blameTile(level, index, slots.map((slot) => slot % TILE_WIDTH), why);
    }
  }

  /** The tiles from level 1 up lead to the signed root: judge entries and level-0 tiles by them. */
  #blameUnits(unitRoots: Buffer, edge: Buffer): void {
    const { byEntries, byTiles, edgeByTile, disagreements } = this.#units;
    for (let index = 0; index < unitRoots.length / HASH_LENGTH; index++) {
      const wanted = hashAt(unitRoots, index);
      const areEntriesRight = hashAt(byEntries, index).equals(wanted), isTileRight = hashAt(byTiles, index).equals(wanted);
      if (areEntriesRight && isTileRight) continue;
      this.#blameUnit(index, disagreements.get(index)?.slots ?? [], areEntriesRight, isTileRight);
    }
    const last = unitRoots.length / HASH_LENGTH;
    const { slots } = disagreements.get(last) ?? { slots: [] };
    if (slots.length > 0) this.#blameUnit(last, slots, edge !== edgeByTile, edge === edgeByTile);
  }

  #blameUnit(index: number, slots: readonly number[], areEntriesRight: boolean, isTileRight: boolean): void {
    const width = widthOf(this.#size, 'entries', index);
    if (slots.length === 0) {
      const entry = index * TILE_WIDTH;
      this.#findings.damage({
        file: this.#fileOf('entries', index), entry, lastEntry: entry + width - 1,
        message: `entries were replaced together with their tile ${this.#fileOf(0, index)}: the two agree, and the signed tree above them has another hash`,
      });
      return;
    }
    if (!areEntriesRight) this.#blameEntries(index, slots, isTileRight ? 'is not the entry of the signed tree: it was changed, moved or replaced' : 'is not the entry of its tile, and neither leads to the signed tree');
    if (!isTileRight) this.#blameTile(0, index, slots, areEntriesRight ? 'was changed: the entries, which lead to the signed tree, give another' : 'and others of the tile do not lead to the signed tree');
  }

  #blameEntries(index: number, slots: readonly number[], why: string): void {
    const [first = 0] = slots;
    this.#names.nameEntry(index * TILE_WIDTH + first, `${why}${slots.length > 1 ? ` (so are ${slots.length - 1} more of its bundle)` : ''}`);
  }

  /** Nothing leads to the signed root: name each pair that disagrees, and if all agree, the root itself. */
  #blameBoth(): void {
    const { disagreements, byTiles } = this.#units;
    for (const [index, { slots }] of disagreements) this.#blameEntries(index, slots, `and its hash in ${this.#fileOf(0, index)} disagree, and neither leads to the root of the checkpoint`);
    let isNamed = disagreements.size > 0;
    let below = byTiles;
    for (const [i, level] of this.#stored.entries()) {
      const wanted = i === 0 ? below : levelAbove(below);
      isNamed ||= !level.equals(wanted);
      this.#compareLevel(i + 1, level, wanted, `is not the root of the tile below it, e.g. ${tilePath(i, 0)}`);
      below = level;
    }
    const root = rootOfEdges(this.#size, (level) => (level === 0 ? this.#units.edgeByEntries : edgeOfLevel(this.#stored[level - 1] ?? Buffer.alloc(0))));
    const isOnlyRoot = !isNamed && this.#size > 0;
    this.#findings.damage({
      file: 'checkpoint', ...(isOnlyRoot ? { entry: 0, lastEntry: this.#size - 1 } : {}), message: `has the root ${this.#checkpoint.root.toString('base64')} for ${this.#size} entries, the files give ${root.toString('base64')}: `
        + 'either entries and all tiles above them were replaced together, or the checkpoint is of another log',
    });
  }
}

const groupByTile = (slots: readonly number[]): ReadonlyMap<number, readonly number[]> => {
  const groups = new Map<number, number[]>();
  for (const slot of slots) groups.set(Math.floor(slot / TILE_WIDTH), [...groups.get(Math.floor(slot / TILE_WIDTH)) ?? [], slot]);
  return groups;
};

/**
 * Root of the first `size` entries.
 *
 * @param leaves hashes of the entries of the unit that `size` cuts; empty when it cuts none
 */
export const rootOfPrefix = (size: number, unitRoots: Buffer, leaves: Buffer): Buffer => {
  const units = unitRoots.subarray(0, countAtLevel(size, 1) * HASH_LENGTH);
  const levels: Buffer[] = [leaves.subarray(0, (size % TILE_WIDTH) * HASH_LENGTH), units];
  for (let above = levelAbove(units); above.length > 0; above = levelAbove(above)) levels.push(above);
  return rootOfEdges(size, (level) => (level === 0 ? levels[0] ?? Buffer.alloc(0) : edgeOfLevel(levels[level] ?? Buffer.alloc(0))));
};
