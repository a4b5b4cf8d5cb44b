import { deviceHourOf, sealTelemetry, telemetryEnd } from '../../shared/batch/commands/telemetry.ts';
import type { SealedChunk } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { DomainError } from '../../shared/errors.ts';
import { TABLE, keyOf } from '../../shared/storage/keys.ts';
import { HOUR_MS, OPEN_PREFIX, minuteOf, minuteOfSegment } from '../../shared/telemetry/minute.ts';
import { logger } from '../_platform/log.ts';
import type { Companion } from '../_platform/ports.ts';
import { listAll, SEAL_ACTOR } from './assignments.ts';
import type { NamingPorts } from './ports.ts';
import { recordSilence } from './silence.ts';
import { sweep } from './sweep.ts';
import { keepFor, type Unnamed } from './unnamed.ts';

type Waiting = Unnamed & Readonly<{ sk: string }>;
/** By key, hashes that the record names already. */
type Named = Readonly<Record<string, readonly string[]>>;
type Hours = ReadonlyMap<string, Named>;

/** A transaction takes 100 items: each event two, with these one each, and a few for summary, index and log. */
const COMPANIONS = 80;
const CHUNKS_OF_TRANSACTION = 400;
const ATTEMPTS = 3;
/** Longer than a batch that let a device go still gets its late telemetry. */
const KEPT_SECONDS = 40 * 86_400;

const UNNAMED = keyOf.unnamedChunks('-', '-', '-').pk;

/** Items that go into one transaction, in the order they were sealed. */
const slicesOf = (waiting: readonly Waiting[]): readonly (readonly Waiting[])[] => {
  const slices: Waiting[][] = [[]];
  for (const item of waiting) {
    const all = [...slices.at(-1) ?? [], item];
    const chunks = all.flatMap((each) => each.chunks);
    const isTooMuch = all.length + new Set(chunks.map(deviceHourOf)).size > COMPANIONS || chunks.length > CHUNKS_OF_TRANSACTION;
    if (isTooMuch && all.length > 1) slices.push([item]);
    else slices[slices.length - 1] = all;
  }
  return slices;
};

const hoursOf = async ({ operations }: NamingPorts, batchId: string, chunks: readonly SealedChunk[]): Promise<Hours> => {
  const hours = [...new Set(chunks.map(deviceHourOf))];
  return new Map(await Promise.all(hours.map(async (hour) => [hour, (await operations.get<Readonly<{ named: Named }>>(keyOf.namedChunks(batchId, hour)))?.named ?? {}] as const)));
};

/** What the record does not name yet, each once. */
const freshOf = (chunks: readonly SealedChunk[], hours: Hours): readonly SealedChunk[] => {
  const distinct = new Map(chunks.map((chunk) => [`${chunk.key} ${chunk.sha256}`, chunk]));
  return [...distinct.values()].filter((chunk) => hours.get(deviceHourOf(chunk))?.[chunk.key]?.includes(chunk.sha256) !== true);
};

/** What is named and no longer waits, in the transaction that says so. */
const companionsOf = (batchId: string, slice: readonly Waiting[], fresh: readonly SealedChunk[], hours: Hours, nowEpochMs: number): readonly Companion[] => [
  ...slice.map(({ sk }): Companion => ({ type: 'delete', key: { pk: UNNAMED, sk } })),
  ...[...Map.groupBy(fresh, deviceHourOf)].map(([hour, chunks]): Companion => {
    const named: Record<string, readonly string[]> = { ...hours.get(hour) };
    for (const { key, sha256 } of chunks) named[key] = [...named[key] ?? [], sha256];
    return { type: 'put', key: keyOf.namedChunks(batchId, hour), onlyIfAbsent: false, attributes: { named, [TABLE.timeToLive]: Math.floor(nowEpochMs / 1000) + KEPT_SECONDS } };
  }),
];

/**
 * Decided on what waited when the record was at `batch`: whoever came in between may have named some of it, so that all must be read again.
 *
 * @returns the record's state after it
 * @throws DomainError `version-conflict`
 */
const nameSlice = async (ports: NamingPorts, { batchId, version }: Batch, slice: readonly Waiting[], through: string | undefined): Promise<Batch> => {
  const chunks = slice.flatMap((item) => item.chunks);
  const hours = await hoursOf(ports, batchId, chunks);
  const fresh = freshOf(chunks, hours);
  const events = sealTelemetry(fresh, through);
  const { state } = await ports.batches.change(batchId, ({ position }) => {
    if (position.version !== version) throw new DomainError('version-conflict', `the record is at ${position.version}, want ${version}, where it stood when its chunks were read`);
    return events;
  }, { actor: SEAL_ACTOR, attempts: 1, companions: () => companionsOf(batchId, slice, fresh, hours, ports.now().getTime()) });
  if (events.length === 0) for (const { sk } of slice) await ports.operations.delete({ pk: UNNAMED, sk });
  return state;
};

