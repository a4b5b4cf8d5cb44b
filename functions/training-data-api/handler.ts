import { createHash } from 'node:crypto';
import type { Participation, ParticipationEvent } from '../../models/federated/workflow/participation.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { importTrainingData, requireDataset, type TrainingData, type TrainingDataEvent } from '../../shared/training-data/dataset.ts';
import { runCommand, signed, type CommandPorts } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import type { StatementPorts } from '../_platform/hospital-statements.ts';
import { http } from '../_platform/http.ts';
import type { ObjectStore, OperationsStore, RecordStore } from '../_platform/ports.ts';
import type { RefusalLog } from '../_platform/refusals.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import { toldRoles } from '../_platform/told-rows.ts';
import { datasetObject, encodeDataset, type TrainingRows } from '../_platform/training-rows.ts';
import type { OwnFiles } from '../federated/participate/own-files.ts';
import type { Budget, BudgetEvent } from '../../models/federated/private/budget.ts';
import { budgetEndpoints } from './budgets.ts';
import { partnerEndpoints, type PartnerPorts } from './partners.ts';
import { runEndpoints } from './runs.ts';
import * as Routes from './schema.ts';

export type TrainingDataPorts = CommandPorts & PartnerPorts & Readonly<{
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
  refusals?: RefusalLog;
}>;

const importEndpoint = (ports: TrainingDataPorts): Endpoint => endpoint(Routes.ImportTrainingData, async (request) => {
  const { rows: given, signature: _, ...dataset } = request.body;
  const digests = await ports.rows.digests(given.map(({ recordId }) => recordId));
  const rows = given.map(({ label, values, subgroups }, i) => ({ recordDigest: digests[i] ?? '', label, values, subgroups: subgroups ?? [] }));
  const bytes = encodeDataset(rows);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const [known, told] = [await ports.rows.knownDigests(), await toldRoles(ports)];
  requireDataset({ ...dataset, rows });
  // The object first: an event that names rows nobody has would be worse than rows that nothing names.
  await ports.bucket.put(datasetObject(sha256), bytes, { contentType: 'application/json' });
  return runCommand<TrainingData, TrainingDataEvent>(ports, {
    records: ports.datasets, id: dataset.datasetId, request, decide: ({ state }, signature) => importTrainingData(state, { ...dataset, sha256, rows }, { known, told }, signed(signature)),
  });
});

type DatasetSummary = Readonly<{ dataset?: NonNullable<TrainingData['dataset']> }>;

const readingEndpoints = ({ operations }: TrainingDataPorts): readonly Endpoint[] => [
  endpoint(Routes.ListTrainingData, async ({ query: { limit, cursor } }) => {
    const { items, ...page } = await operations.list<DatasetSummary>(keyOf.summary('training-data', '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) });
    return { ...page, items: items.flatMap(({ dataset }) => (dataset === undefined ? [] : [{ ...dataset, features: [...dataset.features] }])) };
  }),
];

/** A hospital's data for models, and its part in trainings. */
export const createHandler = (ports: TrainingDataPorts) =>
  http([importEndpoint(ports), ...readingEndpoints(ports), ...runEndpoints(ports), ...budgetEndpoints(ports), ...partnerEndpoints(ports)], ports.refusals, async (personId) => ports.personOf(personId));
