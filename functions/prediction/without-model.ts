import type { Batch } from '../../shared/batch/state.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import { earlyFeatures, recordOnce } from './early-features.ts';
import type { ExampleModel, PredictionPorts } from './ports.ts';

/** Above this the output speaks of risk; it decides nothing. */
const THRESHOLD = 0.5;
export const CAUTION = 'Synthetic demonstration model of an example network, trained on simulated cultures. Nobody put it to use. Not for use on patients; for awareness only.';

/** Whether nobody ever put a model to use for the product: not even one that is suspended now. And nothing is on record yet of the batch's first days. */
export const isWithoutModel = ({ productId, featuresHash }: Batch, records: readonly ModelRecord[]): boolean =>
  featuresHash === undefined && !records.some((each) => each.productId === productId && each.output === 'early-failure');

/** In an example network: predict by the synthetic model and say on record that it is one, once. @returns whether it was put on record @throws DomainError `features-incomplete` */
export const predictByExample = async (ports: PredictionPorts, { name, sha256 }: ExampleModel, batch: Batch): Promise<boolean> => {
  const found = await earlyFeatures(ports, batch);
  if (found === undefined) return false;
  const { features, named, featuresHash } = found;
  const probability = await ports.ask(sha256, features);
  await recordOnce(ports, batch, {
    type: 'prediction-recorded', predictionId: `PRD-${featuresHash.slice(0, 16)}`, probability, threshold: THRESHOLD, modelHash: sha256, modelName: name, featuresHash, features: named, caution: CAUTION, isExample: true,
  }, sha256.slice(0, 12));
  return true;
};