const isOver = ({ state, disposition }: Batch): boolean => disposition === undefined && (state === 'complete' || state === 'stopped' || state === 'aborted');

/** At once when people wait to decide on the batch; else at most once an hour, so that signed commands, which are bound to the version a person saw, find time between. */
const isDue = (batch: Batch, [oldest]: readonly Waiting[], isClosing: boolean, nowEpochMs: number): boolean =>
  isClosing || (oldest !== undefined && (isOver(batch) || Date.parse(oldest.sealedAt) + HOUR_MS <= nowEpochMs));

/** Up to when all of a complete batch's telemetry is sealed; undefined while segments of its time are open, or when there is nothing to say. */
const throughOf = async ({ objects }: NamingPorts, batch: Batch): Promise<string | undefined> => {
  const end = batch.state === 'complete' ? telemetryEnd(batch) : undefined;
  if (end === undefined) return undefined;
  const isOpen = (await objects.list(OPEN_PREFIX)).some((key) => minuteOfSegment(key) <= minuteOf(Date.parse(end)));
  return isOpen ? undefined : end;
};

const waitingOf = ({ operations }: NamingPorts, batchId: string): Promise<readonly Waiting[]> => listAll<Waiting>(operations, UNNAMED, { prefix: keyOf.unnamedChunks(batchId, '', '').sk.slice(0, -1) });

const nameOnce = async (ports: NamingPorts, batchId: string, isClosing: boolean): Promise<void> => {
  const { state } = await ports.batches.load(batchId);
  if (state === undefined) return;
  let batch = state;
  // Segments first, then what waits: a chunk waits before its segment goes.
  const through = isClosing ? await throughOf(ports, batch) : undefined;
  if (through !== undefined) {
    await keepFor(ports, batchId, await sweep(ports, batch, (await waitingOf(ports, batchId)).flatMap(({ chunks }) => chunks)));
    batch = await recordSilence(ports, batch);
  }
  const waiting = await waitingOf(ports, batchId);
  if (isDue(batch, waiting, isClosing, ports.now().getTime())) {
    const slices = slicesOf(waiting);
    let after = batch;
    for (const [i, slice] of slices.entries()) after = await nameSlice(ports, after, slice, i === slices.length - 1 ? through : undefined);
  }
  if (isClosing && (through !== undefined || telemetryEnd(batch) === undefined)) await ports.operations.delete(keyOf.telemetryClosing(batchId));
};

/** A race lost to a person is tried again at once, and then left to the next run: what waits is kept. */
const nameBatch = async (ports: NamingPorts, batchId: string, isClosing: boolean): Promise<void> => {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      await nameOnce(ports, batchId, isClosing);
      return;
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'version-conflict') throw error;
    }
  }
  logger.info('naming left to the next run', { batchId });
};

/** Put on record, batch by batch, the chunks that wait for it. A batch that can not be written does not hold up the others. @returns what failed */
export const nameChunks = async (ports: NamingPorts): Promise<readonly Error[]> => {
  const waiting = await listAll<Waiting>(ports.operations, UNNAMED);
  const closing = new Set((await listAll<Readonly<{ sk: string }>>(ports.operations, keyOf.telemetryClosing('-').pk)).map(({ sk }) => sk));
  const failures: Error[] = [];
  for (const batchId of new Set([...waiting.map((item) => item.batchId), ...closing])) {
    try {
      await nameBatch(ports, batchId, closing.has(batchId));
    } catch (error) {
      failures.push(new Error(`chunks of batch ${batchId} could not be named`, { cause: error }));
    }
  }
  return failures;
};

/**
 * A batch is complete: name everything sealed for it now, and say so when nothing more of its time is open; otherwise the run that seals the last of it does.
 *
 * @returns whether the record now names all telemetry of the batch
 */
export const closeTelemetry = async (ports: NamingPorts, batchId: string): Promise<Readonly<{ isSealed: boolean }>> => {
  await ports.operations.put(keyOf.telemetryClosing(batchId), {});
  await nameBatch(ports, batchId, true);
  return { isSealed: await ports.operations.get(keyOf.telemetryClosing(batchId)) === undefined };
};
