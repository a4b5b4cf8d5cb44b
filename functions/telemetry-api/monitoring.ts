import type * as z from 'zod';
import { maturityHourOf, sensorOf } from '../../models/monitoring/trajectory.ts';
import { DomainError } from '../../shared/errors.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { KeptPoint } from '../batch-monitoring/judge.ts';
import { seenState, type View } from '../_platform/granted-view.ts';
import { walk } from '../_platform/walk.ts';
import type { Ports } from './handler.ts';
import type { ReadMonitoring } from './schema.ts';

type Answer = z.input<typeof ReadMonitoring.answer>;
type Item = KeptPoint | Readonly<{ modelHash: string; hour?: undefined }>;

/** Judged hours in their order, those of the model that judged last: another may have had other hours. */
const pointsOf = async ({ operations }: View, batchId: string): Promise<readonly KeptPoint[]> => {
  const items: Item[] = [];
  for await (const item of walk<Item>(operations, keyOf.monitoringTrajectory(batchId).pk)) items.push(item);
  const model = items.find((item) => item.hour === undefined)?.modelHash;
  return items.flatMap((item) => (item.hour === undefined || item.modelHash !== model ? [] : [item]));
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
  const points = await pointsOf(view, batchId);
  const wanted = hour === undefined ? points.at(-1) : points.find((point) => point.hour === hour);
  if (hour !== undefined && wanted === undefined) throw new DomainError('request-malformed', `query.hour: got ${hour}, want one of ${points.map((point) => point.hour).join(', ') || 'none: no hour was judged'}`, { paths: ['query.hour'] });
  return {
    batchId, ...(wanted === undefined ? {} : { model: { modelId: wanted.modelId, version: wanted.modelVersion, sha256: wanted.modelHash }, contributions: contributionsOf(wanted) }),
    points: points.map(({ hour: at, at: time, judgedAt, t2, q, limits, confidence, isBeyond, missing }) => ({ hour: at, at: time, judgedAt, t2, q, limits: limits.map((each) => ({ ...each })), confidence, isBeyond, missing: [...missing] })),
  };
};
