import { createHash } from 'node:crypto';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import type { Actor } from '../../shared/record/envelope.ts';
import { TABLE, keyOf } from '../../shared/storage/keys.ts';
import type { Sighting } from '../../shared/telemetry/sighting.ts';
import type { NodeRecords } from './node-records.ts';
import type { Clock, OperationsStore } from './ports.ts';

/** One metric of a device that a batch has. */
export type WatchedMetric = Readonly<{ edgeNodeId: string; deviceId: string; batchId: string; metric: string; isCritical: boolean }>;
export type Sightings = Readonly<{ held: readonly Sighting[]; sightings: readonly Sighting[] }>;

type Item = Readonly<{ version: number; sightings: readonly Sighting[] }>;

/** Of one metric and batch; later ones push out the oldest. */
const MAXIMUM_SIGHTINGS = 100;
/** A batch takes ten days, and its device is remembered for thirty more. */
const KEPT_SECONDS = 60 * 86_400;
const ATTEMPTS = 10;

/**
 * Look at what was sighted of a metric so far, and keep what that adds. Ingestion and sealing do it beside each other: what one adds, the other has seen.
 *
 * @param look gives all sightings in time order, or those it was given when there is nothing new
 */
export const lookAtSightings = async ({ operations, now }: Readonly<{ operations: Pick<OperationsStore, 'get' | 'put'>; now: Clock }>, { edgeNodeId, deviceId, batchId, metric }: WatchedMetric, look: (held: readonly Sighting[]) => readonly Sighting[]): Promise<Sightings> => {
  const key = keyOf.sightings(edgeNodeId, deviceId, metric, batchId);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const item = await operations.get<Item>(key);
    const held = item?.sightings ?? [];
    const sightings = look(held);
    if (sightings === held) return { held, sightings };
    const next = { version: (item?.version ?? 0) + 1, sightings: sightings.slice(-MAXIMUM_SIGHTINGS), [TABLE.timeToLive]: Math.floor(now().getTime() / 1000) + KEPT_SECONDS };
    if (await operations.put(key, next, item === undefined ? { onlyIfAbsent: true } : { onlyIfVersion: item.version })) return { held, sightings };
  }
  throw new Error(`sightings of ${metric} of ${deviceId} were written by another each time, ${ATTEMPTS} times`);
};

const alarmIdOf = ({ edgeNodeId, deviceId, metric }: WatchedMetric, { atEpochMs, side }: Sighting): string =>
  `ALM-${createHash('sha256').update([edgeNodeId, deviceId, metric, atEpochMs, side].join('|')).digest('hex').slice(0, 16)}`;

const eventsFor = (batch: Batch, alarmId: string, { metric, isCritical }: WatchedMetric, { atEpochMs, value, limit, side }: Sighting): readonly BatchEvent[] => {
  if (batch.alarms[alarmId] !== undefined) return [];
  const at = new Date(atEpochMs).toISOString();
  const alarm: BatchEvent = { type: 'telemetry-alarm-raised', alarmId, metric, value, limit, side, at };
  if (!isCritical) return [alarm];
  return [alarm, { type: 'deviation-raised', deviationId: `DEV-${alarmId.slice(4)}`, severity: 'major', title: `${metric} out of its alarm limits`, detail: `${metric}: got ${value}, want ${side === 'low' ? 'at least' : 'at most'} ${limit}, at ${at}`, rule: 'telemetry-alarm' }];
};

/** Put the alarm of a sighting on the batch's record, once; that of a critical parameter with a deviation. */
export const raiseAlarm = async ({ batches }: Readonly<{ batches: NodeRecords['batches'] }>, watched: WatchedMetric, sighting: Sighting, actor: Actor): Promise<void> => {
  const alarmId = alarmIdOf(watched, sighting);
  await batches.change(watched.batchId, ({ state }) => (state === undefined ? [] : eventsFor(state, alarmId, watched, sighting)), { actor });
};
