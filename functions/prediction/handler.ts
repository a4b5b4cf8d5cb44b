import { HORIZON_HOURS } from '../../models/early-prediction/features.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import { DomainError } from '../../shared/errors.ts';
import { task } from '../_platform/batch.ts';
import { inForce } from '../_platform/governed-batches.ts';
import { logger } from '../_platform/log.ts';
import { isSettled, recordTrajectory } from '../_platform/own-trajectory.ts';
import { recentBatches } from '../_platform/recent-batches.ts';
import { recordFeatures, recordFeaturesBeside } from './early-features.ts';
import { recommendFor } from './governed.ts';
import type { PredictionPorts } from './ports.ts';
import { isWithoutModel, predictByExample } from './without-model.ts';

const HOUR_MS = 3_600_000;

type Summary = Readonly<{ batchId: string; state: string; disposition?: string; expansionStartedAt?: string }>;

const isCultured = ({ state }: Readonly<{ state: string }>): boolean => state === 'running' || state === 'held';
const isTime = ({ expansionStartedAt }: Summary, nowEpochMs: number): boolean => expansionStartedAt !== undefined && Date.parse(expansionStartedAt) + HORIZON_HOURS * HOUR_MS <= nowEpochMs;

/** @returns whether anything was due for the batch, and was put on record */
const predictOne = async (ports: PredictionPorts, batchId: string, records: readonly ModelRecord[]): Promise<boolean> => {
  const { state } = await ports.batches.load(batchId);
  // Lists may be behind the record.
  if (state === undefined || !isCultured(state.batch) || state.batch.disposition !== undefined) return false;
  const { batch } = state;
  if (isWithoutModel(batch, records)) {
    // A stop is one for every model that speaks of this batch, the example's too.
    return ports.example === undefined || state.ledger.stops.length > 0 ? recordFeatures(ports, batch) : predictByExample(ports, ports.example, batch);
  }
  const isRecorded = await recordFeaturesBeside(ports, batch);
  if (!records.some(({ productId, state: use }) => productId === batch.productId && use === 'active')) return isRecorded;
  const govern = await inForce(ports, batch);
  return await recommendFor(ports, govern, govern(state)) > 0 || isRecorded;
};

type Outcome = Readonly<{ isDue: boolean; isPredicted: boolean; failure?: unknown }>;
/** What is no failure: data that may still come, and a model that is active before anybody signed what may follow from it. */
const WAITS: readonly string[] = ['features-incomplete', 'governance-table-not-effective'];

const attempt = async (ports: PredictionPorts, batchId: string, records: readonly ModelRecord[]): Promise<Outcome> => {
  try {
    const isPredicted = await predictOne(ports, batchId, records);
    return { isDue: isPredicted, isPredicted };
  } catch (error) {
    if (error instanceof DomainError && WAITS.includes(error.code)) {
      logger.warn('prediction waits', { batchId, code: error.code, ...error.facts });
      return { isDue: true, isPredicted: false };
    }
    logger.error('prediction failed', { batchId, cause: String(error) });
    return { isDue: true, isPredicted: false, failure: error };
  }
};

const isUndecided = ({ state, disposition }: Summary): boolean => disposition === undefined && (isCultured({ state }) || state === 'complete');

/** The course of one culture that has ended: one a run, for it takes reading days of telemetry. Where the review comes first, the release workflow has `batch-monitoring` do it. */
const recordOneTrajectory = async (ports: PredictionPorts, batchIds: readonly string[]): Promise<void> => {
  for (const batchId of batchIds) {
    const { state } = await ports.batches.load(batchId);
    if (state !== undefined && isSettled(state.batch, ports.now().getTime()) && await recordTrajectory(ports, state.batch, 'prediction')) return;
  }
};

/**
 * Every quarter of an hour: batches that have had 72 hours of culture are put before the models that are active for their product. Their
 * features go on record in any case; where no model was ever put to use, nothing is said of them; in an example network the synthetic model speaks. Then the course of one culture that has ended goes on record. One that lacks data is left for the next run; one that fails fails the run, after the others have had theirs.
 */
export const createHandler = (ports: PredictionPorts) => task(async (_: unknown) => {
  const records = await ports.models.records();
  const nowEpochMs = ports.now().getTime();
  const recent: Summary[] = [];
  for await (const item of recentBatches<Summary>(ports.operations, nowEpochMs)) if (isUndecided(item) && isTime(item, nowEpochMs)) recent.push(item);
  const cultured = recent.filter(isCultured).map(({ batchId }) => batchId);
  const outcomes: Outcome[] = [];
  for (const batchId of cultured) outcomes.push(await attempt(ports, batchId, records));
  const failures = outcomes.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  const due = outcomes.filter(({ isDue }) => isDue).length;
  await recordOneTrajectory(ports, recent.map(({ batchId }) => batchId));
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} of ${due} predictions failed`);
  return { due, predicted: outcomes.filter(({ isPredicted }) => isPredicted).length };
});
