import { checkCosignatures, checkCosignatureTimes, checkLogSignature, seenAt } from './check-signatures.ts';
import { chunksBeside, type ChunkStore, type NoChunks } from './chunk-store.ts';
import { CHECKPOINT, readCheckpoint } from './checkpoint.ts';
import { Findings } from './damage.ts';
import { SourceError } from './fetch-bytes.ts';
import { streamOf } from './entry.ts';
import type { VerifierKey } from './keys.ts';
import { LogReader } from './log-reader.ts';
import { TILE_WIDTH } from './merkle.ts';
import { Partials } from './partials.ts';
import type { Progress } from './progress.ts';
import { checkPrevious, earlierOf, type Previous } from './previous.ts';
import { NOTHING, damagesOf, type Result } from './result.ts';
import { HASH_LENGTH } from './sha256.ts';
import type { Source } from './source.ts';
import { readUnits } from './read-units.ts';
import { readUpperLevels } from './tiles.ts';
import { Tree } from './tree.ts';

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
  /** Threads that may read bundles beside this one; none by default. */
  threads?: number;
}>;

/** More than any hospital will have; the memory it takes (64 bytes for 256 entries) is there on any machine. */
const MAXIMUM_SIZE = 1_000_000_000;

/** Verify a whole log. Damage never ends it early: what follows the first is found too. */
export const verifyLog = async (request: Request): Promise<Result> => {
  const { source, key, witnesses, quorum, nowEpochMs } = request;
  const findings = new Findings(), nowEpochSeconds = Math.floor(nowEpochMs / 1000);
  const checkpoint = await readCheckpoint(source, findings);
  if (checkpoint === undefined) return { ...damagesOf(findings), ...NOTHING };
  const isSignatureGood = key !== undefined && checkLogSignature(CHECKPOINT, checkpoint, key, findings);
  const cosignatures = checkCosignatures(checkpoint, { witnesses, quorum, nowEpochSeconds }, findings);

  if (checkpoint.size > MAXIMUM_SIZE) {
    if (isSignatureGood) throw new SourceError(`${source.name}: has ${checkpoint.size} entries, this program takes at most ${MAXIMUM_SIZE}`);
    findings.damage({ file: CHECKPOINT, message: `says ${checkpoint.size} entries, more than any log has, and no signature that was asked for vouches for that` });
    return { ...damagesOf(findings), ...NOTHING, checkpoint, cosignatures };
  }
  const reader = new LogReader(request.chunks ?? chunksBeside(source), findings, seenAt(nowEpochMs, cosignatures), earlierOf(request.previous, witnesses, nowEpochSeconds, findings));
  const partials = new Partials(source, checkpoint.size, findings);
  const stored = await readUpperLevels(source, checkpoint.size, findings);
  const { units, cut } = await readUnits(request, { size: checkpoint.size, isVouched: isSignatureGood }, { reader, partials, findings });
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
