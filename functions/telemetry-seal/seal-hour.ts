import { birthOf, type Birth } from '../../shared/telemetry/birth.ts';
import { Collector, type DeviceMinute } from '../../shared/telemetry/collect.ts';
import { HOUR_MS, hourOf } from '../../shared/telemetry/minute.ts';
import { receive } from '../../shared/telemetry/received.ts';
import { decodeSegment } from '../../shared/telemetry/segment.ts';
import { inParallel } from '../_platform/in-parallel.ts';
import { followAlarms } from './alarms.ts';
import { assignmentsOf } from './assignments.ts';
import { GRACE_MS, type SealPorts } from './ports.ts';
import { buildHour, keyOfHour, type DeviceHour } from './hours.ts';
import { followNumbering } from './numbering.ts';
import { remembering } from './remembering.ts';
import { recordLateBirth, recordUnnamed } from './session-conflicts.ts';
import { keepUnnamed } from './unnamed.ts';
import { writeChunk, type WrittenChunk } from './write-chunk.ts';

export type Sealed = Readonly<{ hours: number; chunks: readonly Readonly<{ key: string; sha256: string }>[] }>;
type Opened = Readonly<{ collector: Collector; births: readonly Birth[] }>;
type Minute = readonly [minuteEpochMs: number, keys: readonly string[]];

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

/** What a device's written chunk means for the batches that have, or had, it. */
const followDevice = async (ports: SealPorts, chunk: WrittenChunk): Promise<void> => {
  const assignments = (await assignmentsOf(ports, chunk.edgeNodeId)).filter(({ deviceId }) => deviceId === chunk.deviceId);
  if (assignments.length === 0) return;
  const book = await ports.births.bookOf({ edgeNodeId: chunk.edgeNodeId, deviceId: chunk.deviceId, sinceEpochMs: chunk.startEpochMs });
  await recordUnnamed(ports, chunk, book);
  for (const assignment of assignments) await followAlarms(ports, chunk, assignment, book);
};

/** What chunks written, oldest first, mean for the batches that have, or had, their devices. */
const follow = async (ports: SealPorts, written: readonly WrittenChunk[], unsealedBeforeEpochMs: number): Promise<void> => {
  const ofGateways = Map.groupBy(written.filter(({ deviceId }) => deviceId === undefined), ({ edgeNodeId }) => edgeNodeId);
  for (const [edgeNodeId, minutes] of ofGateways) await followNumbering(ports, edgeNodeId, minutes, unsealedBeforeEpochMs);
  for (const chunk of written) if (chunk.deviceId !== undefined) await followDevice(ports, chunk);
};

/** Put messages into chunks. Those of all segments together, so that each chunk is written once: a later minute's message may carry samples of an earlier one. */
const pack = async (ports: SealPorts, keys: readonly string[], beforeWriting: (minutes: readonly DeviceMinute[]) => Promise<unknown>): Promise<readonly WrittenChunk[]> => {
  const { collector, births } = await openSegments(ports, keys);
  // Before the chunk that will know this birth: a run that breaks off in between says it again, and the record takes it once.
  for (const birth of births) await recordLateBirth(ports, birth);
  const minutes = collector.minutes();
  await beforeWriting(minutes);
  return inParallel(minutes, (minute) => writeChunk(ports, minute));
};

const compareTexts = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

/**
 * Chunks as they stand once all groups are written, oldest first: what came late lies in the segment of its hour, and so in another group than the rest of its minute. The numbering of a gateway held against half a
 * minute, or against a later minute first, would find messages lost that are there.
 */
const inOrder = (written: readonly WrittenChunk[]): readonly WrittenChunk[] => {
  const last = new Map<string, WrittenChunk>();
  for (const chunk of written) last.set(chunk.key, { ...chunk, isChanged: chunk.isChanged || last.get(chunk.key)?.isChanged === true });
  return [...last.values()].sort((a, b) => a.startEpochMs - b.startEpochMs || compareTexts(a.key, b.key));
};

const hoursOf = (minutes: readonly Pick<DeviceMinute, 'edgeNodeId' | 'deviceId' | 'minuteEpochMs'>[]): readonly DeviceHour[] => {
  const hours = minutes.map(({ edgeNodeId, deviceId, minuteEpochMs }) => ({ edgeNodeId, deviceId, hourEpochMs: hourOf(minuteEpochMs) }));
  return [...new Map(hours.map((hour) => [keyOfHour(hour), hour])).values()];
};

