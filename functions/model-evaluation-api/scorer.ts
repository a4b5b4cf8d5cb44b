import { readForest } from '../../models/forest/model-file.ts';
import { probabilityFor } from '../../models/forest/probability.ts';
import { isMonitoringFile, readMonitoringFile, type MonitoringModel } from '../../models/monitoring/model-file.ts';
import { wholeBatchJudge } from '../../models/monitoring/whole-batch.ts';

/** A model as its test sees it: its inputs, and one figure from 0 to 1 for a batch, which a threshold is held against; undefined where too little is known of the batch to have one. */
export type Scorer = Readonly<{ featureNames: readonly string[]; score(values: readonly number[]): number | undefined }>;

/** A whole batch, as the hospital that runs the model concludes on it. */
const monitoringScorer = (model: MonitoringModel): Scorer => {
  const judge = wholeBatchJudge(model);
  return { featureNames: model.plane.variables.map(({ name }) => name), score: (values) => judge(values).score };
};

/** @throws DomainError `model-malformed`, `model-tampered` */
export const scorerOf = (text: string): Scorer => {
  if (isMonitoringFile(text)) return monitoringScorer(readMonitoringFile(text));
  const forest = readForest(text);
  return { featureNames: forest.featureNames, score: (values) => probabilityFor(forest, values) };
};
