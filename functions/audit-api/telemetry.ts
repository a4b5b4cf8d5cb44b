import type * as z from 'zod';
import type { SealedChunk } from '../../shared/batch/events.ts';
import { DomainError } from '../../shared/errors.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import { objectKeyOf, placeOfChunk } from '../../shared/telemetry/minute.ts';
import { FileAnswer, type Endpoint } from '../_platform/contract.ts';
import { decodeCursor, encodeCursor } from '../_platform/cursor.ts';
import type { ObjectStore } from '../_platform/ports.ts';
import type { View } from '../_platform/granted-view.ts';
import { logged, type ReadPorts } from '../_platform/read-log.ts';
import { batchNotFound, loadBatch, type RecordedBatchEvent } from './record-pages.ts';
import { InspectTelemetry, ReadChunk, type SealedChunkView } from './telemetry-schema.ts';

type Objects = Pick<ObjectStore, 'get'>;
type Ports = ReadPorts & Readonly<{ telemetry: Objects }>;
export type NamedChunk = SealedChunk & Readonly<{ version: number; isSuperseded: boolean }>;

/** A function may answer 6 MB of text, and bytes travel as base64 in it. */
const MAXIMUM_CHUNK_BYTES = 4_400_000;

/** Chunks that a record names, in its order; what an event repeats is there once. */
export const chunksNamedIn = (events: readonly RecordedBatchEvent[]): readonly NamedChunk[] => {
  const named = events.flatMap(({ version, event }) => (event.type === 'telemetry-sealed' ? event.chunks.map((chunk) => ({ ...chunk, version })) : []));
  const latest = new Map(named.map(({ key, sha256 }) => [key, sha256]));
  const distinct = new Map<string, (typeof named)[number]>();
  for (const chunk of named) if (!distinct.has(`${chunk.key} ${chunk.sha256}`)) distinct.set(`${chunk.key} ${chunk.sha256}`, chunk);
  return [...distinct.values()].map((chunk) => ({ ...chunk, isSuperseded: latest.get(chunk.key) !== chunk.sha256 }));
};


/** Batches whose chunks are kept in mind; a record names some 12,000. */
const BATCHES_IN_MIND = 4;

/**
 * Finds the chunk of a hash in the record of a batch. Who compares a batch asks for each of its chunks, and a record of some megabytes is not read, verified and searched for every one
 * of them: it only grows, so what it has named once it names for good. Whether the reader may see the batch is asked each time.
 */
const createChunkFinder = () => {
  const inMind = new Map<string, ReadonlyMap<string, NamedChunk>>();
  return async ({ record, sees }: Pick<View, 'record' | 'sees'>, batchId: string, sha256: string): Promise<NamedChunk | undefined> => {
    // First, and once: what is hidden costs as many reads as what is not here, whatever is in mind.
    if (!await sees({ kind: 'batch', id: batchId })) throw batchNotFound(batchId);
    const known = inMind.get(batchId)?.get(sha256);
    if (known !== undefined) return known;
    const named = new Map(chunksNamedIn(await loadBatch(record, batchId)).toReversed().map((chunk) => [chunk.sha256, chunk]));
    inMind.delete(batchId);
    inMind.set(batchId, named);
    for (const oldest of [...inMind.keys()].slice(0, -BATCHES_IN_MIND)) inMind.delete(oldest);
    return named.get(sha256);
  };
};

/**
 * The bytes that a record names: at their key, or kept from before late messages changed them.
 *
 * @throws DomainError `chunk-corrupt` when neither has that hash
 */
export const bytesOfChunk = async (objects: Objects, { key, sha256 }: SealedChunk): Promise<Uint8Array> => {
  for (const place of [key, objectKeyOf.superseded(sha256)]) {
    const body = (await objects.get(place))?.body;
    if (body !== undefined && sha256Hex(body) === sha256) return body;
  }
  throw new DomainError('chunk-corrupt', `chunk ${key}: the store has no bytes with the SHA-256 ${sha256}, which the record names`, { key, sha256 });
};

const viewOf = ({ key, sha256, version, isSuperseded }: NamedChunk): z.input<typeof SealedChunkView> => {
  const { edgeNodeId, deviceId, minuteEpochMs } = placeOfChunk(key);
  return { key, sha256, edgeNodeId, ...(deviceId === undefined ? {} : { deviceId }), minute: new Date(minuteEpochMs).toISOString(), version, superseded: isSuperseded };
};

/** Places are those of the record's own order, which only grows. @throws DomainError `cursor-malformed` */
const pageOfChunks = (batchId: string, chunks: readonly NamedChunk[], { limit, cursor }: Readonly<{ limit: number; cursor?: string | undefined }>) => {
  const pk = `TELEMETRY#${batchId}`;
  const from = decodeCursor(cursor, pk)?.sk ?? '0';
  if (!/^\d{1,9}$/.test(from)) throw new DomainError('cursor-malformed', 'cursor names no chunk of the record; start again without it');
  const end = Number(from) + limit;
  const nextCursor = end < chunks.length ? encodeCursor({ pk, sk: String(end) }) : undefined;
  return { items: chunks.slice(Number(from), end).map(viewOf), ...(nextCursor === undefined ? {} : { nextCursor }) };
};

/** Telemetry as evidence: what the record names, and the bytes themselves. @see 21 CFR 11.10(b), (e); EU GMP Annex 11, 7.1 */
export const telemetryEndpoints = (ports: Ports, findChunk = createChunkFinder()): readonly Endpoint[] => [
  logged(ports, InspectTelemetry, async ({ path: { batchId }, query }, { record }) => {
    const events = await loadBatch(record, batchId);
    const chunks = chunksNamedIn(events);
    const through = events.map(({ event }) => (event.type === 'telemetry-sealed' ? event.through : undefined)).findLast((each) => each !== undefined);
    return { ...pageOfChunks(batchId, chunks, query), batchId, version: events.length, chunkCount: chunks.length, ...(through === undefined ? {} : { through }) };
  }),
  logged(ports, ReadChunk, async ({ path: { batchId, sha256 } }, view) => {
    const chunk = await findChunk(view, batchId, sha256);
    if (chunk === undefined) throw new DomainError('chunk-not-found', `the record of ${batchId} names no telemetry chunk with the SHA-256 ${sha256}`, { batchId, sha256 });
    const body = await bytesOfChunk(ports.telemetry, chunk);
    if (body.length > MAXIMUM_CHUNK_BYTES) throw new DomainError('request-too-large', `the chunk is ${body.length} bytes, want at most ${MAXIMUM_CHUNK_BYTES}; ask the hospital for the object ${chunk.key}`, { bytes: body.length, maximum: MAXIMUM_CHUNK_BYTES });
    return new FileAnswer('application/octet-stream', body, `${sha256}.chunk`);
  }),
];
