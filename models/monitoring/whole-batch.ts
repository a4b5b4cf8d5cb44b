import { DomainError } from '../../shared/errors.ts';
import { alarmScoreOf, type Point } from './excursions.ts';
import { judgeOf, stageHours } from './judge.ts';
import type { MonitoringModel } from './model-file.ts';

/**
 * `score` is at or above the level of the model's alarm rule exactly when the batch would have been an alarm. There is none where fewer hours could be judged than an alarm takes in a row: whatever happened to such a batch, it could not have
 * been one, so that there was none says nothing of it. `judgedHours` is how many hours enough was known of.
 */
export type WholeBatch = Readonly<{ score: number | undefined; judgedHours: number }>;

/**
 * A whole batch, judged hour by hour as while it ran: one figure from 0 to 1 for the test, and for what is said of each batch in use. Hours at which too much is missing are not judged.
 *
 * @returns judge of one batch's values in the model's order, NaN where missing
 */
export const wholeBatchJudge = ({ plane, alarm }: MonitoringModel): ((values: readonly number[]) => WholeBatch) => {
  const { judge } = judgeOf(plane);
  const pointAt = (values: readonly number[], hour: number): readonly Point[] => {
    try {
      return [judge(values, hour)];
    } catch (error) {
      if (error instanceof DomainError && error.code === 'features-incomplete') return [];
      throw error;
    }
  };
  return (values) => {
    const points = stageHours(plane).flatMap((hour) => pointAt(values, hour));
    return { score: points.length < alarm.consecutive ? undefined : alarmScoreOf(alarm, points), judgedHours: points.length };
  };
};
