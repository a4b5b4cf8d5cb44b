import type { Source } from './source.ts';
import { readTile, type TileFile } from './tiles.ts';
import { readUnit, type UnitReading } from './unit-reading.ts';

/** A bundle and its level-0 tile as they stand in the log, and what can be told of the bundle by itself. */
export type Loaded = Readonly<{ bundle: TileFile | undefined; tile: TileFile | undefined; reading: UnitReading | undefined }>;

/** @throws SourceError when the log can not be read, which is no damage of it */
export const loadUnit = async (source: Source, index: number, width: number): Promise<Loaded> => {
  const [bundle, tile] = await Promise.all([readTile(source, 'entries', index, width), readTile(source, 0, index, width)]);
  return { bundle, tile, reading: bundle === undefined ? undefined : readUnit(bundle.bytes, width, bundle.isLonger) };
};
