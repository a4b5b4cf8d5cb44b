import { createHash } from 'node:crypto';
import { assembleFeatures, FEATURE_METRICS, FEATURE_NAMES, HORIZON_HOURS } from '../../models/early-prediction/features.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { EXPANSION_PHASE_ID } from '../../shared/batch/status.ts';
import { DomainError } from '../../shared/errors.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import type { Series } from '../../shared/telemetry/series.ts';
import { logger } from '../_platform/log.ts';
import { deviceIntervals } from '../_platform/telemetry-statistic.ts';
import { known } from './features.ts';
import type { PredictionPorts } from './ports.ts';
import { numberRecorded } from './recorded.ts';

const HOUR_MS = 3_600_000;

type Known = Readonly<{ features: readonly number[]; named: Readonly<Record<string, number>>; featuresHash: string }>;

/** Features of the first 72 hours. @returns undefined before the culture began @throws DomainError `features-incomplete` */
export const earlyFeatures = async ({ reader }: PredictionPorts, batch: Batch): Promise<Known | undefined> => {
  const startedAt = batch.phases[EXPANSION_PHASE_ID]?.startedAt;
  if (startedAt === undefined) return undefined;
  const startEpochMs = Date.parse(startedAt);
  const read = await reader.series(deviceIntervals(batch.equipment, startEpochMs, startEpochMs + HORIZON_HOURS * HOUR_MS), FEATURE_METRICS);
  const series = new Map<string, Series | undefined>(FEATURE_METRICS.map((metric, i) => [metric, read[i]]));
  const features = assembleFeatures(startEpochMs, (metric) => series.get(metric), (valueId) => numberRecorded(batch, valueId));
  const named = known(FEATURE_NAMES, features);
  return { features, named, featuresHash: createHash('sha256').update(canonicalJson(named)).digest('hex') };
};

/** Unless features are on record already. */
export const recordOnce = async ({ batches }: PredictionPorts, { batchId }: Batch, event: BatchEvent, version: string): Promise<void> => {
  await batches.change(batchId, ({ state }) => (state === undefined || state.batch.featuresHash !== undefined ? [] : [event]), { actor: { kind: 'system', id: 'prediction', version } });
};

/** What models are trained on one day, and no probability. Once. @returns whether it was put on record @throws DomainError `features-incomplete` */
export const recordFeatures = async (ports: PredictionPorts, batch: Batch): Promise<boolean> => {
  const found = await earlyFeatures(ports, batch);
  if (found === undefined) return false;
  const { named: features, featuresHash } = found;
  await recordOnce(ports, batch, { type: 'features-recorded', featuresHash, features }, 'features');
  return true;
};

/**
 * Beside a model: the same, so that a batch a model spoke of is a row for the next one too. What the model takes may be there though these features are not all: it is not held up by them, and the next run tries again.
 *
 * @returns whether they were put on record now
 */
export const recordFeaturesBeside = async (ports: PredictionPorts, batch: Batch): Promise<boolean> => {
  if (batch.featuresHash !== undefined) return false;
  try {
    return await recordFeatures(ports, batch);
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'features-incomplete')) throw error;
    logger.warn('features wait', { batchId: batch.batchId, code: error.code, ...error.facts });
    return false;
  }
};
