import { HOUR_MS, MINUTE_MS, hourOf, parseMinuteLabel } from '../../shared/telemetry/minute.ts';
import { task } from '../_platform/batch.ts';
import type { Births } from '../_platform/births.ts';
import { logger } from '../_platform/log.ts';
import type { NodeRecords } from '../_platform/node-records.ts';
import type { Clock, ObjectStore, OperationsStore } from '../_platform/ports.ts';
import { buildHour } from './hours.ts';
import { sealMinute, type DeviceHour } from './seal-minute.ts';

export type SealPorts = Readonly<{
  nodeId: string;
  objects: ObjectStore;
  operations: Pick<OperationsStore, 'get' | 'put' | 'list' | 'delete'>;
  births: Births;
  batches: NodeRecords['batches'];
  now: Clock;
}>;

/** Late messages are waited for this long before a minute is sealed; later ones seal it again. */
export const GRACE_MS = 120_000;
/** A run stops taking minutes after this long, well before its time is up; what is left over is the next run's. */
const MAXIMUM_RUN_MS = 200_000;

const byMinute = (keys: readonly string[]): ReadonlyMap<number, readonly string[]> => {
  const minutes = new Map<number, string[]>();
  for (const key of keys) {
    const minute = parseMinuteLabel(key.split('/')[1] ?? '');
    minutes.set(minute, [...(minutes.get(minute) ?? []), key]);
  }
  return minutes;
};

/** Whole hours touched by this run that no message in time can change any more. */
const finishedHours = (touched: readonly DeviceHour[], nowEpochMs: number): readonly DeviceHour[] => {
  const unique = new Map(touched.map((each) => [`${each.edgeNodeId}/${each.deviceId ?? ''}/${each.hourEpochMs}`, each]));
  return [...unique.values()].filter(({ hourEpochMs }) => hourEpochMs + HOUR_MS + GRACE_MS <= nowEpochMs);
};

/** Turn segments into chunks, oldest minute first; then whole hours. Safe to run again, and beside itself. */
export const seal = async (ports: SealPorts): Promise<Readonly<{ minutes: number; chunks: number; hours: number }>> => {
  const nowEpochMs = ports.now().getTime();
  const minutes = [...byMinute(await ports.objects.list('open/'))].filter(([minute]) => minute + MINUTE_MS + GRACE_MS <= nowEpochMs).toSorted(([a], [b]) => a - b);
  const touched: DeviceHour[] = [];
  const startedEpochMs = performance.now();
  let sealed = 0;
  for (const [minute, keys] of minutes) {
    if (performance.now() - startedEpochMs > MAXIMUM_RUN_MS) break;
    const devices = await sealMinute(ports, minute, keys);
    touched.push(...devices.map((device) => ({ ...device, hourEpochMs: hourOf(minute) })));
    sealed += 1;
  }
  const hours = finishedHours(touched, nowEpochMs);
  for (const hour of hours) await buildHour(ports, hour);
  const result = { minutes: sealed, chunks: touched.length, hours: hours.length };
  if (sealed > 0) logger.info('sealed', result);
  return result;
};

export const createHandler = (ports: SealPorts) => task(async (_: unknown) => seal(ports));
