import { keyOf } from '../../shared/storage/keys.ts';
import type { BirthBook } from '../../shared/telemetry/birth.ts';
import { followExcursions, type Excursion } from '../../shared/telemetry/excursion.ts';
import { decodeChunk } from '../../shared/telemetry/chunk.ts';
import { MINUTE_MS, minuteLabel, objectKeyOf, parseMinuteLabel } from '../../shared/telemetry/minute.ts';
import { mayHold, samplesOf, seriesOf, type Series } from '../../shared/telemetry/series.ts';
import { sightingOf, sightSealed } from '../../shared/telemetry/sighting.ts';
import type { AlarmLimits } from '../_platform/device-assignment.ts';
import { lookAtSightings, raiseAlarm, type WatchedMetric } from '../_platform/telemetry-alarms.ts';
import { endOf, SEAL_ACTOR, type Assignment } from './assignments.ts';
import type { SealPorts } from './ports.ts';
import type { WrittenChunk } from './write-chunk.ts';

/** Excursions of one metric known so far, the latest last; all minutes up to `throughMinute` were looked at in their order. */
type Followed = Readonly<{ batchId: string; throughMinute: string; recent: readonly Excursion[] }>;

const RECENT = 20;
/** Minutes after a late one that are gone through again. */
const MINUTES_AFTER = 180;

const seriesIn = ({ columns }: Pick<WrittenChunk, 'columns'>, metric: string, assignment: Assignment, book: BirthBook): Series => {
  const { deviceId } = assignment;
  const [from, to] = [Date.parse(assignment.from), endOf(assignment)];
  const aliases = book.aliasesOf(deviceId, metric);
  const samples = columns.filter((column) => mayHold(column, metric, aliases)).flatMap((column) => samplesOf(column, metric, deviceId, book));
  return seriesOf(samples.filter(([time]) => time >= from && time < to));
};

/** The excursion under way just before a time: one that is over at that very time was still on, and another sample of the same time may be outside. */
const activeAt = (excursions: readonly Excursion[], epochMs: number): Excursion | undefined =>
  excursions.findLast(({ fromEpochMs, toEpochMs }) => fromEpochMs < epochMs && (toEpochMs === undefined || toEpochMs >= epochMs));

type Course = Readonly<{ excursions: readonly Excursion[]; throughEpochMs: number }>;

/**
 * Follow a minute, and when it is late the minutes after it, until the excursion under way is on the side that was found before: from there on nothing changes.
 *
 * @returns excursions of that time, which end where they were found to end before
 */
const courseOf = async (chunk: WrittenChunk, { recent, throughEpochMs }: Readonly<{ recent: readonly Excursion[]; throughEpochMs: number }>, limits: AlarmLimits, seriesOfMinute: (minuteEpochMs: number) => Promise<Series>): Promise<Course> => {
  const { startEpochMs } = chunk;
  const before = activeAt(recent, startEpochMs);
  let excursions: readonly Excursion[] = before === undefined ? [] : [{ ...before, toEpochMs: undefined }];
  let minute = startEpochMs;
  for (; minute < throughEpochMs && minute < startEpochMs + MINUTES_AFTER * MINUTE_MS; minute += MINUTE_MS) {
    const last = excursions.at(-1);
    const active = last?.toEpochMs === undefined ? last : undefined;
    excursions = [...(active === undefined ? excursions : excursions.slice(0, -1)), ...followExcursions(await seriesOfMinute(minute), limits, active)];
    const [found, was] = [activeAt(excursions, minute + MINUTE_MS), activeAt(recent, minute + MINUTE_MS)];
    if (minute + MINUTE_MS === throughEpochMs || found?.side !== was?.side) continue;
    const ended = found === undefined ? excursions : [...excursions.slice(0, -1), { ...found, toEpochMs: was?.toEpochMs }];
    return { excursions: ended, throughEpochMs: minute + MINUTE_MS };
  }
  return { excursions, throughEpochMs: minute };
};

