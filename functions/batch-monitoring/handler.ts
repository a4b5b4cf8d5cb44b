import type { MonitoringModel } from '../../models/monitoring/model-file.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { EXPANSION_PHASE_ID } from '../../shared/batch/status.ts';
import { DomainError } from '../../shared/errors.ts';
import { mayRun, type ModelRecord } from '../../shared/model-registry/may-run.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { HOUR_MS } from '../../shared/telemetry/minute.ts';
import { task } from '../_platform/batch.ts';
import { inForce } from '../_platform/governed-batches.ts';
import { logger } from '../_platform/log.ts';
import { recordTrajectory } from '../_platform/own-trajectory.ts';
import { recentBatches } from '../_platform/recent-batches.ts';
import { recordAlarms, type Within } from './alarm.ts';
import { conclude, settlesInMs } from './conclude.ts';
import { judgeChanged, unrecorded } from './judge.ts';
import type { Cultured, MonitoringPorts } from './ports.ts';
import { lookWithin } from './running.ts';
import { watchSilence } from './silence.ts';
import { dueWindows, readWindows, seenThrough, type Due, type Trajectory } from './trajectory.ts';

const OUTPUT = 'process-monitoring-alarm';
/** How old the note of what was looked at may get while there is nothing to judge. */
const NOTED_MS = 10 * 60_000;
/** What is no failure: nobody signed what may follow from an alarm, somebody stopped the assistance, or the batch was decided on or stopped meanwhile. What was judged is kept, and the alarm is tried again. */
const WAITS: readonly string[] = ['governance-table-not-effective', 'assistance-stopped', 'batch-state-wrong', 'batch-already-dispositioned'];

const MONITORED: readonly string[] = ['running', 'held', 'complete'];

type Summary = Readonly<{ batchId: string; productId: string; state: string; disposition?: string; expansionStartedAt?: string }>;
type Active = Readonly<{ record: ModelRecord; model: MonitoringModel }>;

/** The one model that monitors a product here, its file held against the record's hash. @throws DomainError `model-not-found`, `model-tampered` */
const activeFor = async ({ models }: MonitoringPorts, records: readonly ModelRecord[], productId: string): Promise<Active | undefined> => {
  const active = records.find((each) => each.productId === productId && each.output === OUTPUT && each.state === 'active');
  const permission = active === undefined ? undefined : mayRun(active.artefactSha256, records, { productId, output: OUTPUT });
  return permission?.allowed === true ? { record: permission.record, model: await models.monitoring(permission.record.artefactSha256) } : undefined;
};

const begun = ({ batchId, startEpochMs }: Cultured, { record: { modelId, version, artefactSha256 }, model }: Active): Trajectory => ({
  batchId, modelId, modelVersion: version, modelHash: artefactSha256, startEpochMs, values: model.plane.variables.map(() => null), readToHour: 0, seenThrough: '', points: [], onRecord: [],
});

/** What is known after the due windows were read and judged. */
const advanced = async (ports: MonitoringPorts, cultured: Cultured, active: Active, { held, windows, settled }: Due, nowEpochMs: number): Promise<Trajectory> => {
  const before = held ?? begun(cultured, active);
  const { state } = await ports.batches.load(cultured.batchId);
  const read = state === undefined ? new Map<number, number | null>() : await readWindows(ports, state.batch, cultured.startEpochMs, active.model, windows);
  const values = before.values.map((value, i) => (read.has(i) ? read.get(i) ?? null : value));
  const readToHour = Math.max(before.readToHour, Math.floor(settled));
  const points = await judgeChanged(ports, active.model, before, values, readToHour);
  return { ...before, values, readToHour, points, seenThrough: seenThrough(nowEpochMs) };
};

/** Excursions onto the record. @returns the trajectory that knows of them, and how many alarms were raised */
const alarmed = async (ports: MonitoringPorts, { model }: Active, trajectory: Trajectory, within: Within | undefined): Promise<Readonly<{ trajectory: Trajectory; raised: number }>> => {
  const excursions = unrecorded(model, trajectory, within?.judgement);
  const { state: held } = excursions.length === 0 ? { state: undefined } : await ports.batches.load(trajectory.batchId);
  if (held === undefined) return { trajectory, raised: 0 };
  try {
    const raised = await recordAlarms(ports, model, { trajectory, within }, excursions, { held, govern: await inForce(ports, held.batch) });
    return { raised, trajectory: { ...trajectory, onRecord: [...trajectory.onRecord, ...excursions.map(({ fromHour, peak: { confidence } }) => ({ fromHour, confidence }))] } };
  } catch (error) {
    if (!(error instanceof DomainError && WAITS.includes(error.code))) throw error;
    logger.warn('an alarm of process monitoring waits', { batchId: trajectory.batchId, code: error.code });
    return { trajectory, raised: 0 };
  }
};

/** The hour the batch is in, by what was seen of it; undefined where nothing can be said of it, or nothing more will come. */
const withinNow = async (ports: MonitoringPorts, { model }: Active, trajectory: Trajectory, { isLate }: Due): Promise<Within | undefined> => {
  const { state } = trajectory.isConcluded === true ? { state: undefined } : await ports.batches.load(trajectory.batchId);
  const running = state === undefined ? undefined : await lookWithin(ports, model, trajectory, state.batch, isLate);
  return running?.judgement === undefined ? undefined : { judgement: running.judgement, seenToHour: Math.round(((running.kept.seenToEpochMs - trajectory.startEpochMs) / HOUR_MS) * 100) / 100 };
};

