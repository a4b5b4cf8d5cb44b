import type * as z from 'zod';
import { monitoringPlan, privatePlan, roundLimit, type Plan } from '../../models/federated/plan.ts';
import { startTraining } from '../../models/federated/workflow/start.ts';
import { abortTraining, isOpen, type Attempt, type Training, type TrainingEvent } from '../../models/federated/workflow/coordination.ts';
import { DomainError } from '../../shared/errors.ts';
import type { Recorded } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { runCommand, type CommandPorts } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { seenState } from '../_platform/granted-view.ts';
import { http } from '../_platform/http.ts';
import { loggedAtControlSite } from '../_platform/network-view.ts';
import { onlyActive } from '../_platform/people.ts';
import type { OperationsStore, RecordStore } from '../_platform/ports.ts';
import type { ReadLog } from '../_platform/read-log.ts';
import type { RefusalLog } from '../_platform/refusals.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import { stepOf } from '../federated/coordinate/step.ts';
import * as Routes from './schema.ts';

export type TrainingPorts = CommandPorts & Readonly<{
  refusals?: RefusalLog;
  trainings: StreamRecords<Training, TrainingEvent>;
  history: Pick<RecordStore, 'load'>;
  operations: OperationsStore;
  readLog: ReadLog;
  /** Hospitals of the directory. */
  nodeIds(): Promise<readonly string[]>;
  /** Start the workflow of a run under a name, once: with a name that was used before nothing happens. */
  startWorkflow(runId: string, name: string): Promise<void>;
}>;

const MINUTE_MS = 60_000;

const requireTraining = (state: Training | undefined, runId: string): Training => {
  if (state === undefined) throw new DomainError('training-not-found', `no training ${runId}`, { runId });
  return state;
};

const attemptShown = (attempt: Attempt) => {
  const due = stepOf(attempt);
  return { round: attempt.round, attempt: attempt.attempt, due, closesAt: new Date(attempt.closesAtEpochMs).toISOString(), waitingFor: attempt.members.filter((siteId) => attempt.taken[due]?.[siteId] === undefined && attempt.refused[siteId] === undefined) };
};

/** The plan is shown once, above. */
const historyEntry = ({ event, recordedAt, actor }: Recorded<TrainingEvent>) => {
  const { type, ...members } = event;
  return { type, at: recordedAt, by: actor.kind === 'person' ? actor.printedName : actor.id, ...(type === 'training-started' ? {} : members) };
};

const summaryShown = ({ runId, title, status, invited, round, modelSha256 }: Pick<Training, 'runId' | 'title' | 'status' | 'invited' | 'round' | 'modelSha256'>): z.input<typeof Routes.TrainingSummary> =>
  ({ runId, title, status, invited: [...invited], round, ...(modelSha256 !== undefined && { modelSha256 }) });

const planOf = (asked: z.output<typeof Routes.StartTraining.body>['plan']): Plan => {
  if (asked.method === 'monitoring') return monitoringPlan(asked);
  return asked.method === 'private' ? privatePlan(asked) : asked;
};

const commandEndpoints = (ports: TrainingPorts): readonly Endpoint[] => [
  endpoint(Routes.StartTraining, async (request) => {
    const { joinWithinMinutes, answerWithinMinutes, plan: asked, ...input } = request.body;
    const plan = planOf(asked);
    const known = await ports.nodeIds();
    const startedAt = ports.now().getTime();
    const accepted = await runCommand<Training, TrainingEvent>(ports, {
      records: ports.trainings, id: input.runId, request,
      decide: ({ state }) => startTraining(state, { ...input, plan, joinUntilEpochMs: startedAt + joinWithinMinutes * MINUTE_MS, answerWithinMs: answerWithinMinutes * MINUTE_MS }, known),
    });
    // Should this be cut off, the same request, sent again, starts it, or a resumption does.
    await ports.startWorkflow(input.runId, input.runId);
    return accepted;
  }),
  endpoint(Routes.AbortTraining, (request) => runCommand<Training, TrainingEvent>(ports, { records: ports.trainings, id: request.path.runId, request, decide: ({ state }) => abortTraining(state, request.path.runId, request.body.reason) })),
  endpoint(Routes.ResumeTraining, async ({ path: { runId } }) => {
    const { state, position } = await ports.trainings.load(runId);
    const training = requireTraining(state, runId);
    if (!isOpen(training)) throw new DomainError('training-round-stale', `run ${runId} is ${training.status} already`, { runId });
    await ports.startWorkflow(runId, `${runId}-${position.version}`);
    return { runId, status: training.status };
  }),
];

const readingEndpoints = ({ trainings, history, ...ports }: TrainingPorts): readonly Endpoint[] => [
  loggedAtControlSite({ ...ports, record: history }, Routes.ListTrainings, async ({ query: { limit, cursor } }, { operations }) => {
    const { items, ...page } = await operations.list<Training>(keyOf.summary('training', '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) });
    return { ...page, items: items.map(summaryShown) };
  }),
  loggedAtControlSite({ ...ports, record: history }, Routes.ReadTraining, async ({ path: { runId } }, view) => {
    const { state, position } = await seenState(view, trainings, { kind: 'training', id: runId });
    const training = requireTraining(state, runId);
    const { purpose, plan, planHash, joined, left, attempt, rows, code, reason } = training;
    const events = await view.record.load<TrainingEvent>({ kind: 'training', id: runId });
    return {
      ...summaryShown(training), version: position.version, purpose, plan: { ...plan }, planHash, joined: Object.keys(joined), left: { ...left }, rounds: roundLimit(plan), ...(attempt !== undefined && { attempt: attemptShown(attempt) }),
      ...(rows !== undefined && { rows }), ...(code !== undefined && { code }), ...(reason !== undefined && { reason }), history: events.map(historyEntry),
    };
  }),
];

/** The coordinator's interface to trainings over the network. */
export const createHandler = (ports: TrainingPorts) => http([...onlyActive(ports.personOf, commandEndpoints(ports)), ...readingEndpoints(ports)], ports.refusals);
