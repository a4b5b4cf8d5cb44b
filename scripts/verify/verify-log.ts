import { checkCosignatures, checkCosignatureTimes, checkLogSignature, seenAt } from './check-signatures.ts';
import { chunksBeside, type ChunkStore, type NoChunks } from './chunk-store.ts';
import { CHECKPOINT, readCheckpoint } from './checkpoint.ts';
import { Findings } from './damage.ts';
import { SourceError } from './fetch-bytes.ts';
import { streamOf } from './entry.ts';
import type { VerifierKey } from './keys.ts';
import { tilePath, widthOf } from './layout.ts';
import { LogReader } from './log-reader.ts';
import { TILE_WIDTH } from './merkle.ts';
import { Partials } from './partials.ts';
import type { Progress } from './progress.ts';
import { checkPrevious, type Previous } from './previous.ts';
import { NOTHING, damagesOf, type Result } from './result.ts';
import { HASH_LENGTH } from './sha256.ts';
import type { Source } from './source.ts';
import { readHashes, readTile, readUpperLevels, type TileFile } from './tiles.ts';
import { Tree } from './tree.ts';
import { Units } from './units.ts';

export type Request = Readonly<{
  source: Source;
  key?: VerifierKey;
  witnesses: readonly VerifierKey[];
  quorum: number;
  previous?: Previous;
  /** Where chunks are, when not in the folder `chunks` of the log. */
  chunks?: ChunkStore | NoChunks;
  nowEpochMs: number;
  progress: Progress;
}>;

type Loaded = Readonly<{ width: number; bundle: TileFile | undefined; tile: Buffer | undefined }>;

/** How many entries there should be, and whether the log's signature says so. */
type Extent = Readonly<{ size: number; isVouched: boolean }>;
/** Units that may be missing one after another before a size that nobody vouches for is not believed any more. */
const GAP = 64;
/** More than any hospital will have; the memory it takes (64 bytes for 256 entries) is there on any machine. */
const MAXIMUM_SIZE = 1_000_000_000;

/** What was asked for ahead and fails is told when its turn comes, and not before. */
const heard = <Value>(asked: Promise<Value>): Promise<Value> => {
  asked.catch(() => undefined);
  return asked;
};

const reportRest = (index: number, size: number, findings: Findings): void => {
  const entry = index * TILE_WIDTH;
  findings.damage({ file: tilePath('entries', index, widthOf(size, 'entries', index)), entry, lastEntry: size - 1, message: `is missing, and so are those before and after it: the checkpoint says ${size} entries, and no signature that was asked for vouches for that` });
};

/** Entries and level-0 tiles, unit by unit, a few read ahead; one unit is held at a time. */
const readUnits = async (request: Request, { size, isVouched }: Extent, reader: LogReader, partials: Partials, findings: Findings): Promise<Readonly<{ units: Units; cut: Buffer }>> => {
  const { source, previous, progress } = request;
  const units = new Units(size);
  const count = Math.ceil(size / TILE_WIDTH);
  const cutUnit = previous?.checkpoint === undefined ? -1 : Math.floor(previous.checkpoint.size / TILE_WIDTH);
  let cut: Buffer = Buffer.alloc(0), missing = 0;
  const load = async (index: number): Promise<Loaded> => {
    const width = widthOf(size, 'entries', index);
    const [bundle, tile] = await Promise.all([readTile(source, 'entries', index, width), readHashes(source, 0, index, width, findings)]);
    return { width, bundle, tile };
  };
  const ahead: Promise<Loaded>[] = [];
  for (let index = 0; index < count; index++) {
    while (ahead.length < source.ahead && index + ahead.length < count) ahead.push(heard(load(index + ahead.length)));
    const { width, bundle, tile } = await (ahead.shift() ?? load(index));
    missing = bundle === undefined && tile === undefined ? missing + 1 : 0;
    if (missing > GAP && !isVouched) {
      reportRest(index, size, findings);
      break;
    }
    const leaves = reader.readBundle(bundle, index, width, tile);
    units.add({ index, width, leaves, tile });
    const hashes = leaves ?? tile ?? Buffer.alloc(width * HASH_LENGTH);
    if (index === cutUnit) cut = hashes;
    await partials.check('entries', index, hashes, tile ?? hashes);
    await partials.check(0, index, hashes, tile ?? hashes);
    progress(Math.min(size, (index + 1) * TILE_WIDTH), size, 'entries');
  }
  return { units, cut };
};

/** Verify a whole log. Damage never ends it early: what follows the first is found too. */
export const verifyLog = async (request: Request): Promise<Result> => {
  const { source, key, witnesses, quorum, nowEpochMs } = request;
  const findings = new Findings();
  const checkpoint = await readCheckpoint(source, findings);
  if (checkpoint === undefined) return { ...damagesOf(findings), ...NOTHING };
  const isSignatureGood = key !== undefined && checkLogSignature(CHECKPOINT, checkpoint, key, findings);
  const cosignatures = checkCosignatures(checkpoint, { witnesses, quorum, nowEpochSeconds: Math.floor(nowEpochMs / 1000) }, findings);

  if (checkpoint.size > MAXIMUM_SIZE) {
    if (isSignatureGood) throw new SourceError(`${source.name}: has ${checkpoint.size} entries, this program takes at most ${MAXIMUM_SIZE}`);
    findings.damage({ file: CHECKPOINT, message: `says ${checkpoint.size} entries, more than any log has, and no signature that was asked for vouches for that` });
    return { ...damagesOf(findings), ...NOTHING, checkpoint, cosignatures };
  }
  const reader = new LogReader(request.chunks ?? chunksBeside(source), findings, seenAt(nowEpochMs, cosignatures));
  const partials = new Partials(source, checkpoint.size, findings);
  const stored = await readUpperLevels(source, checkpoint.size, findings);
  const { units, cut } = await readUnits(request, { size: checkpoint.size, isVouched: isSignatureGood }, reader, partials, findings);
  const truth = new Tree(checkpoint, units, stored, findings, reader).check();
  for (const [i, { hashes }] of stored.entries()) {
    for (let index = 0; index * TILE_WIDTH * HASH_LENGTH < hashes.length; index++) {
      const part = hashes.subarray(index * TILE_WIDTH * HASH_LENGTH, (index + 1) * TILE_WIDTH * HASH_LENGTH);
      await partials.check(i + 1, index, part, i === 0 ? truth.unitRoots.subarray(index * TILE_WIDTH * HASH_LENGTH) : part);
    }
  }
  if (request.previous !== undefined) checkPrevious(request.previous, checkpoint, key, { truth, cut }, findings);
  checkCosignatureTimes(cosignatures, reader.events.streams.newest, findings);
  await reader.events.chunks.compare(request.progress);
  reader.end();
  const { streams, signatures, chunks } = reader.events;
  return {
    ...damagesOf(findings), checkpoint, isSignatureGood, cosignatures, entries: checkpoint.size, streams: streams.count,
    batches: [...streams.names].filter((name) => streamOf(name).kind === 'batch').length, signatures: signatures.checked, partials: partials.checked,
    chunksNamed: chunks.named, chunksCompared: chunks.compared,
  };
};
