import { createHash } from 'node:crypto';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { BirthBook } from '../../shared/telemetry/birth.ts';
import { followExcursions, type Excursion } from '../../shared/telemetry/excursion.ts';
import { minuteLabel } from '../../shared/telemetry/minute.ts';
import { mayHold, samplesOf, seriesOf, type Series } from '../../shared/telemetry/series.ts';
import { endOf, SEAL_ACTOR, type Assignment } from './assignments.ts';
import type { SealPorts } from './ports.ts';
import type { WrittenChunk } from './write-chunk.ts';

type Limits = Assignment['alarms'][number];
/** Excursions of one metric known so far, the latest last; all minutes up to `throughMinute` were looked at in their order. */
type Followed = Readonly<{ batchId: string; throughMinute: string; recent: readonly Excursion[] }>;

const RECENT = 20;

const seriesIn = ({ columns, deviceId }: WrittenChunk, metric: string, assignment: Assignment, book: BirthBook): Series => {
  const [from, to] = [Date.parse(assignment.from), endOf(assignment)];
  const aliases = book.aliasesOf(deviceId, metric);
  const samples = columns.filter((column) => mayHold(column, metric, aliases)).flatMap((column) => samplesOf(column, metric, deviceId, book));
  return seriesOf(samples.filter(([time]) => time >= from && time < to));
};

const alarmIdOf = ({ edgeNodeId, deviceId }: WrittenChunk, metric: string, { fromEpochMs, side }: Excursion): string =>
  `ALM-${createHash('sha256').update([edgeNodeId, deviceId, metric, fromEpochMs, side].join('|')).digest('hex').slice(0, 16)}`;

type Raise = Readonly<{ alarmId: string; metric: string; isCritical: boolean }>;

const eventsFor = (batch: Batch, { alarmId, metric, isCritical }: Raise, { fromEpochMs, value, limit, side }: Excursion): readonly BatchEvent[] => {
  if (batch.alarms[alarmId] !== undefined) return [];
  const at = new Date(fromEpochMs).toISOString();
  const alarm: BatchEvent = { type: 'telemetry-alarm-raised', alarmId, metric, value, limit, side, at };
  if (!isCritical) return [alarm];
  return [alarm, { type: 'deviation-raised', deviationId: `DEV-${alarmId.slice(4)}`, severity: 'major', title: `${metric} out of its alarm limits`, detail: `${metric}: got ${value}, want ${side === 'low' ? 'at least' : 'at most'} ${limit}, at ${at}`, rule: 'telemetry-alarm' }];
};

/** The excursion a minute begins in. */
const activeAt = (recent: readonly Excursion[], epochMs: number): Excursion | undefined =>
  recent.findLast(({ fromEpochMs, toEpochMs }) => fromEpochMs < epochMs && (toEpochMs === undefined || toEpochMs > epochMs));

const followMetric = async (ports: SealPorts, chunk: WrittenChunk, { batchId, deviceId, criticalMetrics }: Assignment, { limits, series }: Readonly<{ limits: Limits; series: Series }>): Promise<void> => {
  const { metric } = limits;
  const key = keyOf.alarm(chunk.edgeNodeId, deviceId, metric);
  const held = await ports.operations.get<Followed>(key);
  const recent = held?.batchId === batchId ? held.recent : [];
  const excursions = followExcursions(series, limits, activeAt(recent, chunk.startEpochMs));
  for (const excursion of excursions.filter(({ fromEpochMs }) => fromEpochMs >= chunk.startEpochMs)) {
    const raise = { alarmId: alarmIdOf(chunk, metric, excursion), metric, isCritical: criticalMetrics.includes(metric) };
    await ports.batches.change(batchId, ({ state }) => (state === undefined ? [] : eventsFor(state, raise, excursion)), { actor: SEAL_ACTOR });
  }
  const minute = minuteLabel(chunk.startEpochMs);
  if (held?.batchId === batchId && held.throughMinute >= minute) return;
  const known = new Map([...recent, ...excursions].map((each) => [`${each.fromEpochMs} ${each.side}`, each]));
  await ports.operations.put(key, { batchId, throughMinute: minute, recent: [...known.values()].slice(-RECENT) } satisfies Followed);
};

/**
 * One alarm an excursion, put on record once: it begins with the first sample outside, and is over when a sample is well inside again. A critical parameter's alarm
 * raises a deviation. A minute sealed again, or late, is looked at on its own and raises what was not raised.
 */
export const followAlarms = async (ports: SealPorts, chunk: WrittenChunk, assignment: Assignment, book: BirthBook): Promise<void> => {
  for (const limits of assignment.alarms) {
    const series = seriesIn(chunk, limits.metric, assignment, book);
    if (series.times.length > 0) await followMetric(ports, chunk, assignment, { limits, series });
  }
};
