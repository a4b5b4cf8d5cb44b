import { TILE_WIDTH, countAtLevel } from './merkle.ts';

/**
 * Where a log keeps its files.
 *
 * @see C2SP tlog-tiles: `tile/<L>/<N>[.p/<W>]`, `tile/entries/<N>[.p/<W>]`; N in groups of three digits, all but the last with an `x` before it
 */
export type TileKind = 'entries' | number;

const GROUP = 1000;
const groupOf = (value: number): string => String(value).padStart(3, '0');

const indexPath = (index: number): string => {
  let path = groupOf(index % GROUP);
  for (let rest = Math.floor(index / GROUP); rest > 0; rest = Math.floor(rest / GROUP)) path = `x${groupOf(rest % GROUP)}/${path}`;
  return path;
};

/** @param width 1 to 256; below 256 the partial file of that width */
export const tilePath = (kind: TileKind, index: number, width: number = TILE_WIDTH): string =>
  `tile/${kind}/${indexPath(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`;

export type TileName = Readonly<{ kind: TileKind; index: number; width: number }>;

const PATTERN = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** What a path names; undefined when it is no tile's path, or not the one way to write it. */
export const tileNameOf = (path: string): TileName | undefined => {
  const [, kindText, indexText = '', widthText] = PATTERN.exec(path) ?? [];
  if (kindText === undefined) return undefined;
  const name = {
    kind: kindText === 'entries' ? kindText : Number(kindText), index: Number(indexText.replaceAll(/[x/]/g, '')), width: widthText === undefined ? TILE_WIDTH : Number(widthText),
  } as const;
  return tilePath(name.kind, name.index, name.width) === path ? name : undefined;
};

/** Width of a tile in a log of `size` entries: 256, or less at the right edge, or 0 beyond it. */
export const widthOf = (size: number, kind: TileKind, index: number): number =>
  Math.max(0, Math.min(TILE_WIDTH, countAtLevel(size, kind === 'entries' ? 0 : kind) - index * TILE_WIDTH));
