import { createHash } from 'node:crypto';
import { assembleFeatures, FEATURE_METRICS, FEATURE_NAMES, HORIZON_HOURS } from '../../models/early-prediction/features.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { EXPANSION_PHASE_ID } from '../../shared/batch/status.ts';
import { DomainError } from '../../shared/errors.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { Series } from '../../shared/telemetry/series.ts';
import { task } from '../_platform/batch.ts';
import { logger } from '../_platform/log.ts';
import type { Clock, OperationsStore } from '../_platform/ports.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import type { TelemetryReader } from '../_platform/telemetry-reader.ts';
import { deviceIntervals } from '../_platform/telemetry-statistic.ts';

export type PredictionPorts = Readonly<{
  batches: StreamRecords<Batch, BatchEvent>;
  operations: Pick<OperationsStore, 'list'>;
  reader: TelemetryReader;
  /** Probability that the batch will not be releasable, for features in the model's order. */
  invoke(features: readonly number[]): Promise<number>;
  model: Readonly<{ name: string; sha256: string }>;
  now: Clock;
}>;

const HOUR_MS = 3_600_000;
/** Above this the output speaks of risk; it decides nothing. */
const THRESHOLD = 0.5;
export const CAUTION = 'Synthetic demonstration model, trained on simulated cultures. Not for use on patients; for awareness only.';
const PAGE = 100;

type Summary = Readonly<{ batchId: string; state: string; predictionCount: number; expansionStartedAt?: string }>;

const isDue = ({ state, predictionCount, expansionStartedAt }: Summary, nowEpochMs: number): boolean =>
  (state === 'running' || state === 'held') && predictionCount === 0 && expansionStartedAt !== undefined && Date.parse(expansionStartedAt) + HORIZON_HOURS * HOUR_MS <= nowEpochMs;

const dueBatches = async ({ operations, now }: PredictionPorts): Promise<readonly Summary[]> => {
  const due: Summary[] = [];
  let cursor: string | undefined;
  do {
    const page = await operations.list<Summary>(keyOf.summary('batch', '-').pk, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }, { newestFirst: true });
    due.push(...page.items.filter((item) => isDue(item, now().getTime())));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return due;
};

const recordValue = (batch: Batch, valueId: string): number | undefined => {
  const held = Object.values(batch.phases).map(({ values }) => values[valueId]?.value).find((value) => value !== undefined);
  return typeof held === 'number' ? held : undefined;
};

/** Features that are there; one that is missing is left out, which the model takes as missing too. */
const known = (features: readonly number[]): Readonly<Record<string, number>> =>
  Object.fromEntries(features.flatMap((value, i) => (Number.isFinite(value) ? [[FEATURE_NAMES[i] ?? `f${i}`, value]] : [])));

/** Predict for one batch and put it on record, once. */
const predictOne = async ({ batches, reader, invoke, model }: PredictionPorts, batchId: string): Promise<void> => {
  const { state: batch } = await batches.load(batchId);
  const startedAt = batch?.phases[EXPANSION_PHASE_ID]?.startedAt;
  if (batch === undefined || startedAt === undefined || batch.predictions.length > 0) return;
  const startEpochMs = Date.parse(startedAt);
  const intervals = deviceIntervals(Object.values(batch.equipment), startEpochMs, startEpochMs + HORIZON_HOURS * HOUR_MS);
  const read = await reader.series(intervals, FEATURE_METRICS);
  const series = new Map<string, Series | undefined>(FEATURE_METRICS.map((metric, i) => [metric, read[i]]));
  const features = assembleFeatures(startEpochMs, (metric) => series.get(metric), (valueId) => recordValue(batch, valueId));
  const probability = await invoke(features);
  const named = known(features);
  const featuresHash = createHash('sha256').update(canonicalJson(named)).digest('hex');
  await batches.change(batchId, ({ state }) => (state === undefined || state.predictions.length > 0 ? [] : [{
    type: 'prediction-recorded', predictionId: `PRD-${featuresHash.slice(0, 16)}`, probability, threshold: THRESHOLD, modelHash: model.sha256, modelName: model.name, featuresHash, features: named, caution: CAUTION,
  }]), { actor: { kind: 'system', id: 'prediction', version: model.sha256.slice(0, 12) } });
};

/** @returns what went wrong, when it is not that data are missing yet: then the next run looks again */
const attempt = async (ports: PredictionPorts, batchId: string): Promise<Readonly<{ isPredicted: boolean; failure?: unknown }>> => {
  try {
    await predictOne(ports, batchId);
    return { isPredicted: true };
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'features-incomplete') {
      logger.error('prediction failed', { batchId, cause: String(error) });
      return { isPredicted: false, failure: error };
    }
    logger.warn('features incomplete', { batchId, ...error.facts });
    return { isPredicted: false };
  }
};

/**
 * Every quarter of an hour: batches that have had 72 hours of culture get their prediction. One that lacks data is left for the next run; one that fails
 * fails the run, after the others have had theirs.
 */
export const createHandler = (ports: PredictionPorts) => task(async (_: unknown) => {
  const due = await dueBatches(ports);
  const outcomes: Awaited<ReturnType<typeof attempt>>[] = [];
  for (const { batchId } of due) outcomes.push(await attempt(ports, batchId));
  const failures = outcomes.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} of ${due.length} predictions failed`);
  return { due: due.length, predicted: outcomes.filter(({ isPredicted }) => isPredicted).length };
});
