import { unconfirmedOf, type Partners } from '../../models/federated/secure/keys.ts';
import { consentToTraining } from '../../models/federated/workflow/joining.ts';
import { declineTraining, isInSums, type Participation, type ParticipationEvent, type RunHere } from '../../models/federated/workflow/participation.ts';
import { encodeMessage } from '../../models/federated/workflow/wire.ts';
import { DomainError } from '../../shared/errors.ts';
import { runCommand, signed } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { tellRows } from '../_platform/hospital-statements.ts';
import { partnersHere } from './partners.ts';
import type { TrainingDataPorts } from './handler.ts';
import * as Routes from './runs-schema.ts';


const timeOf = (epochMs: number): string => new Date(epochMs).toISOString();

/** What this hospital waits for before it joins. */
const waiting = ({ status, needsConsent, isConsented, joinsAtEpochMs, joinUntilEpochMs }: RunHere) => {
  if (status !== 'invited') return {};
  return {
    ...(needsConsent === true ? { waitsForConsent: isConsented !== true } : joinsAtEpochMs !== undefined && { joinsAt: timeOf(joinsAtEpochMs) }), ...(joinUntilEpochMs !== undefined && { joinUntil: timeOf(joinUntilEpochMs) }),
  };
};

/** What people decide on, and what became of it. */
const shown = (run: RunHere, unconfirmed: readonly string[]) => {
  const { runId, title, purpose, status, method, label, featureCount, microEpsilon, invited, rows, open, code, modelSha256 } = run;
  return {
    runId, title, status, ...(purpose !== undefined && { purpose }), ...(method !== undefined && { method }), ...(label !== undefined && { label }), ...(featureCount !== undefined && { featureCount }), ...(microEpsilon !== undefined && { microEpsilon }),
    ...(invited !== undefined && { invited: [...invited] }), unconfirmed: [...unconfirmed], ...waiting(run),
    ...(rows !== undefined && { rows }), ...(open !== undefined && { round: open.round }), ...(code !== undefined && { code }), ...(modelSha256 !== undefined && { modelSha256 }),
  };
};

const requireRun = (held: Participation | undefined, runId: string): RunHere => {
  const run = held?.runs[runId];
  if (run === undefined) throw new DomainError('training-not-found', `no training ${runId} that this hospital was asked to take part in`, { runId });
  return run;
};

const readingEndpoints = (ports: TrainingDataPorts): readonly Endpoint[] => {
  const { participation, nodeId, files, record } = ports;
  const apartIn = async ({ invited = [] }: RunHere, partners: Partners): Promise<readonly string[]> => unconfirmedOf(invited.filter((siteId) => siteId !== nodeId), partners, await ports.directory());
  return [
    endpoint(Routes.ListTrainingsHere, async () => {
      const { state, position } = await participation.load(nodeId);
      const partners = await partnersHere(ports);
      return { version: position.version, items: await Promise.all(Object.values(state?.runs ?? {}).map(async (run) => shown(run, await apartIn(run, partners)))) };
    }),
    endpoint(Routes.ReadTrainingHere, async ({ path: { runId } }) => {
      const { state, position } = await participation.load(nodeId);
      const run = requireRun(state, runId);
      const events = await record.load<ParticipationEvent>({ kind: 'training', id: nodeId });
      const asked = events.map(({ event }) => event).find((event) => event.type === 'training-invited' && event.runId === runId);
      return { ...shown(run, await apartIn(run, await partnersHere(ports))), version: position.version, ...(asked?.type === 'training-invited' && { plan: { ...asked.plan }, planHash: asked.planHash }) };
    }),
    endpoint(Routes.ReadTrainingSet, async ({ caller, path: { runId } }) => {
      const { state } = await participation.load(nodeId);
      const { status, label = '', cohortSha256, cohortDigest, modelSha256 } = state?.runs[runId] ?? {};
      if (cohortSha256 === undefined || cohortDigest === undefined) throw new DomainError('training-not-found', `no training ${runId} in which this hospital took part`, { runId });
      if (status === 'finished' && state !== undefined && !isInSums(state, runId)) throw new DomainError('training-not-found', `training ${runId} was finished without the rows of this hospital: it was left out before the first sum`, { runId });
      const { keys, labels } = await files.rowsOf(runId, cohortSha256);
      const told = { nodeId, rowsSha256: cohortDigest, recordDigests: [...keys], positives: labels.reduce((sum, each) => sum + each, 0) };
      // What it trained is known here once this hospital heard of the end.
      if (status !== 'finished' || modelSha256 === undefined) return told;
      return tellRows(ports, caller, modelSha256, { kind: 'model-data', role: 'training', label, ...told, training: { runId, artefactSha256: modelSha256 } });
    }),
  ];
};

const declineEndpoint = (ports: TrainingDataPorts): Endpoint => endpoint(Routes.DeclineTraining, async (request) => {
  const { runId } = request.path;
  requireRun((await ports.participation.load(ports.nodeId)).state, runId);
  const sentSha256 = await ports.files.keepSent(runId, encodeMessage('refusal', { siteId: ports.nodeId, runId, round: 0, attempt: 0, code: 'training-declined' }));
  return runCommand<Participation, ParticipationEvent>(ports, {
    records: ports.participation, id: ports.nodeId, request, decide: ({ state }, signature) => declineTraining(state, runId, { reason: request.body.reason, signature: signed(signature), sentSha256 }),
  });
});

const consentEndpoint = (ports: TrainingDataPorts): Endpoint => endpoint(Routes.ConsentToTraining, async (request) => {
  const { runId } = request.path;
  requireRun((await ports.participation.load(ports.nodeId)).state, runId);
  return runCommand<Participation, ParticipationEvent>(ports, { records: ports.participation, id: ports.nodeId, request, decide: ({ state }, signature) => consentToTraining(state, runId, signed(signature)) });
});

/** Trainings this hospital was asked to take part in. */
export const runEndpoints = (ports: TrainingDataPorts): readonly Endpoint[] => [...readingEndpoints(ports), declineEndpoint(ports), consentEndpoint(ports)];
