import { createHash } from 'node:crypto';
import { declineTraining, type Participation, type ParticipationEvent } from '../../models/federated/workflow/participation.ts';
import { encodeMessage } from '../../models/federated/workflow/wire.ts';
import { DomainError } from '../../shared/errors.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { importTrainingData, requireDataset, type TrainingData, type TrainingDataEvent } from '../../shared/training-data/dataset.ts';
import { runCommand, signed, type CommandPorts } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { http } from '../_platform/http.ts';
import type { ObjectStore, OperationsStore, RecordStore } from '../_platform/ports.ts';
import type { RefusalLog } from '../_platform/refusals.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import { datasetObject, encodeDataset, type TrainingRows } from '../_platform/training-rows.ts';
import type { OwnFiles } from '../federated/participate/own-files.ts';
import type { Budget, BudgetEvent } from '../../models/federated/private/budget.ts';
import { budgetEndpoints } from './budgets.ts';
import { distributionsEndpoint } from './drift.ts';
import { judgingEndpoints } from './judge.ts';
import * as Routes from './schema.ts';
import type { Scorer } from './scorer.ts';
import type { StatementPorts } from './statements.ts';

export type TrainingDataPorts = CommandPorts & Readonly<{
  nodeId: string;
  datasets: StreamRecords<TrainingData, TrainingDataEvent>;
  participation: StreamRecords<Participation, ParticipationEvent>;
  budgets: StreamRecords<Budget, BudgetEvent>;
  operations: OperationsStore;
  record: Pick<RecordStore, 'load'>;
  bucket: Pick<ObjectStore, 'get' | 'put'>;
  certify: StatementPorts['certify'];
  rows: TrainingRows;
  files: OwnFiles;
  /** A model by the hash of its file. @throws DomainError `model-not-found`, `model-tampered` */
  artefact(sha256: string): Promise<Scorer>;
  refusals?: RefusalLog;
}>;

const importEndpoint = (ports: TrainingDataPorts): Endpoint => endpoint(Routes.ImportTrainingData, async (request) => {
  const { rows: given, signature: _, ...dataset } = request.body;
  const digests = await ports.rows.digests(given.map(({ recordId }) => recordId));
  const rows = given.map(({ label, values, subgroups }, i) => ({ recordDigest: digests[i] ?? '', label, values, subgroups: subgroups ?? [] }));
  const bytes = encodeDataset(rows);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const known = await ports.rows.knownDigests();
  requireDataset({ ...dataset, rows });
  // The object first: an event that names rows nobody has would be worse than rows that nothing names.
  await ports.bucket.put(datasetObject(sha256), bytes, { contentType: 'application/json' });
  return runCommand<TrainingData, TrainingDataEvent>(ports, {
    records: ports.datasets, id: dataset.datasetId, request, decide: ({ state }, signature) => importTrainingData(state, { ...dataset, sha256, rows }, known, signed(signature)),
  });
});

type DatasetSummary = Readonly<{ dataset?: NonNullable<TrainingData['dataset']> }>;

const readingEndpoints = ({ operations, participation, nodeId, files }: TrainingDataPorts): readonly Endpoint[] => [
  endpoint(Routes.ListTrainingData, async ({ query: { limit, cursor } }) => {
    const { items, ...page } = await operations.list<DatasetSummary>(keyOf.summary('training-data', '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) });
    return { ...page, items: items.flatMap(({ dataset }) => (dataset === undefined ? [] : [{ ...dataset, features: [...dataset.features] }])) };
  }),
  endpoint(Routes.ListTrainingsHere, async () => {
    const { state, position } = await participation.load(nodeId);
    return {
      version: position.version,
      items: Object.values(state?.runs ?? {}).map(({ runId, title, status, joinsAtEpochMs, rows, open, code, modelSha256 }) => ({ runId, title, status, ...(status === 'invited' && joinsAtEpochMs !== undefined && { joinsAt: new Date(joinsAtEpochMs).toISOString() }), ...(rows !== undefined && { rows }), ...(open !== undefined && { round: open.round }), ...(code !== undefined && { code }), ...(modelSha256 !== undefined && { modelSha256 }) })),
    };
  }),
  endpoint(Routes.ReadTrainingSet, async ({ path: { runId } }) => {
    const { cohortSha256, cohortDigest } = (await participation.load(nodeId)).state?.runs[runId] ?? {};
    if (cohortSha256 === undefined || cohortDigest === undefined) throw new DomainError('training-not-found', `no training ${runId} in which this hospital took part`, { runId });
    return { nodeId, rowsSha256: cohortDigest, recordDigests: [...(await files.rowsOf(runId, cohortSha256)).keys] };
  }),
];

const declineEndpoint = (ports: TrainingDataPorts): Endpoint => endpoint(Routes.DeclineTraining, async (request) => {
  const { runId } = request.path;
  if ((await ports.participation.load(ports.nodeId)).state?.runs[runId] === undefined) throw new DomainError('training-not-found', `no training ${runId} that this hospital was asked to take part in`, { runId });
  const sentSha256 = await ports.files.keepSent(runId, encodeMessage('refusal', { siteId: ports.nodeId, runId, round: 0, attempt: 0, code: 'training-declined' }));
  return runCommand<Participation, ParticipationEvent>(ports, {
    records: ports.participation, id: ports.nodeId, request, decide: ({ state }, signature) => declineTraining(state, runId, { reason: request.body.reason, signature: signed(signature), sentSha256 }),
  });
});

/** A hospital's data for models, its part in trainings, and what a model makes of its rows. */
export const createHandler = (ports: TrainingDataPorts) =>
  http([importEndpoint(ports), ...readingEndpoints(ports), declineEndpoint(ports), ...budgetEndpoints(ports), ...judgingEndpoints(ports), distributionsEndpoint(ports)], ports.refusals, async (personId) => ports.personOf(personId));
