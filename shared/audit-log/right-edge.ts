import { encodeEntries } from './entry-bundle.ts';
import { Frontier } from './frontier.ts';
import { HASH_BYTES, leafHashOf } from './hash.ts';
import { hashesAtLevel, levelsOf, TILE_HEIGHT, TILE_WIDTH, tilePath } from './tiles.ts';

/**
 * What of a tree of `size` leaves is not yet in a full tile: for each level the hashes of its partial tile (none when the
 * last one is full), and the entries of the partial bundle. Enough to append, and to know the root.
 */
export type RightEdge = Readonly<{ size: number; levels: readonly (readonly Uint8Array[])[]; entries: readonly Uint8Array[] }>;

export const EMPTY_EDGE: RightEdge = { size: 0, levels: [], entries: [] };

/** An object of the log and its bytes. */
export type LogObject = Readonly<{ path: string; bytes: Uint8Array }>;

/** Peaks of the whole tree: the hashes of its partial tiles, from the top level down. */
export const frontierOf = ({ levels }: RightEdge): Frontier => {
  const frontier = new Frontier();
  for (let level = levels.length - 1; level >= 0; level -= 1) {
    for (const hash of levels[level] ?? []) frontier.append(hash, level * TILE_HEIGHT);
  }
  return frontier;
};

export type Appended = Readonly<{
  /** Right edge of the larger tree. */
  edge: RightEdge;
  root: Uint8Array;
  /** Of the new entries, in their order. */
  leafHashes: readonly Uint8Array[];
  /** Every object the larger tree has and the smaller has not: full ones, and the partial ones of its right edge. */
  objects: readonly LogObject[];
}>;

const tileBytes = (hashes: readonly Uint8Array[]): Uint8Array => {
  const bytes = new Uint8Array(hashes.length * HASH_BYTES);
  for (const [i, hash] of hashes.entries()) bytes.set(hash, i * HASH_BYTES);
  return bytes;
};

/** Cut a row that begins at tile `first` into full tiles and a rest; each becomes an object. */
const cut = (row: readonly Uint8Array[], level: number | 'entries', first: number): { objects: LogObject[]; rest: readonly Uint8Array[] } => {
  const objects: LogObject[] = [];
  const encode = level === 'entries' ? encodeEntries : tileBytes;
  for (let at = 0; at < row.length; at += TILE_WIDTH) {
    const part = row.slice(at, at + TILE_WIDTH);
    objects.push({ path: tilePath({ level, index: first + at / TILE_WIDTH, width: part.length }), bytes: encode(part) });
  }
  return { objects, rest: row.slice(row.length - row.length % TILE_WIDTH) };
};

/**
 * Append entries to a tree of which only the right edge is known.
 *
 * @param edge    is not changed
 * @param entries in their order, at most 65,535 bytes each
 * @param leafHashes of the entries, where the caller has them
 * @throws DomainError `log-entry-too-large`
 * @see RFC 6962 2.1, C2SP tlog-tiles "Merkle Tree"
 */
export const appendEntries = (edge: RightEdge, entries: readonly Uint8Array[], leafHashes: readonly Uint8Array[] = entries.map(leafHashOf)): Appended => {
  const bundles = cut([...edge.entries, ...entries], 'entries', Math.floor(edge.size / TILE_WIDTH));
  const size = edge.size + entries.length;
  const rows = Array.from({ length: levelsOf(size) }, (_, level) => [...(edge.levels[level] ?? [])]);
  const frontier = frontierOf(edge);
  for (const leafHash of leafHashes) {
    rows[0]?.push(leafHash);
    frontier.append(leafHash, 0, (height, hash) => { if (height % TILE_HEIGHT === 0) rows[height / TILE_HEIGHT]?.push(hash); });
  }
  const cuts = rows.map((row, level) => {
    const before = hashesAtLevel(level, edge.size);
    // A level that gained nothing keeps the partial tile it has.
    return hashesAtLevel(level, size) === before ? { objects: [], rest: row } : cut(row, level, Math.floor(before / TILE_WIDTH));
  });
  return {
    edge: { size, levels: cuts.map(({ rest }) => rest), entries: bundles.rest },
    root: frontier.root(), leafHashes,
    objects: entries.length === 0 ? [] : [...bundles.objects, ...cuts.flatMap(({ objects }) => objects)],
  };
};
