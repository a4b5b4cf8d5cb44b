import type { Findings } from './damage.ts';
import { tilePath, widthOf } from './layout.ts';
import { loadAhead } from './load-ahead.ts';
import type { LogReader } from './log-reader.ts';
import { TILE_WIDTH } from './merkle.ts';
import type { Partials } from './partials.ts';
import type { Previous } from './previous.ts';
import type { Progress } from './progress.ts';
import { HASH_LENGTH } from './sha256.ts';
import type { Source } from './source.ts';
import { hashesIn } from './tiles.ts';
import { UnitPool } from './unit-pool.ts';
import { Units } from './units.ts';

/** How many entries there should be, and whether the log's signature says so. */
export type Extent = Readonly<{ size: number; isVouched: boolean }>;
type Request = Readonly<{ source: Source; previous?: Previous; progress: Progress; threads?: number }>;
type Readers = Readonly<{ reader: LogReader; partials: Partials; findings: Findings }>;

/** Units that may be missing one after another before a size that nobody vouches for is not believed any more. */
const GAP = 64;
/** Below so many units, starting a thread takes longer than it saves. */
const UNITS_WORTH_A_THREAD = 64;

const reportRest = (index: number, size: number, findings: Findings): void => {
  const entry = index * TILE_WIDTH;
  findings.damage({ file: tilePath('entries', index, widthOf(size, 'entries', index)), entry, lastEntry: size - 1, message: `is missing, and so are those before and after it: the checkpoint says ${size} entries, and no signature that was asked for vouches for that` });
};

/** Entries and level-0 tiles, unit by unit. */
export const readUnits = async (request: Request, { size, isVouched }: Extent, { reader, partials, findings }: Readers): Promise<Readonly<{ units: Units; cut: Buffer }>> => {
  const { source, previous, progress, threads = 0 } = request;
  const units = new Units(size);
  const cutUnit = previous?.checkpoint === undefined ? -1 : Math.floor(previous.checkpoint.size / TILE_WIDTH);
  let cut: Buffer = Buffer.alloc(0), missing = 0, index = 0;
  const pool = new UnitPool(source, size >= UNITS_WORTH_A_THREAD * TILE_WIDTH ? threads : 0);
  try {
    for await (const { bundle, tile: file, reading } of loadAhead(source, size, pool)) {
      const width = widthOf(size, 'entries', index);
      const tile = hashesIn(file, { level: 0, index, width }, findings);
      missing = bundle === undefined && tile === undefined ? missing + 1 : 0;
      if (missing > GAP && !isVouched) {
        reportRest(index, size, findings);
        break;
      }
      const leaves = reader.readBundle(bundle, { index, width, wantedHashes: tile }, reading);
      units.add({ index, width, leaves, tile, root: reading?.root });
      const hashes = leaves ?? tile ?? Buffer.alloc(width * HASH_LENGTH);
      if (index === cutUnit) cut = hashes;
      await partials.check('entries', index, hashes, tile ?? hashes);
      await partials.check(0, index, hashes, tile ?? hashes);
      index++;
      progress(Math.min(size, index * TILE_WIDTH), size, 'entries');
    }
  } finally {
    pool.close();
  }
  return { units, cut };
};
