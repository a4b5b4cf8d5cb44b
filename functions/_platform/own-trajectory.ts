import { coveredHours, gridValues, ownTrajectoryOf } from '../../models/monitoring/own-trajectory.ts';
import { SENSOR_METRICS } from '../../models/monitoring/trajectory.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { EXPANSION_PHASE_ID } from '../../shared/batch/status.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import type { GovernedBatches } from './governed-batches.ts';
import type { TelemetryReader } from './telemetry-reader.ts';
import { deviceIntervals } from './telemetry-statistic.ts';

const HOUR_MS = 3_600_000;
/** Telemetry is read a day at a time: ten days of it do not fit at once. */
const SPAN_HOURS = 24;
/** By then a minute that came in time is sealed and named. The release workflow may ask sooner, before the review. */
const SETTLED_MS = 90 * 60_000;

/** Not once the review looked at the record: what is appended then would make quality review it again. */
const isOpen = ({ trajectoryHash, review, disposition }: Batch): boolean => trajectoryHash === undefined && review === undefined && disposition === undefined;

/** Hours of its culture that can be recorded; 0 while it runs. */
const endedHours = (batch: Batch): number => {
  const { startedAt, completedAt } = batch.phases[EXPANSION_PHASE_ID] ?? {};
  if (startedAt === undefined || completedAt === undefined || !isOpen(batch)) return 0;
  return coveredHours((Date.parse(completedAt) - Date.parse(startedAt)) / HOUR_MS);
};

/** Whether all telemetry of a culture that has ended can be expected to be there. */
export const isSettled = ({ phases }: Batch, nowEpochMs: number): boolean => nowEpochMs >= Date.parse(phases[EXPANSION_PHASE_ID]?.completedAt ?? '') + SETTLED_MS;

/**
 * The course of a culture that has ended, from its telemetry as it is now, once: with it the hospital's own batches are rows for process monitoring when quality has decided on them.
 *
 * @param writer function that puts it on record
 * @returns whether it did; not where the culture runs, nothing was measured, or the review looked at the record
 * @see docs/adr/0025-a-hospital-judges-its-own-drift.md
 */
export const recordTrajectory = async ({ batches, reader }: Readonly<{ batches: GovernedBatches; reader: TelemetryReader }>, batch: Batch, writer: string): Promise<boolean> => {
  const hours = endedHours(batch);
  if (hours === 0) return false;
  const startEpochMs = Date.parse(batch.phases[EXPANSION_PHASE_ID]?.startedAt ?? '');
  const values = new Map<string, number>();
  for (let fromHour = 0; fromHour < hours; fromHour += SPAN_HOURS) {
    const span = { fromHour, toHour: Math.min(fromHour + SPAN_HOURS, hours) };
    const read = await reader.series(deviceIntervals(batch.equipment, startEpochMs + span.fromHour * HOUR_MS, startEpochMs + span.toHour * HOUR_MS), SENSOR_METRICS);
    for (const [name, value] of gridValues(new Map(SENSOR_METRICS.map((metric, i) => [metric, read[i] ?? { times: [], values: [] }])), startEpochMs, span)) values.set(name, value);
  }
  if (values.size === 0) return false;
  const trajectory = ownTrajectoryOf(values, hours);
  const { recorded } = await batches.change(batch.batchId, ({ state }) => (state === undefined || !isOpen(state.batch) ? [] : [{ type: 'trajectory-recorded', ...trajectory, trajectoryHash: sha256Hex(canonicalJson(trajectory)) }]), { actor: { kind: 'system', id: writer, version: 'trajectory' } });
  return recorded.length > 0;
};
