import { createHash } from 'node:crypto';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import type { DeviceMinute } from '../../shared/telemetry/collect.ts';
import type { DeviceAssignment } from '../batch-api/equipment-companions.ts';
import { assignmentsOf, SEAL_ACTOR } from './gaps.ts';
import type { SealPorts } from './handler.ts';

type Excursion = Readonly<{ metric: string; value: number; limit: number; side: 'low' | 'high'; atEpochMs: number }>;
type Limits = DeviceAssignment['alarms'][number];

const excursionAt = ({ metric, low, high }: Limits, value: unknown, atEpochMs: number): Excursion | undefined => {
  if (typeof value !== 'number') return undefined;
  if (low !== undefined && value < low) return { metric, value, limit: low, side: 'low', atEpochMs };
  return high !== undefined && value > high ? { metric, value, limit: high, side: 'high', atEpochMs } : undefined;
};

/** First sample of the minute outside the limits. */
const firstExcursion = ({ columns }: DeviceMinute, limits: Limits): Excursion | undefined => {
  const column = columns.find(({ name }) => name === limits.metric);
  for (const [i, value] of (column?.values ?? []).entries()) {
    const found = excursionAt(limits, value, column?.times[i] ?? 0);
    if (found !== undefined) return found;
  }
  return undefined;
};

const eventsFor = (batch: Batch, device: string, { metric, value, limit, side, atEpochMs }: Excursion, isCritical: boolean): readonly BatchEvent[] => {
  const alarmId = `ALM-${createHash('sha256').update([device, metric, atEpochMs].join('|')).digest('hex').slice(0, 16)}`;
  if (batch.alarms[alarmId] !== undefined) return [];
  const at = new Date(atEpochMs).toISOString();
  const alarm: BatchEvent = { type: 'telemetry-alarm-raised', alarmId, metric, value, limit, side, at };
  if (!isCritical) return [alarm];
  return [alarm, { type: 'deviation-raised', deviationId: `DEV-${alarmId.slice(4)}`, severity: 'major', title: `${metric} out of its alarm limits`, detail: `${metric}: got ${value}, want ${side === 'low' ? 'at least' : 'at most'} ${limit}, at ${at}`, rule: 'telemetry-alarm' }];
};

/** One alarm an excursion: it begins with the first sample outside and ends with a minute wholly inside. A critical parameter's alarm raises a deviation. */
export const followAlarms = async (ports: SealPorts, minute: DeviceMinute): Promise<void> => {
  const { edgeNodeId, deviceId } = minute;
  const assignment = (await assignmentsOf(ports, edgeNodeId)).find(({ sk }) => sk === deviceId);
  if (assignment === undefined || deviceId === undefined) return;
  for (const limits of assignment.alarms) {
    const key = { pk: `ALARM#${edgeNodeId}`, sk: `${deviceId}#${limits.metric}` };
    const excursion = firstExcursion(minute, limits);
    const active = await ports.operations.get<Readonly<{ batchId: string }>>(key);
    if (excursion === undefined) {
      if (active !== undefined && minute.columns.some(({ name }) => name === limits.metric)) await ports.operations.delete(key);
    } else if (active?.batchId !== assignment.batchId) {
      await ports.batches.change(assignment.batchId, ({ state }) => (state === undefined ? [] : eventsFor(state, `${edgeNodeId}/${deviceId}`, excursion, assignment.criticalMetrics.includes(limits.metric))), { actor: SEAL_ACTOR });
      await ports.operations.put(key, { batchId: assignment.batchId });
    }
  }
};
