import type { BatchEvent } from '../batch/events.ts';
import type { Ledger } from './ledger.ts';
import type { MonitoringAlarm, Recommendation } from './ledger-events.ts';
import { makeRecommendation, rowOf, type Governed } from './recommend.ts';

export type Alarm = Recommendation & Readonly<{ output: 'process-monitoring-alarm'; monitoring: MonitoringAlarm }>;
/** Hours of culture in which a batch was beyond the limits of one model, without one within them between. */
export type AlarmedHours = Readonly<{ modelHash: string; fromHour: number; toHour: number }>;

/**
 * Whether there is nothing to add to what is on record of an excursion, by the model that saw it: it is there, and was brought to somebody if this alarm would be. Late telemetry may move its ends: what overlaps is
 * the same.
 */
const isOnRecord = ({ recommendations }: Ledger, { probability }: Alarm, { modelHash, fromHour, toHour }: AlarmedHours, threshold: number): boolean => [...recommendations.values()].some((held) =>
  held.modelHash === modelHash && held.monitoring !== undefined && held.monitoring.hour >= fromHour && held.monitoring.fromHour <= toHour && (held.probability >= threshold || probability < threshold));

const deviationOf = ({ recommendationId, modelId, modelVersion, monitoring: { fromHour, hour, t2, t2Limit, q, qLimit, seenToHour } }: Alarm, severity: NonNullable<ReturnType<typeof rowOf>['deviation']>): BatchEvent => ({
  type: 'deviation-raised', deviationId: `DEV-${recommendationId}`, severity, rule: 'process-monitoring-alarm', title: `Process beyond its limits from hour ${fromHour} of culture`,
  detail: `${modelId} version ${modelVersion}, hour ${hour}${seenToHour === undefined ? '' : ` by what was seen to ${seenToHour}`}: T² ${t2.toFixed(2)} (limit ${t2Limit.toFixed(2)}), Q ${q.toFixed(2)} (limit ${qLimit.toFixed(2)}); contributions are with ${recommendationId}`,
});

/**
 * Put an excursion of process monitoring on record, once, under the table in force, and once more if it reaches the table's threshold only later; with a deviation where the table says so and the threshold is reached.
 *
 * @returns nothing when it is on record already
 * @throws DomainError as `makeRecommendation`
 */
export const raiseMonitoringAlarm = (governed: Governed, alarm: Alarm, hours: AlarmedHours): readonly BatchEvent[] => {
  const { deviation, threshold } = rowOf(governed, alarm.output);
  if (isOnRecord(governed.ledger, alarm, hours, threshold)) return [];
  const made = makeRecommendation(governed, alarm);
  return deviation === undefined || alarm.probability < threshold ? made : [...made, deviationOf(alarm, deviation)];
};
