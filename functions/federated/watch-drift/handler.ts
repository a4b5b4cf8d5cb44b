import { driftPlan } from '../../../models/federated/plan.ts';
import { isOpen, type Training } from '../../../models/federated/workflow/coordination.ts';
import { isOverdue } from '../../../models/federated/workflow/pace.ts';
import { startTraining } from '../../../models/federated/workflow/start.ts';
import { DomainError } from '../../../shared/errors.ts';
import { versionIn, type ModelVersion } from '../../../shared/model-registry/model.ts';
import { keyOf } from '../../../shared/storage/keys.ts';
import { task } from '../../_platform/batch.ts';
import { OWN_LABEL } from '../../_platform/training-rows.ts';
import { walk } from '../../_platform/walk.ts';
import { judgeRun, keepJudgement, noStatement } from './judge.ts';
import { ACTOR, type WatchDriftPorts } from './ports.ts';
import { keepUse } from './use-at-hospitals.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Hospitals join by themselves after an hour; one that is down has half the time to the next look, and a day at most. */
const LONGEST_JOINING_MS = DAY_MS;
const ANSWER_WITHIN_MS = HOUR_MS;
/** Answers of one model at one hospital. */
const ROW_LIMIT = 100_000;
const NAMED_BY = 16;

/** The active version of one model, and the artefact that answers. */
type Watched = Readonly<{ modelId: string; version: ModelVersion; artefactSha256: string; activatedEpochMs: number }>;

const watchedIn = async ({ models, operations }: WatchDriftPorts): Promise<readonly Watched[]> => {
  const found: Watched[] = [];
  for await (const { id } of walk<Readonly<{ id: string }>>(operations, keyOf.summary('model', '-').pk)) {
    const { state } = await models.load(id);
    const version = state === undefined ? undefined : versionIn(state, 'active');
    const activated = version?.moves.find(({ to }) => to === 'active');
    if (version?.training !== undefined && activated !== undefined) found.push({ modelId: id, version, artefactSha256: version.training.artefactSha256, activatedEpochMs: Date.parse(activated.at) });
  }
  return found;
};

/** One run a model and period, named by both, so that a second look starts none. */
const runIdOf = (artefactSha256: string, periodEpochMs: number): string => `drift-${artefactSha256.slice(0, NAMED_BY)}-${new Date(periodEpochMs).toISOString().slice(0, 10)}`;

/** @throws DomainError `training-sites-too-few` with fewer than three hospitals, `training-plan-malformed` for more inputs than a run takes */
const start = async (ports: WatchDriftPorts, runId: string, { modelId, version, artefactSha256, activatedEpochMs }: Watched): Promise<void> => {
  const { trainings, now, everyDays, startWorkflow } = ports;
  const hospitals = await ports.hospitals();
  const toEpochMs = now().getTime();
  const plan = driftPlan({ inputs: version.plan.inputs.map(({ name }) => name), terms: { modelId, version: version.version, artefactSha256, fromEpochMs: activatedEpochMs, toEpochMs }, label: OWN_LABEL, rowLimit: ROW_LIMIT });
  const input = {
    runId, title: `Drift of ${modelId}, version ${version.version}`, purpose: 'To hold what the active model is asked and says against its test', plan, invited: hospitals,
    joinUntilEpochMs: toEpochMs + Math.min(LONGEST_JOINING_MS, (everyDays * DAY_MS) / 2), answerWithinMs: ANSWER_WITHIN_MS,
  };
  const { state } = await trainings.change(runId, (held) => (held.state === undefined ? startTraining(undefined, input, hospitals) : []), { actor: ACTOR });
  // Should this be cut off, the next look starts it; under a name that ran before nothing happens.
  if (isOpen(state)) await startWorkflow(runId, runId);
};

/** Start the run of this period, unless that can say nothing: then that is on the record. */
const look = async (ports: WatchDriftPorts, runId: string, watched: Watched): Promise<void> => {
  const { modelId, version, activatedEpochMs } = watched;
  if (version.driftJudgements?.some((each) => each.runId === runId) === true) return;
  const window = { runId, from: new Date(activatedEpochMs).toISOString(), to: ports.now().toISOString() };
  if (version.report?.distributions === undefined) return keepJudgement(ports, modelId, version, noStatement(window, 'the test has no distributions on record, want them as a reference'));
  try {
    await start(ports, runId, watched);
  } catch (error) {
    if (!(error instanceof DomainError) || !error.code.startsWith('training-')) throw error;
    await keepJudgement(ports, modelId, version, noStatement(window, `${error.code}: ${error.message}`));
  }
};

/** What hospitals told of every model, whatever its state. */
const keepUses = async (ports: WatchDriftPorts, failures: unknown[]): Promise<void> => {
  for await (const { id } of walk<Readonly<{ id: string }>>(ports.operations, keyOf.summary('model', '-').pk)) await keepUse(ports, id).catch((error: unknown) => { failures.push(error); });
};

type Summary = Readonly<{ runId: string; status: Training['status'] }>;

/** Runs whose execution is gone, people's too, go on where they stand: in each hour under another name, should that one be lost as well. Two executions of one run do no harm: the record decides. */
const resumeOverdue = async ({ operations, trainings, startWorkflow, now }: WatchDriftPorts, failures: unknown[]): Promise<void> => {
  for await (const summary of walk<Summary>(operations, keyOf.summary('training', '-').pk)) {
    const { state } = isOpen(summary) ? await trainings.load(summary.runId) : { state: undefined };
    if (state !== undefined && isOverdue(state, now().getTime())) await startWorkflow(state.runId, `${state.runId}-${Math.floor(now().getTime() / HOUR_MS)}`).catch((error: unknown) => { failures.push(error); });
  }
};

/**
 * By the clock, for each active model: begin a run over the hospitals that sums what the model was asked and answered since it was put to use, and judge the runs that are over. Where each stands is read from the
 * record, so that it may be called as often as one likes. Before that, runs that nothing moves on any more are started again. One model that fails fails the invocation, after the others.
 */
export const createHandler = (ports: WatchDriftPorts) => task(async (_: unknown): Promise<Readonly<{ models: number }>> => {
  const periodMs = ports.everyDays * DAY_MS;
  const period = Math.floor(ports.now().getTime() / periodMs) * periodMs;
  const watched = await watchedIn(ports);
  const failures: unknown[] = [];
  await resumeOverdue(ports, failures).catch((error: unknown) => { failures.push(error); });
  await keepUses(ports, failures);
  for (const each of watched) {
    try {
      for (const at of [period - periodMs, period]) await judgeRun(ports, each.modelId, each.version, runIdOf(each.artefactSha256, at));
      // It may just have been suspended by what was judged.
      const { state } = await ports.models.load(each.modelId);
      const version = state === undefined ? undefined : versionIn(state, 'active');
      if (version?.version === each.version.version) await look(ports, runIdOf(each.artefactSha256, period), { ...each, version });
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} of ${watched.length} models failed, or what hospitals told of them, or runs to start again: ${failures.map(String).join('; ')}`);
  return { models: watched.length };
});