/** Raise what ingestion did not; when it has the alarm in mind, see to it that it is on record. */
const settle = async (ports: SealPorts, { startEpochMs }: WrittenChunk, watched: WatchedMetric, excursion: Excursion, throughEpochMs: number): Promise<void> => {
  const { held, sightings } = await lookAtSightings(ports, watched, (before) => sightSealed(excursion, before, throughEpochMs));
  const sighting = sightingOf(excursion, sightings, throughEpochMs);
  if (sighting === undefined) return;
  const isNew = sightingOf(excursion, held, throughEpochMs) === undefined;
  if (isNew || sighting.atEpochMs >= startEpochMs || excursion.fromEpochMs >= startEpochMs) await raiseAlarm(ports, watched, sighting, SEAL_ACTOR);
};

const followMetric = async (ports: SealPorts, chunk: WrittenChunk, { watched, limits }: Readonly<{ watched: WatchedMetric; limits: AlarmLimits }>, seriesOfMinute: (minuteEpochMs: number) => Promise<Series>): Promise<void> => {
  const { edgeNodeId, deviceId, batchId, metric } = watched;
  const key = keyOf.alarm(edgeNodeId, deviceId, metric);
  const followed = await ports.operations.get<Followed>(key);
  const held = followed?.batchId === batchId ? followed : undefined;
  const recent = held?.recent ?? [];
  const throughMinute = [held?.throughMinute ?? '', minuteLabel(chunk.startEpochMs)].sort().at(-1) ?? '';
  const throughEpochMs = parseMinuteLabel(throughMinute) + MINUTE_MS;
  const course = await courseOf(chunk, { recent, throughEpochMs }, limits, seriesOfMinute);
  for (const excursion of course.excursions) await settle(ports, chunk, watched, excursion, throughEpochMs);
  const untouched = recent.filter(({ fromEpochMs, toEpochMs }) => (toEpochMs !== undefined && toEpochMs <= chunk.startEpochMs) || fromEpochMs >= course.throughEpochMs);
  const known = new Map([...untouched, ...course.excursions].map((each) => [`${each.fromEpochMs} ${each.side}`, each]));
  const ordered = [...known.values()].sort((a, b) => a.fromEpochMs - b.fromEpochMs);
  await ports.operations.put(key, { batchId, throughMinute, recent: ordered.slice(-RECENT) } satisfies Followed);
};

/** A minute as sealed before; nothing when the device has none. */
const sealedMinute = async ({ objects }: SealPorts, { edgeNodeId, deviceId }: WrittenChunk, minuteEpochMs: number): Promise<Pick<WrittenChunk, 'columns'>> => {
  const object = await objects.get(objectKeyOf.chunk(edgeNodeId, deviceId, minuteEpochMs));
  return object === undefined ? { columns: [] } : decodeChunk(object.body);
};

/**
 * One alarm an excursion, put on record once: ingestion raises most of them within seconds, from the messages it has (ADR 0019); here all samples of a minute are known, and what is not on record is raised. An excursion
 * begins with the first sample outside, and is over when a sample is well inside again. A critical parameter's alarm raises a deviation. A minute sealed again, or late, is held against
 * the minutes after it.
 */
export const followAlarms = async (ports: SealPorts, chunk: WrittenChunk, assignment: Assignment, book: BirthBook): Promise<void> => {
  const { batchId, deviceId, criticalMetrics } = assignment;
  for (const limits of assignment.alarms) {
    const { metric } = limits;
    const now = seriesIn(chunk, metric, assignment, book);
    if (now.times.length === 0) continue;
    const seriesOfMinute = async (minute: number): Promise<Series> => (minute === chunk.startEpochMs ? now : seriesIn(await sealedMinute(ports, chunk, minute), metric, assignment, book));
    const watched = { edgeNodeId: chunk.edgeNodeId, deviceId, batchId, metric, isCritical: criticalMetrics.includes(metric) };
    await followMetric(ports, chunk, { watched, limits }, seriesOfMinute);
  }
};
