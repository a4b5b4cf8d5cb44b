import { createHash } from 'node:crypto';
import { assembleFeatures, FEATURE_METRICS, FEATURE_NAMES, HORIZON_HOURS } from '../../models/early-prediction/features.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { EXPANSION_PHASE_ID } from '../../shared/batch/status.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import type { Series } from '../../shared/telemetry/series.ts';
import { deviceIntervals } from '../_platform/telemetry-statistic.ts';
import { known } from './features.ts';
import type { ExampleModel, PredictionPorts } from './ports.ts';
import { numberRecorded } from './recorded.ts';

const HOUR_MS = 3_600_000;
/** Above this the output speaks of risk; it decides nothing. */
const THRESHOLD = 0.5;
export const CAUTION = 'Synthetic demonstration model of an example network, trained on simulated cultures. Nobody put it to use. Not for use on patients; for awareness only.';

/** Whether nobody ever put a model to use for the product: not even one that is suspended now. And nothing is on record yet of the batch's first days. */
export const isWithoutModel = ({ productId, featuresHash }: Batch, records: readonly ModelRecord[]): boolean =>
  featuresHash === undefined && !records.some((each) => each.productId === productId && each.output === 'early-failure');

type Known = Readonly<{ features: readonly number[]; named: Readonly<Record<string, number>>; featuresHash: string }>;

/** Features of the first 72 hours. @returns undefined before the culture began @throws DomainError `features-incomplete` */
const featuresOf = async ({ reader }: PredictionPorts, batch: Batch): Promise<Known | undefined> => {
  const startedAt = batch.phases[EXPANSION_PHASE_ID]?.startedAt;
  if (startedAt === undefined) return undefined;
  const startEpochMs = Date.parse(startedAt);
  const read = await reader.series(deviceIntervals(Object.values(batch.equipment), startEpochMs, startEpochMs + HORIZON_HOURS * HOUR_MS), FEATURE_METRICS);
  const series = new Map<string, Series | undefined>(FEATURE_METRICS.map((metric, i) => [metric, read[i]]));
  const features = assembleFeatures(startEpochMs, (metric) => series.get(metric), (valueId) => numberRecorded(batch, valueId));
  const named = known(FEATURE_NAMES, features);
  return { features, named, featuresHash: createHash('sha256').update(canonicalJson(named)).digest('hex') };
};

const record = async ({ batches }: PredictionPorts, { batchId }: Batch, event: BatchEvent, version: string): Promise<void> => {
  await batches.change(batchId, ({ state }) => (state === undefined || state.batch.featuresHash !== undefined ? [] : [event]), { actor: { kind: 'system', id: 'prediction', version } });
};

/** At a hospital: what a model would be trained on one day, and no probability. Once. @returns whether it was put on record @throws DomainError `features-incomplete` */
export const recordFeatures = async (ports: PredictionPorts, batch: Batch): Promise<boolean> => {
  const found = await featuresOf(ports, batch);
  if (found === undefined) return false;
  const { named: features, featuresHash } = found;
  await record(ports, batch, { type: 'features-recorded', featuresHash, features }, 'features');
  return true;
};

/** In an example network: predict by the synthetic model and say on record that it is one, once. @returns whether it was put on record @throws DomainError `features-incomplete` */
export const predictByExample = async (ports: PredictionPorts, { name, sha256 }: ExampleModel, batch: Batch): Promise<boolean> => {
  const found = await featuresOf(ports, batch);
  if (found === undefined) return false;
  const { features, named, featuresHash } = found;
  const probability = await ports.ask(sha256, features);
  await record(ports, batch, {
    type: 'prediction-recorded', predictionId: `PRD-${featuresHash.slice(0, 16)}`, probability, threshold: THRESHOLD, modelHash: sha256, modelName: name, featuresHash, features: named, caution: CAUTION, isExample: true,
  }, sha256.slice(0, 12));
  return true;
};
