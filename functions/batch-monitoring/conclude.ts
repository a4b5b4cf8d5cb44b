import { sayOf } from '../../models/calibration/verdict.ts';
import type { MonitoringModel } from '../../models/monitoring/model-file.ts';
import { wholeBatchJudge } from '../../models/monitoring/whole-batch.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { EXPANSION_PHASE_ID } from '../../shared/batch/status.ts';
import { inputBinsOf } from '../../shared/model-registry/distributions.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import type { MonitoringPorts } from './ports.ts';
import type { Trajectory } from './trajectory.ts';

/** By then a minute that came in time is sealed and was judged. The release workflow asks before the review, which ends what may be appended, and waits so long. */
const SETTLED_MS = 30 * 60_000;

/** How long until the telemetry of a culture that has ended is settled; 0 when it is, or when there is nothing to wait for. */
export const settlesInMs = ({ phases, disposition }: Batch, nowEpochMs: number): number => {
  const { completedAt } = phases[EXPANSION_PHASE_ID] ?? {};
  return completedAt === undefined || disposition !== undefined ? 0 : Math.min(SETTLED_MS, Math.max(0, Date.parse(completedAt) + SETTLED_MS - nowEpochMs));
};

/** Whether the culture has ended, and its telemetry with it; not once the review looked at the record, for what is appended then would make quality review it again. */
const isDue = (batch: Batch, artefactSha256: string, nowEpochMs: number): boolean => {
  const { phases, review, disposition, monitoringConcludedBy = [] } = batch;
  const hasEnded = phases[EXPANSION_PHASE_ID]?.completedAt !== undefined && settlesInMs(batch, nowEpochMs) === 0;
  return hasEnded && review === undefined && disposition === undefined && !monitoringConcludedBy.includes(artefactSha256);
};

/**
 * Whether anything was measured of the culture: what this model looks at, or another sensor, by the course on record. Of a culture without, there is no row that a model is tested on, and nothing to say.
 */
const isMeasured = ({ trajectoryHash }: Batch, { values }: Trajectory): boolean => trajectoryHash !== undefined || values.some((value) => value !== null);

/** Too few judged hours are an undecided answer, with no score: so the test counts such a batch, by its inputs as well. */
const conclusionOf = (model: MonitoringModel, record: ModelRecord, { values: held }: Trajectory): BatchEvent => {
  const values = held.map((value) => value ?? Number.NaN);
  const { score, judgedHours } = wholeBatchJudge(model)(values);
  const { modelId, version: modelVersion, artefactSha256: modelHash, inputs } = record;
  return { type: 'monitoring-concluded', modelId, modelVersion, modelHash, ...(score !== undefined && { score }), verdict: sayOf(record, inputs.map(({ name }) => name), values, score).verdict, inputBins: inputBinsOf(inputs, values), judgedHours };
};

/**
 * What the model says of the whole culture goes on the batch's record, once: also that it was no alarm, or nothing could ever be told of how often it is right, and that it was undecided, or its inputs would be in the test that drift is held against
 * and not in use.
 *
 * @returns whether nothing is left to conclude: it is on record, or will never be
 * @see docs/adr/0025-a-hospital-judges-its-own-drift.md, 0047-reference-and-use-count-alike.md
 */
export const conclude = async ({ batches, now }: MonitoringPorts, { record, model }: Readonly<{ record: ModelRecord; model: MonitoringModel }>, trajectory: Trajectory): Promise<boolean> => {
  const { state } = await batches.load(trajectory.batchId);
  if (state === undefined || state.batch.review !== undefined || state.batch.monitoringConcludedBy?.includes(record.artefactSha256) === true) return true;
  if (!isDue(state.batch, record.artefactSha256, now().getTime()) || !isMeasured(state.batch, trajectory)) return false;
  const conclusion = conclusionOf(model, record, trajectory);
  await batches.change(trajectory.batchId, (held) => (held.state !== undefined && isDue(held.state.batch, record.artefactSha256, now().getTime()) ? [conclusion] : []), { actor: { kind: 'system', id: 'batch-monitoring', version: record.artefactSha256.slice(0, 12) } });
  return true;
};
