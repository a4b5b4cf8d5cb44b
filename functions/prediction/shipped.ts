import { createHash } from 'node:crypto';
import { assembleFeatures, FEATURE_METRICS, FEATURE_NAMES, HORIZON_HOURS } from '../../models/early-prediction/features.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { EXPANSION_PHASE_ID } from '../../shared/batch/status.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import type { Series } from '../../shared/telemetry/series.ts';
import { deviceIntervals } from '../_platform/telemetry-statistic.ts';
import { known } from './features.ts';
import type { PredictionPorts } from './ports.ts';
import { numberRecorded } from './recorded.ts';

const HOUR_MS = 3_600_000;
/** Above this the output speaks of risk; it decides nothing. */
const THRESHOLD = 0.5;
export const CAUTION = 'Synthetic demonstration model, trained on simulated cultures. Not for use on patients; for awareness only.';

/** Whether the shipped model may speak on a batch: never once a model of the registry was put to use for its product, not even while that one is suspended. */
export const mayShippedSpeak = ({ productId, predictions }: Batch, records: readonly ModelRecord[]): boolean =>
  predictions.length === 0 && !records.some((each) => each.productId === productId && each.output === 'early-failure');

/** Predict by the shipped model and put it on record, once. @returns whether it was @throws DomainError `features-incomplete` */
export const predictShipped = async ({ batches, reader, ask, shipped: { name, sha256 } }: PredictionPorts, batch: Batch): Promise<boolean> => {
  const startedAt = batch.phases[EXPANSION_PHASE_ID]?.startedAt;
  if (startedAt === undefined) return false;
  const startEpochMs = Date.parse(startedAt);
  const read = await reader.series(deviceIntervals(Object.values(batch.equipment), startEpochMs, startEpochMs + HORIZON_HOURS * HOUR_MS), FEATURE_METRICS);
  const series = new Map<string, Series | undefined>(FEATURE_METRICS.map((metric, i) => [metric, read[i]]));
  const features = assembleFeatures(startEpochMs, (metric) => series.get(metric), (valueId) => numberRecorded(batch, valueId));
  const probability = await ask(sha256, features);
  const named = known(FEATURE_NAMES, features);
  const featuresHash = createHash('sha256').update(canonicalJson(named)).digest('hex');
  await batches.change(batch.batchId, ({ state }) => (state === undefined || state.batch.predictions.length > 0 ? [] : [{
    type: 'prediction-recorded', predictionId: `PRD-${featuresHash.slice(0, 16)}`, probability, threshold: THRESHOLD, modelHash: sha256, modelName: name, featuresHash, features: named, caution: CAUTION,
  }]), { actor: { kind: 'system', id: 'prediction', version: sha256.slice(0, 12) } });
  return true;
};
