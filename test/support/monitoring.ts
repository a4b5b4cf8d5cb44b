import { ALARM_RULE } from '../../models/monitoring/excursions.ts';
import { limitsByHour } from '../../models/monitoring/judge.ts';
import { writeMonitoringFile, type MonitoringModel } from '../../models/monitoring/model-file.ts';
import { countMoments, type Variable } from '../../models/monitoring/moments.ts';
import { planeFrom } from '../../models/monitoring/pca.ts';
import { trajectoryVariables } from '../../models/monitoring/trajectory.ts';
import { createGenerator } from '../../models/random/generator.ts';
import { sha256Hex } from '../../shared/record/chain.ts';

const HOURS = 24;
/** Glucose and pH of a day of culture, in windows of four hours. */
export const MONITORED: readonly Variable[] = trajectoryVariables(HOURS, 4).filter(({ name }) => name.startsWith('glucose') || name.startsWith('ph'));

const random = createGenerator(11);
/** Normal batches: glucose falls, each at its pace, and pH with it. */
const normal = Array.from({ length: 60 }, () => {
  const pace = 1 + 0.1 * random.normal();
  return MONITORED.map(({ name }, i) => (name.startsWith('glucose') ? 20 - 0.4 * pace * i + 0.3 * random.normal() : 7.25 - 0.005 * pace * i + 0.01 * random.normal()));
});
/** What a normal batch has in the middle. */
export const normalValue = (name: string, i: number): number => (name.startsWith('glucose') ? 20 - 0.4 * i : 7.25 - 0.005 * i);

export const MONITORING: MonitoringModel = { plane: planeFrom(MONITORED, countMoments(MONITORED, normal), 2), alarm: ALARM_RULE };
export const MONITORING_TEXT = writeMonitoringFile(MONITORING, limitsByHour(MONITORING.plane), { notice: 'of a test' });
export const MONITORING_SHA256 = sha256Hex(MONITORING_TEXT);
export const MONITORED_NAMES: readonly string[] = MONITORED.map(({ name }) => name);