/** Whole hours touched that no message in time can change any more. */
const finishedHours = (written: readonly WrittenChunk[], nowEpochMs: number): readonly DeviceHour[] =>
  hoursOf(written.map(({ startEpochMs, ...chunk }) => ({ ...chunk, minuteEpochMs: startEpochMs }))).filter(({ hourEpochMs }) => hourEpochMs + HOUR_MS + GRACE_MS <= nowEpochMs);

/** Minutes put into chunks whose hours are not gathered yet, and whose segments are still there. */
type Unfinished = Readonly<{ written: readonly WrittenChunk[]; hours: readonly DeviceHour[]; segments: readonly string[] }>;

/** More than this is not kept in hand for the next hour, and read again where it is wanted. */
const MAXIMUM_KEPT_SAMPLES = 7_200_000;

const keepable = (written: readonly WrittenChunk[]): readonly WrittenChunk[] =>
  (written.reduce((sum, { columns }) => sum + columns.reduce((own, { stamps }) => own + stamps.times.length, 0), 0) > MAXIMUM_KEPT_SAMPLES ? [] : written);

/**
 * Seals hours one after the other, in their order: the minutes of one into chunks, several at once, then what they mean, oldest first. A message of an hour's first minute mostly carries samples of the
 * hour before, so that an hour is gathered when the next one's minutes are in chunks too: once, and from what is in hand. Segments go last, when their samples are in chunks and in the hour: a run that
 * breaks off is repeated.
 */
export class HourSealer {
  readonly #ports: SealPorts;
  /** Copies of hours (ETag) as they were before this run wrote into the hour. */
  readonly #copies = new Map<string, string | undefined>();
  #unfinished: Unfinished | undefined;
  /** End of the last hour that could not be sealed in this run. */
  #unsealedBeforeEpochMs = -Infinity;

  constructor(ports: SealPorts) {
    this.#ports = ports;
  }

  /** @returns what is sealed: the hours gathered are those of the call before */
  async seal(minutes: readonly Minute[]): Promise<Sealed> {
    const written = await this.#write(minutes);
    const before = new Set(this.#unfinished?.hours.map(keyOfHour));
    const hours = finishedHours(written, this.#ports.now().getTime()).filter((hour) => !before.has(keyOfHour(hour)));
    // Should the hours before fail to be gathered, their segments stay, and this one's are still to be finished.
    const unfinished = { written: keepable(written), hours, segments: minutes.flatMap(([, keys]) => keys) };
    const gathered = await this.#gather(unfinished);
    return { hours: gathered, chunks: written.filter(({ isChanged }) => isChanged).map(({ key, sha256 }) => ({ key, sha256 })) };
  }

  /** Minutes into chunks, and what those mean. An hour that fails here, and not one that can only not be gathered, says nothing of what came before the next. */
  async #write(minutes: readonly Minute[]): Promise<readonly WrittenChunk[]> {
    try {
      const remembered = remembering(this.#ports);
      const packs: WrittenChunk[] = [];
      for (const keys of grouped(minutes)) packs.push(...await pack(remembered.ports, keys, (packed) => this.#noteCopies(packed)));
      const written = inOrder(packs);
      await follow(remembered.ports, written, this.#unsealedBeforeEpochMs);
      await keepUnnamed(remembered.ports, written);
      await remembered.flush();
      return written;
    } catch (error) {
      this.#unsealedBeforeEpochMs = Math.max(...minutes.map(([minuteEpochMs]) => hourOf(minuteEpochMs) + HOUR_MS));
      throw error;
    }
  }

  /** Gather what no other hour follows. */
  async finish(): Promise<Sealed> {
    return { hours: await this.#gather(undefined), chunks: [] };
  }

  async #noteCopies(minutes: readonly DeviceMinute[]): Promise<void> {
    await inParallel(hoursOf(minutes).map(keyOfHour).filter((key) => !this.#copies.has(key)), async (key) => { this.#copies.set(key, (await this.#ports.objects.get(key))?.etag); });
  }

  async #gather(next: Unfinished | undefined): Promise<number> {
    const unfinished = this.#unfinished;
    this.#unfinished = next;
    if (unfinished === undefined) return 0;
    const known = [...unfinished.written, ...next?.written ?? []];
    for (const hour of unfinished.hours) {
      await buildHour(this.#ports, hour, { known, copyBefore: this.#copies.get(keyOfHour(hour)) });
      this.#copies.delete(keyOfHour(hour));
    }
    await inParallel(unfinished.segments, (key) => this.#ports.objects.delete(key));
    return unfinished.hours.length;
  }
}
