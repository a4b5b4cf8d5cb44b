import { createHash } from 'node:crypto';
import type { SealedChunk } from '../../shared/batch/events.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { MINUTE_MS } from '../../shared/telemetry/minute.ts';
import type { Clock, OperationsStore } from '../_platform/ports.ts';
import { assignmentsOf, endOf, type Assignment } from './assignments.ts';
import type { SealPorts } from './ports.ts';
import type { WrittenChunk } from './write-chunk.ts';

/** Chunks of a batch that wait to be named by its record. */
export type Unnamed = Readonly<{ batchId: string; sealedAt: string; chunks: readonly SealedChunk[] }>;

/** So that one item touches few enough hours to be taken into the record in one transaction. */
const CHUNKS_OF_ITEM = 60;

/** Keep chunks waiting for the record of one batch. */
export const keepFor = async ({ operations, now }: Readonly<{ operations: Pick<OperationsStore, 'put'>; now: Clock }>, batchId: string, chunks: readonly SealedChunk[]): Promise<void> => {
  const sealedAt = now().toISOString();
  for (let at = 0; at < chunks.length; at += CHUNKS_OF_ITEM) {
    const item: Unnamed = { batchId, sealedAt, chunks: chunks.slice(at, at + CHUNKS_OF_ITEM) };
    await operations.put(keyOf.unnamedChunks(batchId, sealedAt, createHash('sha256').update(canonicalJson(item.chunks)).digest('hex').slice(0, 16)), item);
  }
};

/** A gateway's own messages tell what was lost, and so concern every batch that has one of its devices. */
const concerns = ({ deviceId, from, ...assignment }: Assignment, chunk: WrittenChunk): boolean =>
  (chunk.deviceId === undefined || chunk.deviceId === deviceId) && chunk.startEpochMs + MINUTE_MS > Date.parse(from) && chunk.startEpochMs < endOf({ deviceId, from, ...assignment });

const batchesOf = async (ports: SealPorts, chunk: WrittenChunk): Promise<readonly string[]> =>
  [...new Set((await assignmentsOf(ports, chunk.edgeNodeId)).filter((each) => concerns(each, chunk)).map(({ batchId }) => batchId))];

/**
 * Keep in mind that chunks are to be named by the records that rely on them; done before their segments go, so that a run that breaks off says it again. Also those that
 * held everything before: the run that wrote them may have broken off right there.
 */
export const keepUnnamed = async (ports: SealPorts, written: readonly WrittenChunk[]): Promise<void> => {
  const named: (SealedChunk & Readonly<{ batchId: string }>)[] = [];
  for (const chunk of written) named.push(...(await batchesOf(ports, chunk)).map((batchId) => ({ batchId, key: chunk.key, sha256: chunk.sha256 })));
  for (const [batchId, own] of Map.groupBy(named, (each) => each.batchId)) {
    const chunks = own.map(({ key, sha256 }) => ({ key, sha256 }));
    await keepFor(ports, batchId, chunks);
  }
};
