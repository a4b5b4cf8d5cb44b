import { predict } from '../../models/forest/evaluate.ts';
import { readForest } from '../../models/forest/model-file.ts';
import { alarmScoreOf, type Point } from '../../models/monitoring/excursions.ts';
import { judgeOf, stageHours } from '../../models/monitoring/judge.ts';
import { isMonitoringFile, readMonitoringFile, type MonitoringModel } from '../../models/monitoring/model-file.ts';
import { DomainError } from '../../shared/errors.ts';

/** A model as its test sees it: its inputs, and one figure from 0 to 1 for a batch, which a threshold is held against. */
export type Scorer = Readonly<{ featureNames: readonly string[]; score(values: readonly number[]): number }>;

/** A whole batch, judged hour by hour as it would have been while it ran: at the model's own level exactly when it would have been an alarm. Hours at which too much is missing are not judged, as in use. */
const monitoringScorer = ({ plane, alarm }: MonitoringModel): Scorer => {
  const { judge } = judgeOf(plane);
  const pointAt = (values: readonly number[], hour: number): readonly Point[] => {
    try {
      return [judge(values, hour)];
    } catch (error) {
      if (error instanceof DomainError && error.code === 'features-incomplete') return [];
      throw error;
    }
  };
  return { featureNames: plane.variables.map(({ name }) => name), score: (values) => alarmScoreOf(alarm, stageHours(plane).flatMap((hour) => pointAt(values, hour))) };
};

/** @throws DomainError `model-malformed`, `model-tampered` */
export const scorerOf = (text: string): Scorer => {
  if (isMonitoringFile(text)) return monitoringScorer(readMonitoringFile(text));
  const forest = readForest(text);
  return { featureNames: forest.featureNames, score: (values) => Math.min(1, Math.max(0, predict(forest, values))) };
};
