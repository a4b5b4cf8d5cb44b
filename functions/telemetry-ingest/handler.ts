import type { SQSRecord } from 'aws-lambda';
import { birthOf, namingFault, resolve } from '../../shared/telemetry/birth.ts';
import { objectKeyOf } from '../../shared/telemetry/minute.ts';
import { encodeSegment } from '../../shared/telemetry/segment.ts';
import { queueBatch } from '../_platform/batch.ts';
import { inParallel } from '../_platform/in-parallel.ts';
import { logger } from '../_platform/log.ts';
import { AlarmWatch } from './alarm-watch.ts';
import { BirthCache } from './birth-cache.ts';
import type { IngestPorts } from './ports.ts';
import { keepInQuarantine } from './quarantine.ts';
import { askRebirthOnce } from './rebirth.ts';
import { bySegment, sortOut, type Poison, type Sound } from './sort-out.ts';

/** Message ids that must come again, because what they are about could not be stored. */
type Failed = Set<string>;

/** Run one store; when it fails, these messages come again and the others go on. */
const storing = async (failed: Failed, messageIds: readonly string[], store: () => Promise<unknown>): Promise<void> => {
  try {
    await store();
  } catch (error) {
    logger.error('not stored; the messages come again', { messages: messageIds.length, cause: String(error) });
    for (const id of messageIds) failed.add(id);
  }
};

const setAside = async (ports: IngestPorts, failed: Failed, poison: readonly Poison[]): Promise<void> => {
  await inParallel(poison, (each) => storing(failed, [each.messageId], () => keepInQuarantine(ports, each)));
};

const keepBirths = async ({ births }: IngestPorts, cache: BirthCache, failed: Failed, sound: readonly Sound[]): Promise<void> => {
  for (const { messageId, received } of sound) {
    if (!received.address.messageType.endsWith('BIRTH')) continue;
    await storing(failed, [messageId], async () => {
      const birth = birthOf(received);
      await births.keep(birth);
      cache.add(birth);
    });
  }
};

const writeSegments = async ({ objects, now }: IngestPorts, failed: Failed, sound: readonly Sound[]): Promise<void> => {
  for (const [minute, messages] of bySegment(sound, now().getTime())) {
    const { bytes, sha256 } = encodeSegment(messages.map(({ raw }) => raw));
    await storing(failed, messages.map(({ messageId }) => messageId), () => objects.put(objectKeyOf.segment(minute, sha256), bytes));
  }
};

/** A message with a metric nobody can name is shown to people; it stays in its segment too, for a birth that comes late still names it. */
const checkNaming = async (ports: IngestPorts, cache: BirthCache, { messageId, received, raw }: Sound): Promise<void> => {
  const { edgeNodeId, deviceId } = received.address;
  const wanted = { edgeNodeId, deviceId, sinceEpochMs: received.sentAtEpochMs };
  const fault = namingFault(received, await cache.bookOf(wanted));
  if (fault === undefined) return;
  const book = await cache.reloaded(wanted);
  const still = namingFault(received, book);
  if (still === undefined) return;
  const session = book.sessionAt(deviceId, received.sentAtEpochMs);
  if (received.metrics.some((metric) => resolve(metric, session) === undefined)) {
    await keepInQuarantine(ports, { messageId, topic: raw.topic, bytes: raw.payload, reason: still, detail: 'a metric can not be named by any birth certificate so far; a rebirth was asked for' });
  }
  await askRebirthOnce(ports, edgeNodeId);
};

/** What an execution environment keeps between batches. */
export type IngestMemory = Readonly<{ cache: BirthCache; alarms: AlarmWatch }>;

export const createMemory = (ports: IngestPorts): IngestMemory => {
  const cache = new BirthCache(ports.births);
  return { cache, alarms: new AlarmWatch(ports, cache) };
};

/**
 * One queue batch: births, poison aside, raw messages into segments by minute (ADR 0003), alarm limits (ADR 0019), then a look at what can not be named. In O(batch): nothing stored is read and
 * written again. Doing it twice stores the same.
 *
 * @returns ids of messages that could not be stored
 */
export const ingest = async (ports: IngestPorts, { cache, alarms }: IngestMemory, records: readonly SQSRecord[]): Promise<readonly string[]> => {
  const failed: Failed = new Set();
  const { sound, poison } = sortOut(ports, records);
  cache.begin();
  await setAside(ports, failed, poison);
  await keepBirths(ports, cache, failed, sound);
  await writeSegments(ports, failed, sound);
  await alarms.judge(sound.flatMap(({ messageId, received }) => (failed.has(messageId) ? [] : [received])));
  await inParallel(sound, (each) => storing(failed, [each.messageId], () => checkNaming(ports, cache, each)));
  ports.count('IngestedMessages', sound.filter(({ messageId }) => !failed.has(messageId)).length);
  return [...failed];
};

export const createHandler = (ports: IngestPorts) => {
  const memory = createMemory(ports);
  return queueBatch((records) => ingest(ports, memory, records));
};
