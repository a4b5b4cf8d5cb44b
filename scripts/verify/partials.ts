import type { Findings } from './damage.ts';
import { EntryReader } from './entry.ts';
import { splitBundle } from './entry-bundle.ts';
import { tileNameOf, widthOf, type TileName } from './layout.ts';
import { TILE_WIDTH } from './merkle.ts';
import { HASH_LENGTH } from './sha256.ts';
import type { Source } from './source.ts';

/**
 * Partial tiles and bundles left from earlier checkpoints. A reader may still fetch one, so each must be the beginning of the tile that took
 * its place.
 *
 * @see C2SP tlog-tiles, Partial Tiles: a log may keep them
 */
type Stale = Readonly<{ file: string; name: TileName }>;
const SHOWN = 3;
const FOLDER = 'tile';

export class Partials {
  readonly #source: Source;
  readonly #findings: Findings;
  readonly #size: number;
  readonly #byPlace = new Map<string, Stale[]>();
  readonly #entries = new EntryReader();
  checked = 0;

  constructor(source: Source, size: number, findings: Findings) {
    this.#source = source;
    this.#findings = findings;
    this.#size = size;
    const beyond: string[] = [], unknown: string[] = [];
    for (const file of source.list(FOLDER) ?? []) {
      const name = tileNameOf(file);
      if (name === undefined) unknown.push(file);
      else if (name.width > widthOf(size, name.kind, name.index)) beyond.push(file);
      else if (name.width < widthOf(size, name.kind, name.index)) this.#keep({ file, name });
    }
    this.#remark(beyond, 'reach beyond the checkpoint, which does not cover them: the log may be about to publish them, or an older checkpoint was put back (compare with --previous)');
    this.#remark(unknown, 'are no tiles; they were not read');
  }

  #keep(stale: Stale): void {
    const place = `${stale.name.kind} ${stale.name.index}`;
    this.#byPlace.set(place, [...this.#byPlace.get(place) ?? [], stale]);
  }

  #remark(files: readonly string[], what: string): void {
    const standIns = files.filter((file) => !this.#isStandIn(file));
    if (standIns.length > 0) this.#findings.notice(`${standIns.length} files in ${FOLDER} ${what}, e.g. ${standIns.slice(0, SHOWN).join(', ')}`);
  }

  /** A full tile where the checkpoint needs a part of it is no surprise. */
  #isStandIn(file: string): boolean {
    const name = tileNameOf(file);
    return name?.width === TILE_WIDTH && widthOf(this.#size, name.kind, name.index) > 0;
  }

  /**
   * Compare the stale files of one tile.
   *
   * @param hashes what is right, as far as it is known; `others` a second opinion where tile and entries disagree
   */
  async check(kind: 'entries' | number, index: number, hashes: Buffer, others: Buffer): Promise<void> {
    for (const { file, name: { width } } of this.#byPlace.get(`${kind} ${index}`) ?? []) {
      this.checked++;
      const bytes = await this.#source.read(file) ?? Buffer.alloc(0);
      const got = kind === 'entries' ? this.#leavesOf(bytes, width) : bytes;
      const slot = this.#firstDifference(got, hashes, others) ?? (got.length === width * HASH_LENGTH ? undefined : got.length / HASH_LENGTH);
      if (slot === undefined) continue;
      const entry = kind === 'entries' ? { entry: index * TILE_WIDTH + Math.floor(slot) } : {};
      this.#findings.damage({ file, ...entry, message: `this partial file of an earlier checkpoint differs at ${kind === 'entries' ? 'its entry' : 'hash'} ${Math.floor(slot)} from what the log holds now` });
    }
  }

  #firstDifference(got: Buffer, hashes: Buffer, others: Buffer): number | undefined {
    for (let at = 0; at + HASH_LENGTH <= got.length; at += HASH_LENGTH) {
      const own = got.subarray(at, at + HASH_LENGTH);
      if (!own.equals(hashes.subarray(at, at + HASH_LENGTH)) && !own.equals(others.subarray(at, at + HASH_LENGTH))) return at / HASH_LENGTH;
    }
    return undefined;
  }

  #leavesOf(bytes: Buffer, count: number): Buffer {
    const { bounds, fault } = splitBundle(bytes, count, false);
    const leaves = Array.from({ length: bounds.length / 2 }, (_, i) => Buffer.from(this.#entries.leafHash(bytes, bounds[2 * i] ?? 0, bounds[2 * i + 1] ?? 0), 'latin1'));
    // Bytes too many: one hash too many, so that the count is wrong and the place is the end.
    return Buffer.concat(fault !== undefined && leaves.length === count ? [...leaves, Buffer.alloc(HASH_LENGTH)] : leaves);
  }
}
