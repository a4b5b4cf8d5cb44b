import { birthOf, type Birth } from '../../shared/telemetry/birth.ts';
import { Collector, type Device } from '../../shared/telemetry/collect.ts';
import { HOUR_MS, hourOf } from '../../shared/telemetry/minute.ts';
import { receive } from '../../shared/telemetry/received.ts';
import { decodeSegment } from '../../shared/telemetry/segment.ts';
import { inParallel } from '../_platform/in-parallel.ts';
import { followAlarms } from './alarms.ts';
import { assignmentsOf } from './assignments.ts';
import { GRACE_MS, type SealPorts } from './ports.ts';
import { buildHour } from './hours.ts';
import { followNumbering } from './numbering.ts';
import { remembering } from './remembering.ts';
import { recordLateBirth, recordUnnamed } from './session-conflicts.ts';
import { keepUnnamed } from './unnamed.ts';
import { writeChunk, type WrittenChunk } from './write-chunk.ts';

export type Sealed = Readonly<{ hours: number; chunks: readonly Readonly<{ key: string; sha256: string }>[] }>;
type Opened = Readonly<{ collector: Collector; births: readonly Birth[] }>;
type Minute = readonly [minuteEpochMs: number, keys: readonly string[]];
type DeviceHour = Device & Readonly<{ hourEpochMs: number }>;

/** Segments packed together, where a minute has not more by itself: bounds what is held in memory. A segment has up to 2,000 messages. */
const SEGMENTS_AT_ONCE = 16;

/** Minutes side by side, in their order, so that no group but one of a single minute has more segments than may be held. */
const grouped = (minutes: readonly Minute[]): readonly (readonly string[])[] => {
  const groups: string[][] = [];
  for (const [, keys] of minutes) {
    const last = groups.at(-1);
    if (last !== undefined && last.length + keys.length <= SEGMENTS_AT_ONCE) last.push(...keys);
    else groups.push([...keys]);
  }
  return groups;
};

const openSegments = async ({ objects }: SealPorts, keys: readonly string[]): Promise<Opened> => {
  const collector = new Collector();
  const births: Birth[] = [];
  await inParallel(keys, async (key) => {
    const object = await objects.get(key);
    for (const raw of object === undefined ? [] : decodeSegment(object.body)) {
      const received = receive(raw);
      collector.addMessage(received);
      if (received.address.messageType.endsWith('BIRTH')) births.push(birthOf(received));
    }
  });
  return { collector, births };
};

/** What a written chunk means for the batches that have, or had, its device. */
const follow = async (ports: SealPorts, chunk: WrittenChunk): Promise<void> => {
  if (chunk.deviceId === undefined) {
    await followNumbering(ports, chunk.edgeNodeId, chunk.startEpochMs, chunk.marks);
    return;
  }
  const assignments = (await assignmentsOf(ports, chunk.edgeNodeId)).filter(({ deviceId }) => deviceId === chunk.deviceId);
  if (assignments.length === 0) return;
  const book = await ports.births.bookOf(chunk.edgeNodeId);
  await recordUnnamed(ports, chunk, book);
  for (const assignment of assignments) await followAlarms(ports, chunk, assignment, book);
};

/** Put messages into chunks. Those of all segments together, so that each chunk is written once: a later minute's message may carry samples of an earlier one. */
const pack = async (ports: SealPorts, keys: readonly string[]): Promise<readonly WrittenChunk[]> => {
  const { collector, births } = await openSegments(ports, keys);
  // Before the chunk that will know this birth: a run that breaks off in between says it again, and the record takes it once.
  for (const birth of births) await recordLateBirth(ports, birth);
  return inParallel(collector.minutes(), (minute) => writeChunk(ports, minute));
};

/** Whole hours touched that no message in time can change any more. */
const finishedHours = (written: readonly WrittenChunk[], nowEpochMs: number): readonly DeviceHour[] => {
  const hours = written.map(({ edgeNodeId, deviceId, startEpochMs }) => ({ edgeNodeId, deviceId, hourEpochMs: hourOf(startEpochMs) }));
  const unique = new Map(hours.map((hour) => [`${hour.edgeNodeId}/${hour.deviceId ?? ''}/${hour.hourEpochMs}`, hour]));
  return [...unique.values()].filter(({ hourEpochMs }) => hourEpochMs + HOUR_MS + GRACE_MS <= nowEpochMs);
};

/**
 * Seal the minutes of one hour: chunks of several at once, then what they mean, oldest first. Segments go last, when the samples are in chunks and in the hour: a run that breaks
 * off is repeated.
 */
export const sealHour = async (ports: SealPorts, minutes: readonly Minute[]): Promise<Sealed> => {
  const remembered = remembering(ports);
  const written: WrittenChunk[] = [];
  for (const keys of grouped(minutes)) written.push(...await pack(remembered.ports, keys));
  for (const chunk of written) await follow(remembered.ports, chunk);
  await keepUnnamed(remembered.ports, written);
  await remembered.flush();
  const hours = finishedHours(written, ports.now().getTime());
  for (const hour of hours) await buildHour(ports, hour, written);
  await inParallel(minutes.flatMap(([, keys]) => keys), (key) => ports.objects.delete(key));
  return { hours: hours.length, chunks: written.filter(({ isChanged }) => isChanged).map(({ key, sha256 }) => ({ key, sha256 })) };
};
