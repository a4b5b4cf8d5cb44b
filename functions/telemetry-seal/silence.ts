import { criticalParameters, type CriticalParameter } from '../../shared/batch/critical-parameters.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch, EquipmentUse } from '../../shared/batch/state.ts';
import { gapOf } from '../../shared/telemetry/sequence.ts';
import { followSilence, uncoveredMs, type Stretch } from '../../shared/telemetry/silence.ts';
import { createTelemetryReader, type TelemetryReader } from '../_platform/telemetry-reader.ts';
import { SEAL_ACTOR } from './assignments.ts';
import type { NamingPorts } from './ports.ts';

type Use = Stretch & Readonly<{ edgeNodeId: string; deviceId: string }>;
type Silence = Stretch & CriticalParameter;
type GapEvent = Extract<BatchEvent, { type: 'telemetry-gap-recorded' }>;

/** Read at once: of ten days a day is held in memory. */
const DAY_MS = 86_400_000;

const useOf = ({ device, from, to }: EquipmentUse, completedAt: string): Use | undefined =>
  (device === undefined ? undefined : { ...device, fromEpochMs: Date.parse(from), toEpochMs: Date.parse(to ?? completedAt) });

/** Day by day, each metric from the last good sample of the day before. */
const silencesOf = async (reader: TelemetryReader, use: Use, wanted: readonly CriticalParameter[]): Promise<readonly Silence[]> => {
  const found: Silence[] = [];
  const since = wanted.map(() => use.fromEpochMs);
  for (let day = use.fromEpochMs; day < use.toEpochMs; day += DAY_MS) {
    const series = await reader.series([{ ...use, fromEpochMs: day, toEpochMs: Math.min(day + DAY_MS, use.toEpochMs) }], wanted.map(({ metric }) => metric));
    wanted.forEach(({ metric, longestMs }, i) => {
      const { silences, sinceEpochMs } = followSilence(series[i] ?? { times: [], values: [] }, since[i] ?? day, longestMs);
      since[i] = sinceEpochMs;
      found.push(...silences.map((each) => ({ ...each, metric, longestMs })));
    });
  }
  wanted.forEach(({ metric, longestMs }, i) => {
    const fromEpochMs = since[i] ?? use.fromEpochMs;
    if (use.toEpochMs - fromEpochMs > longestMs) found.push({ fromEpochMs, toEpochMs: use.toEpochMs, metric, longestMs });
  });
  return found;
};

/** What the record has already: a time for which a gateway was offline is one gap, not two. */
const knownGaps = ({ gaps }: Batch, deviceId: string): readonly Stretch[] =>
  Object.values(gaps).filter((each) => each.deviceId === deviceId && each.critical).map(({ from, to }) => ({ fromEpochMs: Date.parse(from), toEpochMs: Date.parse(to) }));

/** Metrics that fell silent together are one gap. */
const gapEvents = ({ edgeNodeId, deviceId }: Use, silences: readonly Silence[]): readonly GapEvent[] =>
  [...Map.groupBy(silences, ({ fromEpochMs, toEpochMs }) => `${fromEpochMs} ${toEpochMs}`).values()].map((same): GapEvent => {
    const { fromEpochMs = 0, toEpochMs = 0 } = same[0] ?? {};
    const metrics = same.map(({ metric }) => metric).toSorted();
    const { gapId } = gapOf({ edgeNodeId, deviceId, fromEpochMs, toEpochMs, lostMessages: 0, cause: 'unmeasured', metrics });
    return { type: 'telemetry-gap-recorded', gapId, edgeNodeId, deviceId, from: new Date(fromEpochMs).toISOString(), to: new Date(toEpochMs).toISOString(), lostMessages: 0, cause: 'unmeasured', metrics, critical: true };
  });

const unmeasured = async (ports: NamingPorts, batch: Batch): Promise<readonly GapEvent[]> => {
  const reader = createTelemetryReader(ports.objects, ports.births);
  const events: GapEvent[] = [];
  for (const each of batch.equipment) {
    const use = useOf(each, batch.completedAt ?? each.from);
    const wanted = criticalParameters(batch, each);
    if (use === undefined || wanted.length === 0) continue;
    const known = knownGaps(batch, use.deviceId);
    const silences = (await silencesOf(reader, use, wanted)).filter((silence) => uncoveredMs(silence, known) > silence.longestMs);
    events.push(...gapEvents(use, silences));
  }
  return events;
};

/**
 * Put on record where a critical parameter was not measured for longer than its master batch record allows, over all the time the batch had its device: whatever the reason, a sensor that said BAD, a device that fell silent beside a
 * gateway that went on, one that never spoke, or messages that still wait in the queue. Called when the telemetry of a complete batch is sealed, before the record says that it is.
 *
 * @returns the record's state after it
 */
export const recordSilence = async (ports: NamingPorts, batch: Batch): Promise<Batch> => {
  const events = await unmeasured(ports, batch);
  if (events.length === 0) return batch;
  const { state } = await ports.batches.change(batch.batchId, ({ state: held }) => events.filter(({ gapId }) => held?.gaps[gapId] === undefined), { actor: SEAL_ACTOR });
  return state;
};
