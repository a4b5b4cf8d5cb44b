import { createHash } from 'node:crypto';
import type { SQSRecord } from 'aws-lambda';
import { birthOf, type BirthBook } from '../../shared/telemetry/birth.ts';
import { objectKeyOf } from '../../shared/telemetry/minute.ts';
import { encodeSegment, type RawMessage } from '../../shared/telemetry/segment.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { queueBatch } from '../_platform/batch.ts';
import type { Births } from '../_platform/births.ts';
import type { Clock, ObjectStore, OperationsStore } from '../_platform/ports.ts';
import { minutesOf, namingFault, sortOut, type Poison, type Sound } from './sort-out.ts';

export type IngestPorts = Readonly<{
  nodeId: string;
  objects: Pick<ObjectStore, 'put'>;
  operations: Pick<OperationsStore, 'put'>;
  births: Births;
  /** Ask an edge node to be born again (NCMD, Node Control/Rebirth). */
  askRebirth(edgeNodeId: string): Promise<void>;
  /** Count into the node's metrics; alarms stand on them. */
  count(name: 'QuarantinedMessages' | 'IngestedMessages' | 'RebirthsAsked', value: number): void;
  now: Clock;
}>;

/** An edge node is not asked again within this time. */
const REBIRTH_INTERVAL_MS = 30_000;

/** Births seen by this execution environment; one that another has seen is found by reading again. */
export class BirthCache {
  readonly #books = new Map<string, BirthBook>();
  readonly #births: Births;
  constructor(births: Births) {
    this.#births = births;
  }

  async bookOf(edgeNodeId: string): Promise<BirthBook> {
    return this.#books.get(edgeNodeId) ?? this.reload(edgeNodeId);
  }

  async reload(edgeNodeId: string): Promise<BirthBook> {
    const book = await this.#births.bookOf(edgeNodeId);
    this.#books.set(edgeNodeId, book);
    return book;
  }
}

const keepBirths = async ({ births }: IngestPorts, cache: BirthCache, sound: readonly Sound[]): Promise<void> => {
  for (const { received: { address: { messageType, edgeNodeId, deviceId }, message } } of sound) {
    if (!messageType.endsWith('BIRTH')) continue;
    const birth = birthOf(message, edgeNodeId, deviceId);
    await births.keep(birth);
    (await cache.bookOf(edgeNodeId)).add(birth);
  }
};

const quarantine = async ({ objects, operations, count, now }: IngestPorts, { topic, bytes, reason, detail }: Omit<Poison, 'messageId'>): Promise<void> => {
  const at = now().toISOString();
  const sha256 = createHash('sha256').update(topic).update('\0').update(bytes).digest('hex');
  const objectKey = objectKeyOf.quarantine(at, sha256);
  await objects.put(objectKey, bytes);
  // The same bytes on the same day are one entry, however often they come.
  const isNew = await operations.put(keyOf.quarantine(at.slice(0, 10), sha256), { topic, reason, detail, sizeBytes: bytes.length, objectKey, at }, { onlyIfAbsent: true });
  if (isNew) count('QuarantinedMessages', 1);
};

const askRebirthOnce = async ({ operations, askRebirth, count, now }: IngestPorts, edgeNodeId: string): Promise<void> => {
  const nowMs = now().getTime();
  const slot = Math.floor(nowMs / REBIRTH_INTERVAL_MS);
  const isFirst = await operations.put({ pk: `REBIRTH#${edgeNodeId}`, sk: String(slot) }, { expiresAtEpochSeconds: Math.floor(nowMs / 1000) + 3600 }, { onlyIfAbsent: true });
  if (!isFirst) return;
  await askRebirth(edgeNodeId);
  count('RebirthsAsked', 1);
};

const checkNaming = async (ports: IngestPorts, cache: BirthCache, sound: readonly Sound[]): Promise<void> => {
  const reloaded = new Set<string>();
  for (const { received, raw } of sound) {
    const { edgeNodeId } = received.address;
    let fault = namingFault(received, await cache.bookOf(edgeNodeId));
    if (fault !== undefined && !reloaded.has(edgeNodeId)) {
      reloaded.add(edgeNodeId);
      fault = namingFault(received, await cache.reload(edgeNodeId));
    }
    if (fault === undefined) continue;
    // The message stays in its segment: a birth that comes late still names its metrics. Its bytes are shown to people meanwhile.
    await quarantine(ports, { topic: raw.topic, bytes: raw.payload, reason: fault, detail: 'a metric can not be named by any birth certificate so far; a rebirth was asked for' });
    await askRebirthOnce(ports, edgeNodeId);
  }
};

const writeSegments = async ({ objects }: IngestPorts, sound: readonly Sound[]): Promise<void> => {
  const byMinute = new Map<number, RawMessage[]>();
  for (const { raw, received } of sound) {
    for (const minute of minutesOf(received.message)) {
      const messages = byMinute.get(minute) ?? [];
      messages.push(raw);
      byMinute.set(minute, messages);
    }
  }
  for (const [minute, messages] of byMinute) {
    const { bytes, sha256 } = encodeSegment(messages);
    await objects.put(objectKeyOf.segment(minute, sha256), bytes);
  }
};

/** One queue batch: births first, poison aside, raw messages into segments by minute (ADR 0003). A failure gives the whole batch back; repeating it writes the same. */
export const ingest = async (ports: IngestPorts, cache: BirthCache, records: readonly SQSRecord[]): Promise<readonly string[]> => {
  const { sound, poison } = sortOut(ports.nodeId, records);
  for (const each of poison) await quarantine(ports, each);
  await keepBirths(ports, cache, sound);
  await writeSegments(ports, sound);
  await checkNaming(ports, cache, sound);
  ports.count('IngestedMessages', sound.length);
  return [];
};

export const createHandler = (ports: IngestPorts) => {
  const cache = new BirthCache(ports.births);
  return queueBatch((records) => ingest(ports, cache, records));
};
