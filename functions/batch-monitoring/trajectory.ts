import type { MonitoringModel } from '../../models/monitoring/model-file.ts';
import { trajectoryValue, windowOf, type TrajectoryWindow } from '../../models/monitoring/trajectory.ts';
import type { Batch } from '../../shared/batch/state.ts';
import type { Point } from '../../models/monitoring/excursions.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { HOUR_MS, placeOfChunk } from '../../shared/telemetry/minute.ts';
import { deviceIntervals } from '../_platform/telemetry-statistic.ts';
import { walk } from '../_platform/walk.ts';
import type { Cultured, MonitoringPorts } from './ports.ts';

/** What monitoring knows of one batch between two runs. A view: telemetry and the model's file give it again. */
export type Trajectory = Readonly<{
  batchId: string; modelId: string; modelVersion: number; modelHash: string; startEpochMs: number;
  /** One a variable of the model, null where it is missing or still to come. */
  values: readonly (number | null)[];
  /** Windows that end by this hour of culture were read. */
  readToHour: number;
  /** Chunks sealed up to then were looked at. */
  seenThrough: string;
  points: readonly Point[];
  /** Excursions that were put on the batch's record, by their first hour, and how far they had gone then. */
  onRecord: readonly Readonly<{ fromHour: number; confidence: number }>[];
  /** What the model says of the whole culture is on record, or never will be. */
  isConcluded?: boolean;
}>;

/** The last minutes of a window may be under way this long. */
const SETTLED_MS = 4 * 60_000;
/** Chunks wait an hour to be named by the record; who was away longer can not tell which came late, and reads all again. */
const FOLLOWED_MS = 50 * 60_000;
/** Clocks of functions that seal may differ by this. */
export const OVERLAP_MS = 2 * 60_000;
const UNNAMED = keyOf.unnamedChunks('-', '-', '-').pk;

export type Span = Readonly<{ fromHour: number; toHour: number }>;

const windowsOf = ({ plane: { variables } }: MonitoringModel): readonly (TrajectoryWindow | undefined)[] => variables.map(({ name }) => windowOf(name));

/** The hour of culture up to which everything can have arrived. */
export const settledHour = ({ startEpochMs }: Pick<Cultured, 'startEpochMs'>, nowEpochMs: number): number => (nowEpochMs - SETTLED_MS - startEpochMs) / HOUR_MS;

type Sealed = Readonly<{ minuteEpochMs: number; sk: string }>;

/** Minutes whose chunks were sealed since a look, as the list of what waits for the record has them, by when they were. */
const sealedSince = async ({ operations }: MonitoringPorts, { batchId }: Cultured, since: string): Promise<readonly Sealed[]> => {
  const sealed: Sealed[] = [];
  for await (const item of walk<Readonly<{ batchId: string; sk: string; chunks: readonly Readonly<{ key: string }>[] }>>(operations, UNNAMED, { after: { pk: UNNAMED, sk: keyOf.unnamedChunks(batchId, since, '').sk } })) {
    if (item.batchId !== batchId) break;
    for (const { key } of item.chunks) sealed.push({ minuteEpochMs: placeOfChunk(key).minuteEpochMs, sk: item.sk });
  }
  return sealed;
};

/** Whether the trajectory goes on with this model from this start; another begins anew. */
const isSame = (held: Trajectory | undefined, hash: string, { startEpochMs }: Cultured): held is Trajectory => held?.modelHash === hash && held.startEpochMs === startEpochMs;

export type Due = Readonly<{
  held: Trajectory | undefined; windows: ReadonlySet<number>; settled: number;
  /** Whether a chunk of a minute before this time was sealed since a look; yes where nobody knows. */
  isLate: (beforeEpochMs: number, since: string) => boolean;
}>;

/** Windows to be read now, by the place of their variable: those that have ended since, those in which telemetry came late, and all of them for another model. */
export const dueWindows = async (ports: MonitoringPorts, cultured: Cultured, hash: string, model: MonitoringModel): Promise<Due> => {
  const nowEpochMs = ports.now().getTime();
  const settled = settledHour(cultured, nowEpochMs);
  const known = await ports.operations.get<Trajectory>(keyOf.monitoringTrajectory(cultured.batchId));
  const held = isSame(known, hash, cultured) ? known : undefined;
  const isFollowed = held !== undefined && nowEpochMs - Date.parse(held.seenThrough) <= FOLLOWED_MS;
  const sealed = isFollowed ? await sealedSince(ports, cultured, held.seenThrough) : [];
  const touched = [...new Set(sealed.map(({ minuteEpochMs }) => Math.floor((minuteEpochMs - cultured.startEpochMs) / HOUR_MS)))];
  const isLate = (beforeEpochMs: number, since: string): boolean => !isFollowed || sealed.some(({ minuteEpochMs, sk }) => minuteEpochMs < beforeEpochMs && sk > keyOf.unnamedChunks(cultured.batchId, since, '').sk);
  const isDue = ({ fromHour, toHour }: Span): boolean => toHour <= settled && (!isFollowed || toHour > held.readToHour || touched.some((hour) => hour >= fromHour && hour < toHour));
  return { held, settled, isLate, windows: new Set(windowsOf(model).flatMap((window, i) => (window !== undefined && isDue(window) ? [i] : []))) };
};

/** Spans of hours that touch, as one: each object of telemetry is then read once. */
export const merged = (spans: readonly Span[]): readonly Span[] => spans.toSorted((a, b) => a.fromHour - b.fromHour).reduce<readonly Span[]>((found, span) => {
  const last = found.at(-1);
  return last === undefined || span.fromHour > last.toHour ? [...found, span] : [...found.slice(0, -1), { fromHour: last.fromHour, toHour: Math.max(last.toHour, span.toHour) }];
}, []);

/** Values of the due windows, by the place of their variable; null where nobody measured. */
export const readWindows = async ({ reader }: MonitoringPorts, batch: Batch, startEpochMs: number, model: MonitoringModel, due: ReadonlySet<number>): Promise<ReadonlyMap<number, number | null>> => {
  const wanted = windowsOf(model).flatMap((window, i) => (window !== undefined && due.has(i) ? [{ i, window }] : []));
  const values = new Map<number, number | null>();
  for (const { fromHour, toHour } of merged(wanted.map(({ window }) => window))) {
    const within = wanted.filter(({ window }) => window.fromHour >= fromHour && window.toHour <= toHour);
    const metrics = [...new Set(within.map(({ window }) => window.metric))];
    const series = await reader.series(deviceIntervals(batch.equipment, startEpochMs + fromHour * HOUR_MS, startEpochMs + toHour * HOUR_MS), metrics);
    for (const { i, window } of within) {
      const value = trajectoryValue(series[metrics.indexOf(window.metric)] ?? { times: [], values: [] }, startEpochMs, window);
      values.set(i, Number.isFinite(value) ? value : null);
    }
  }
  return values;
};

/** Up to when chunks were looked at by a run that began at `nowEpochMs`. */
export const seenThrough = (nowEpochMs: number): string => new Date(nowEpochMs - OVERLAP_MS).toISOString();
