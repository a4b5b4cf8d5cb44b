import { stageHours, type RunningJudgement } from '../../models/monitoring/judge.ts';
import type { MonitoringModel } from '../../models/monitoring/model-file.ts';
import type { Part } from '../../models/monitoring/running.ts';
import { addedTo, NOTHING_SEEN, sensorOf, shareOf, windowOf, type TrajectoryWindow, type WindowSum } from '../../models/monitoring/trajectory.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { HOUR_MS, MINUTE_MS } from '../../shared/telemetry/minute.ts';
import { deviceIntervals } from '../_platform/telemetry-statistic.ts';
import { judgedRunning } from './judge.ts';
import type { MonitoringPorts } from './ports.ts';
import { OVERLAP_MS, seenThrough, settledHour, type Due, type Trajectory } from './trajectory.ts';

/** Behind what is settled by this, so that a chunk that was sealed in time, by a run that took up to a minute, was so before its minute is looked at, by any function's clock. */
const BEHIND_MS = OVERLAP_MS + MINUTE_MS;

/** T² and Q as a judgement has them, by sensor: variables are many, and this is written each minute. */
type SensorShare = Readonly<{ sensor: string; t2: number; q: number }>;
/**
 * What is known of the windows a batch is in, between two looks and for readers. A view: telemetry and the model's file give it again. `hour`: of culture, at which they end; `seenToEpochMs`: samples taken before it are in the sums, one a window by the place
 * of its variable; `seenThrough`: chunks sealed up to then were looked at. Without `judged` too little is known.
 */
export type KeptRunning = Readonly<{
  batchId: string; modelId: string; modelVersion: number; modelHash: string; startEpochMs: number; hour: number; seenToEpochMs: number; seenThrough: string;
  sums: readonly Readonly<WindowSum & { place: number }>[];
  judged?: Readonly<Omit<RunningJudgement, 'contributions' | 'hour'> & { judgedAt: string; isBeyond: boolean; sensors: readonly SensorShare[] }>;
}>;
export type Running = Readonly<{ kept: KeptRunning; judgement: RunningJudgement | undefined }>;

type Open = Readonly<{ place: number; window: TrajectoryWindow }>;

/** Windows that have begun and end at the next hour at which batches are judged. */
const openWindows = ({ plane }: MonitoringModel, settled: number, seenToHour: number): Readonly<{ hour: number; open: readonly Open[] }> => {
  const hour = stageHours(plane).find((stage) => stage > settled) ?? 0;
  const open = plane.variables.flatMap(({ name }, place) => {
    const window = windowOf(name);
    return window?.toHour === hour && window.fromHour < seenToHour ? [{ place, window }] : [];
  });
  return { hour, open };
};

/** Whether what was summed so far can be added to: the same windows, and nothing came late that belongs before. */
const goesOn = (held: KeptRunning | undefined, { modelHash, startEpochMs }: Trajectory, hour: number, isLate: Due['isLate']): held is KeptRunning =>
  held?.modelHash === modelHash && held.startEpochMs === startEpochMs && held.hour === hour && !isLate(held.seenToEpochMs, held.seenThrough);

type Span = Readonly<{ fromEpochMs: number; toEpochMs: number }>;

/** Sums of the windows with a span of time added to what was held of them. */
const summed = async ({ reader }: MonitoringPorts, { equipment }: Batch, startEpochMs: number, { open, held }: Readonly<{ open: readonly Open[]; held: KeptRunning | undefined }>, { fromEpochMs, toEpochMs }: Span): Promise<KeptRunning['sums']> => {
  const metrics = [...new Set(open.map(({ window: { metric } }) => metric))];
  const series = fromEpochMs < toEpochMs ? await reader.series(deviceIntervals(equipment, fromEpochMs, toEpochMs), metrics) : [];
  return open.map(({ place, window }) => {
    const before = held?.sums.find((sum) => sum.place === place) ?? NOTHING_SEEN;
    return { place, ...addedTo(before, series[metrics.indexOf(window.metric)] ?? { times: [], values: [] }, startEpochMs, window) };
  });
};

const partsOf = (sums: KeptRunning['sums'], open: readonly Open[], startEpochMs: number): readonly Part[] => open.flatMap(({ place, window }) => {
  const seen = sums.find((sum) => sum.place === place) ?? NOTHING_SEEN;
  const share = shareOf(seen, startEpochMs, window);
  return seen.count === 0 || share === 0 ? [] : [{ place, value: seen.sum / seen.count, share }];
});

const bySensor = ({ contributions }: RunningJudgement): readonly SensorShare[] => [...Map.groupBy(contributions, ({ variable }) => sensorOf(variable))]
  .map(([sensor, own]) => ({ sensor, t2: own.reduce((sum, { t2 }) => sum + t2, 0), q: own.reduce((sum, { q }) => sum + q, 0) }));

const shownOf = (model: MonitoringModel, judgement: RunningJudgement, judgedAt: string): NonNullable<KeptRunning['judged']> => {
  const { t2, q, atLeast, limits, confidence, missing } = judgement;
  return { t2, q, atLeast, limits, confidence, missing, judgedAt, isBeyond: confidence >= model.alarm.level, sensors: bySensor(judgement) };
};

/**
 * Judge the windows a batch is in by what was seen of them, reading only what is new since the last look; from their start where telemetry came late.
 *
 * @returns undefined where no window has begun that is still to end
 */
export const lookWithin = async (ports: MonitoringPorts, model: MonitoringModel, trajectory: Trajectory, batch: Batch, isLate: Due['isLate']): Promise<Running | undefined> => {
  const { batchId, startEpochMs, modelId, modelVersion, modelHash, values } = trajectory;
  const nowEpochMs = ports.now().getTime();
  const settled = settledHour(trajectory, nowEpochMs);
  const toEpochMs = Math.round(startEpochMs + settled * HOUR_MS) - BEHIND_MS;
  const { hour, open } = openWindows(model, settled, (toEpochMs - startEpochMs) / HOUR_MS);
  if (open.length === 0) return undefined;
  const known = await ports.operations.get<KeptRunning>(keyOf.monitoringRunning(batchId));
  const held = goesOn(known, trajectory, hour, isLate) ? known : undefined;
  const fromEpochMs = held?.seenToEpochMs ?? startEpochMs + Math.min(...open.map(({ window: { fromHour } }) => fromHour)) * HOUR_MS;
  const seenToEpochMs = Math.max(fromEpochMs, toEpochMs);
  const sums = await summed(ports, batch, startEpochMs, { open, held }, { fromEpochMs, toEpochMs: seenToEpochMs });
  const judgement = judgedRunning(model, values, partsOf(sums, open, startEpochMs), hour);
  const kept: KeptRunning = { batchId, modelId, modelVersion, modelHash, startEpochMs, hour, seenToEpochMs, seenThrough: seenThrough(nowEpochMs), sums, ...(judgement === undefined ? {} : { judged: shownOf(model, judgement, new Date(nowEpochMs).toISOString()) }) };
  await ports.operations.put(keyOf.monitoringRunning(batchId), kept);
  return { kept, judgement };
};
