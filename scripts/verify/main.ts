import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { HELP, UsageError, parseArguments, type Arguments } from './arguments.ts';
import { chunksAt, chunksIn, type ChunkStore, type NoChunks } from './chunk-store.ts';
import { keptChunksIn } from './kept-chunks.ts';
import { readPrevious, type Previous } from './previous.ts';
import { jsonOf, textOf } from './report.ts';
import { progressOn, type Progress } from './progress.ts';
import { SourceError } from './fetch-bytes.ts';
import { isAddress, openSource } from './source.ts';
import type { Result } from './result.ts';
import { verifyLog } from './verify-log.ts';
import { isPack, verifyPack } from './verify-pack.ts';

/** What the program needs of the world; a test brings its own. */
export type World = Readonly<{ out(text: string): void; error(text: string): void; isTerminal: boolean; nowEpochMs(): number }>;

/** Beyond these, the thread that puts everything in order is the one that is waited for. */
const MAXIMUM_THREADS = 4;

export const EXIT = { ok: 0, damage: 1, usage: 2 } as const;

const previousOf = ({ previous }: Arguments): Previous | undefined => {
  if (previous === undefined) return undefined;
  try {
    return readPrevious(previous, readFileSync(previous));
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw new UsageError(`--previous: ${previous} can not be read (${String(error.code)}); give the file of an earlier checkpoint`, { cause: error });
    throw error;
  }
};

/** @throws SourceError when there is no such folder */
const chunksOf = (place: string, keep: string | undefined): ChunkStore | NoChunks => (isAddress(place) ? chunksAt(place, keep === undefined ? undefined : keptChunksIn(keep)) : chunksIn(openSource(place), '.') ?? 'missing');

const chunksGiven = ({ chunks, keep, isWithoutChunks }: Arguments): Readonly<{ chunks?: ChunkStore | NoChunks }> => {
  if (isWithoutChunks) return { chunks: 'elsewhere' };
  return chunks === undefined ? {} : { chunks: chunksOf(chunks, keep) };
};

/** One for each processor. */
export const defaultThreads = (): number => Math.min(availableParallelism(), MAXIMUM_THREADS);

/** One of them is this one, which reads too where it would wait. */
const threadsBeside = ({ threads = defaultThreads() }: Arguments): number => threads - 1;

const verify = async (request: Arguments, progress: Progress, nowEpochMs: number): Promise<Result> => {
  const { place, key, witnesses, quorum } = request;
  const previous = previousOf(request);
  const common = { source: openSource(place), witnesses, quorum, nowEpochMs, progress, ...(key === undefined ? {} : { key }), ...chunksGiven(request) };
  if (isPack(place)) {
    if (previous !== undefined) throw new UsageError('--previous: an inspection pack holds one batch, which can not show that the log only grew; compare with the log itself');
    return verifyPack(common);
  }
  return verifyLog({ ...common, threads: threadsBeside(request), ...(previous === undefined ? {} : { previous }) });
};

const run = async (request: Arguments, world: World): Promise<number> => {
  const startedAt = world.nowEpochMs();
  const { show, clear } = progressOn(world);
  const result = await verify(request, show, startedAt);
  clear();
  const seconds = (world.nowEpochMs() - startedAt) / 1000;
  for (const piece of request.isJson ? jsonOf(result, request, seconds) : [textOf(result, request, seconds)]) world.out(piece);
  return result.damages.length === 0 ? EXIT.ok : EXIT.damage;
};

/** A fault of this program is not a fault of the log, and must not end as one. */
export const failureOf = (error: unknown): string =>
  `This program failed, which says nothing of the log. Tell who gave it to you:\n\n${error instanceof Error ? error.stack ?? error.message : String(error)}\n`;

/** @returns the exit code: 0 sound, 1 damaged, 2 could not be carried out */
export const main = async (words: readonly string[], world: World): Promise<number> => {
  try {
    const request = parseArguments(words);
    if (request !== undefined) return await run(request, world);
    world.out(HELP);
    return EXIT.ok;
  } catch (error) {
    world.error(error instanceof UsageError || error instanceof SourceError ? `${error.message}\n\nsee --help\n` : failureOf(error));
    return EXIT.usage;
  }
};
