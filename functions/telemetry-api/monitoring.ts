import type * as z from 'zod';
import { maturityHourOf, sensorOf } from '../../models/monitoring/trajectory.ts';
import { DomainError } from '../../shared/errors.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { KeptPoint } from '../batch-monitoring/judge.ts';
import type { KeptRunning } from '../batch-monitoring/running.ts';
import { seenState, type View } from '../_platform/granted-view.ts';
import { walk } from '../_platform/walk.ts';
import type { Ports } from './handler.ts';
import type { ReadMonitoring } from './schema.ts';

type Answer = z.input<typeof ReadMonitoring.answer>;
type Item = KeptPoint | KeptRunning | Readonly<{ modelHash: string; isConcluded?: boolean; hour?: undefined }>;
type Kept = Readonly<{ points: readonly KeptPoint[]; running: KeptRunning | undefined }>;

/** Judged hours in their order, those of the model that judged last: another may have had other hours. And the hour the batch is in, until it is judged, or the culture over. */
const keptOf = async ({ operations }: View, batchId: string): Promise<Kept> => {
  const items: Item[] = [];
  for await (const item of walk<Item>(operations, keyOf.monitoringTrajectory(batchId).pk)) items.push(item);
  const trajectory = items.find((item) => item.hour === undefined);
  const own = items.flatMap((item) => (item.hour === undefined || item.modelHash !== trajectory?.modelHash ? [] : [item]));
  const points = own.flatMap((item) => ('sums' in item ? [] : [item]));
  const running = own.flatMap((item) => ('sums' in item && trajectory?.isConcluded !== true && item.hour > (points.at(-1)?.hour ?? 0) ? [item] : []));
  return { points, running: running[0] };
};

/** What was seen of the hour the batch is in. */
const runningOf = ({ hour, seenToEpochMs, judged }: KeptRunning): Answer['running'] => {
  if (judged === undefined) return undefined;
  const { limits, missing, sensors, atLeast, ...said } = judged;
  return { ...said, hour, seenTo: new Date(seenToEpochMs).toISOString(), atLeast: { ...atLeast }, limits: limits.map((each) => ({ ...each })), missing: [...missing], sensors: sensors.map((each) => ({ ...each })) };
};

const contributionsOf = ({ hour, contributions }: KeptPoint): NonNullable<Answer['contributions']> => {
  const variables = contributions.map(({ variable, value, t2, q }) => ({ variable, sensor: sensorOf(variable), toHour: maturityHourOf(variable), value, t2, q }));
  const sensors = [...Map.groupBy(variables, ({ sensor }) => sensor)].map(([sensor, own]) => ({ sensor, t2: own.reduce((sum, { t2 }) => sum + t2, 0), q: own.reduce((sum, { q }) => sum + q, 0) }));
  return { hour, variables, sensors };
};

/**
 * Process monitoring of one batch, as its plots want it.
 *
 * @param hour whose contributions are wanted; the latest judged one when it is left out
 * @throws DomainError `batch-not-found`; `request-malformed` for an hour that was not judged
 */
export const readMonitoring = async ({ batches }: Ports, view: View, batchId: string, hour: number | undefined): Promise<Answer> => {
  const { state: batch } = await seenState(view, batches, { kind: 'batch', id: batchId });
  if (batch === undefined) throw new DomainError('batch-not-found', `no batch ${batchId} at this hospital`, { batchId });
  const { points, running } = await keptOf(view, batchId);
  const within = running === undefined ? undefined : runningOf(running);
  const wanted = hour === undefined ? points.at(-1) : points.find((point) => point.hour === hour);
  if (hour !== undefined && wanted === undefined) throw new DomainError('request-malformed', `query.hour: got ${hour}, want one of ${points.map((point) => point.hour).join(', ') || 'none: no hour was judged'}`, { paths: ['query.hour'] });
  return {
    batchId, ...(within === undefined ? {} : { running: within }), ...(wanted === undefined ? {} : { model: { modelId: wanted.modelId, version: wanted.modelVersion, sha256: wanted.modelHash }, contributions: contributionsOf(wanted) }),
    points: points.map(({ hour: at, at: time, judgedAt, t2, q, limits, confidence, isBeyond, missing }) => ({ hour: at, at: time, judgedAt, t2, q, limits: limits.map((each) => ({ ...each })), confidence, isBeyond, missing: [...missing] })),
  };
};
