import type { Actor } from '../../shared/record/envelope.ts';
import { outside } from '../../shared/telemetry/excursion.ts';
import type { Received } from '../../shared/telemetry/received.ts';
import type { Series } from '../../shared/telemetry/series.ts';
import { sightAhead, type Sighting } from '../../shared/telemetry/sighting.ts';
import { watchedSeries } from '../../shared/telemetry/watch.ts';
import type { AlarmLimits, DeviceAssignment } from '../_platform/device-assignment.ts';
import type { BirthsWanted } from '../_platform/births.ts';
import { logger } from '../_platform/log.ts';
import { lookAtSightings, raiseAlarm, type WatchedMetric } from '../_platform/telemetry-alarms.ts';
import { AssignmentCache } from './assignment-cache.ts';
import type { BirthCache } from './birth-cache.ts';
import type { IngestPorts } from './ports.ts';

const INGEST_ACTOR: Actor = { kind: 'system', id: 'telemetry-ingest', version: '1.0.0' };

/** While a value stays outside, what another environment has seen of it is looked at this often. */
const LOOK_AGAIN_MS = 5_000;

type Device = Readonly<{ edgeNodeId: string; deviceId: string; messages: readonly Received[] }>;
type Known = Readonly<{ batchId: string; sightings: readonly Sighting[]; readAtEpochMs: number }>;
type Sampled = Readonly<{ watched: WatchedMetric; limits: AlarmLimits; series: Series }>;

const isOutside = ({ series: { values }, limits }: Sampled): boolean => values.some((value) => outside(value, limits) !== undefined);
const nameOf = ({ edgeNodeId, deviceId, metric }: WatchedMetric): string => `${edgeNodeId}/${deviceId}/${metric}`;

const devicesIn = (received: readonly Received[]): readonly Device[] =>
  [...Map.groupBy(received, ({ address: { edgeNodeId, deviceId } }) => (deviceId === undefined ? undefined : `${edgeNodeId}/${deviceId}`))].flatMap(([, messages]) => {
    const { edgeNodeId, deviceId } = messages[0]?.address ?? {};
    return edgeNodeId === undefined || deviceId === undefined ? [] : [{ edgeNodeId, deviceId, messages }];
  });

const wantedOf = ({ edgeNodeId, deviceId, messages }: Device): BirthsWanted => ({ edgeNodeId, deviceId, sinceEpochMs: Math.min(...messages.map(({ sentAtEpochMs }) => sentAtEpochMs)) });

/**
 * Holds stored messages against the alarm limits of the batches that have their devices, so that an alarm is on record within seconds (ADR 0019). What it is not certain of, and what it can not look up, it leaves to the
 * sealing.
 */
export class AlarmWatch {
  readonly #ports: IngestPorts;
  readonly #births: BirthCache;
  readonly #assignments: AssignmentCache;
  readonly #known = new Map<string, Known>();

  constructor(ports: IngestPorts, births: BirthCache) {
    this.#ports = ports;
    this.#births = births;
    this.#assignments = new AssignmentCache(ports);
  }

  /** Judge messages that are stored. Never throws: the messages are safe, and sealing judges them again. */
  async judge(received: readonly Received[]): Promise<void> {
    for (const device of devicesIn(received)) {
      try {
        await this.#judgeDevice(device);
      } catch (error) {
        logger.error('alarm limits not judged; left to the sealing', { edgeNodeId: device.edgeNodeId, deviceId: device.deviceId, cause: String(error) });
        this.#ports.count('AlarmsLeftToSealing', 1);
      }
    }
  }

  async #judgeDevice(device: Device): Promise<void> {
    const { edgeNodeId, deviceId } = device;
    const assignment = (await this.#assignments.devicesOf(edgeNodeId)).get(deviceId);
    if (assignment === undefined || assignment.alarms.length === 0) return;
    const sampled = await this.#sampled(device, assignment);
    const concerned = sampled.filter((each) => this.#concerns(each));
    if (concerned.length === 0) return;
    // What would go on record is named by the latest births, and for the batch that has the device now.
    const hasNews = concerned.some(isOutside);
    const current = hasNews ? (await this.#assignments.reloaded(edgeNodeId)).get(deviceId) : assignment;
    if (current === undefined) return;
    if (hasNews) await this.#births.reloaded(wantedOf(device));
    for (const each of hasNews ? await this.#sampled(device, current) : concerned) await this.#look(each);
  }

  async #sampled(device: Device, { batchId, from, alarms, criticalMetrics }: DeviceAssignment): Promise<readonly Sampled[]> {
    const { edgeNodeId, deviceId, messages } = device;
    const watch = { metrics: new Set(alarms.map(({ metric }) => metric)), fromEpochMs: Date.parse(from), toEpochMs: Infinity };
    const byMetric = watchedSeries(messages, watch, await this.#births.bookOf(wantedOf(device)));
    return alarms.flatMap((limits) => {
      const { metric } = limits;
      const series = byMetric.get(metric);
      return series === undefined ? [] : [{ watched: { edgeNodeId, deviceId, batchId, metric, isCritical: criticalMetrics.includes(metric) }, limits, series }];
    });
  }

  /** Whether samples may change what is known; from memory, but for what is new to this environment. */
  #concerns(sampled: Sampled): boolean {
    const known = this.#known.get(nameOf(sampled.watched));
    if (known?.batchId !== sampled.watched.batchId) return true;
    if (sightAhead(sampled.series, sampled.limits, known.sightings) !== known.sightings) return true;
    return isOutside(sampled) && Math.abs(this.#ports.now().getTime() - known.readAtEpochMs) >= LOOK_AGAIN_MS;
  }

  async #look({ watched, limits, series }: Sampled): Promise<void> {
    const { held, sightings } = await lookAtSightings(this.#ports, watched, (before) => sightAhead(series, limits, before));
    const isHeld = ({ atEpochMs, side }: Sighting): boolean => held.some((each) => each.atEpochMs === atEpochMs && each.side === side);
    for (const sighting of sightings) if (!isHeld(sighting)) await raiseAlarm(this.#ports, watched, sighting, INGEST_ACTOR);
    this.#known.set(nameOf(watched), { batchId: watched.batchId, sightings, readAtEpochMs: this.#ports.now().getTime() });
  }
}