type Outcome = Readonly<{ judged: number; raised: number }>;
const NOTHING: Outcome = { judged: 0, raised: 0 };

/** @param isAsked whether to conclude is tried though nothing is new */
const monitorOne = async (ports: MonitoringPorts, cultured: Cultured, records: readonly ModelRecord[], isAsked = false): Promise<Outcome> => {
  const active = await activeFor(ports, records, cultured.productId);
  if (active === undefined) return NOTHING;
  const nowEpochMs = ports.now().getTime();
  const due = await dueWindows(ports, cultured, active.record.artefactSha256, active.model);
  if (due.held === undefined && due.settled <= 0) return NOTHING;
  const isDue = due.windows.size > 0 || due.held === undefined;
  const isNoted = isDue || isAsked || nowEpochMs - Date.parse(due.held.seenThrough) > NOTED_MS;
  const known = isDue ? await advanced(ports, cultured, active, due, nowEpochMs) : { ...due.held, seenThrough: seenThrough(nowEpochMs) };
  const { trajectory: told, raised } = await alarmed(ports, active, known, await withinNow(ports, active, known, due));
  const isConcluded = told.isConcluded === true || (isNoted && await conclude(ports, active, told));
  const trajectory = { ...told, isConcluded };
  if (isNoted || raised > 0 || trajectory.onRecord.length > known.onRecord.length) await ports.operations.put(keyOf.monitoringTrajectory(cultured.batchId), trajectory);
  return { judged: due.windows.size > 0 ? 1 : 0, raised };
};

/** A batch whose culture has ended is looked at until its disposition: what telemetry of its last hours shows late belongs before those who decide. */
const culturedOf = ({ batchId, productId, state, disposition, expansionStartedAt }: Summary): readonly Cultured[] =>
  (expansionStartedAt !== undefined && disposition === undefined && MONITORED.includes(state) ? [{ batchId, productId, startEpochMs: Date.parse(expansionStartedAt) }] : []);

const culturedNow = async ({ operations, now }: MonitoringPorts): Promise<readonly Cultured[]> => {
  const cultured: Cultured[] = [];
  for await (const item of recentBatches<Summary>(operations, now().getTime())) cultured.push(...culturedOf(item));
  return cultured;
};

/** Records of this hospital, and how long telemetry of the culture may still come for the active model to speak of it, ms; 0 where there is none. */
const settling = async (ports: MonitoringPorts, batch: Batch): Promise<Readonly<{ records: readonly ModelRecord[]; settlesIn: number }>> => {
  const records = await ports.models.records();
  return { records, settlesIn: await activeFor(ports, records, batch.productId) === undefined ? 0 : settlesInMs(batch, ports.now().getTime()) };
};

/**
 * The release workflow asks before the review, after which nothing may be appended that quality would have to review again: the culture's course goes on record now, which waits for no model and for none that fails, and then what the model makes of the whole culture.
 *
 * @returns in how many seconds to ask again, because telemetry of the culture may still come and a model is to speak of it; 0 when there is nothing to wait for
 */
const recordBeforeReview = async (ports: MonitoringPorts, batchId: string): Promise<Readonly<{ settlesInSeconds: number }>> => {
  const { state: { batch } = {} } = await ports.batches.load(batchId);
  const { startedAt } = batch?.phases[EXPANSION_PHASE_ID] ?? {};
  if (batch === undefined || startedAt === undefined || batch.review !== undefined) return { settlesInSeconds: 0 };
  let found: Awaited<ReturnType<typeof settling>> = { records: [], settlesIn: 0 };
  try {
    found = await settling(ports, batch);
  } finally {
    if (found.settlesIn === 0) await recordTrajectory(ports, batch, 'batch-monitoring');
  }
  const { records, settlesIn } = found;
  if (settlesIn === 0) await monitorOne(ports, { batchId, productId: batch.productId, startEpochMs: Date.parse(startedAt) }, records, true);
  return { settlesInSeconds: Math.ceil(settlesIn / 1000) };
};

/**
 * Each minute: see that critical parameters are measured, and hold every batch in culture against the model that is active for its product, at each hour that is complete and again where telemetry came late. One that fails fails the run, after the others had
 * theirs.
 */
const monitorAll = async (ports: MonitoringPorts): Promise<Outcome> => {
  const failures: unknown[] = [];
  await watchSilence(ports).catch((error: unknown) => {
    logger.error('whether critical parameters are measured is not known', { cause: String(error) });
    failures.push(error);
  });
  const records = await ports.models.records();
  let [judged, raised] = [0, 0];
  const cultured = records.some(({ output, state }) => output === OUTPUT && state === 'active') ? await culturedNow(ports) : [];
  for (const each of cultured) {
    try {
      const outcome = await monitorOne(ports, each, records);
      [judged, raised] = [judged + outcome.judged, raised + outcome.raised];
    } catch (error) {
      logger.error('process monitoring failed', { batchId: each.batchId, cause: String(error) });
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} failure(s) in monitoring ${cultured.length} batches`);
  return { judged, raised };
};

/** The release workflow names a batch; the schedule names none. */
export type MonitoringInput = Readonly<{ batchId?: unknown }>;

export const createHandler = (ports: MonitoringPorts) =>
  task<MonitoringInput, Outcome | Readonly<{ settlesInSeconds: number }>>(({ batchId }) => (typeof batchId === 'string' ? recordBeforeReview(ports, batchId) : monitorAll(ports)));
