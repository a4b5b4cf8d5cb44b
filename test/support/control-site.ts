import { createGrantPublisher } from '../../functions/_platform/publish-grants.ts';
import { networkKeyOf, type NetworkStatusMessage } from '../../functions/_platform/network-status.ts';
import { placesOf, type NodeRegister } from '../../functions/_platform/node-register.ts';
import type { ReadEntry } from '../../functions/_platform/read-log.ts';
import { createStreamRecords } from '../../functions/_platform/stream-records.ts';
import { CONTRACTS } from '../../functions/api-document/documents.ts';
import { createHandler as createCoordinatorApi } from '../../functions/coordinator-api/handler.ts';
import { AUDIT_GRANTS } from '../../functions/coordinator-api/records.ts';
import { createHandler as createNetworkLogApi } from '../../functions/network-log-api/handler.ts';
import { createLogPlaces } from '../../functions/_platform/log-places.ts';
import { createLogStore } from '../../functions/_platform/log-store.ts';
import { refusalLogOver, type RefusalLog } from '../../functions/_platform/refusals.ts';
import { createHandler as createLibraryApi } from '../../functions/library-api/handler.ts';
import { MASTER_BATCH_RECORDS } from '../../functions/library-api/records.ts';
import { createHandler as createModelRegistryApi } from '../../functions/model-registry-api/handler.ts';
import { createModelPublisher } from '../../functions/model-registry-api/publish.ts';
import { createTestPublisher } from '../../functions/model-registry-api/publish-tests.ts';
import { MODELS, TEST_DATA } from '../../functions/model-registry-api/records.ts';
import { createHandler as createTrainingApi } from '../../functions/training-api/handler.ts';
import { TRAININGS } from '../../functions/federated/records.ts';
import type { Training, TrainingEvent } from '../../models/federated/workflow/coordination.ts';
import { PEOPLE as PEOPLE_RECORDS } from '../../functions/_platform/people.ts';
import { createPublisher } from '../../functions/library-api/publish.ts';
import type { AuditGrant, AuditGrantEvent } from '../../shared/audit-grant/grant.ts';
import type { ModelEvent } from '../../shared/model-registry/events.ts';
import type { Model } from '../../shared/model-registry/model.ts';
import type { TestData, TestDataEvent } from '../../shared/model-registry/test-data.ts';
import type { Person, PersonEvent } from '../../shared/registers/person.ts';
import { NETWORK_ROUTES } from '../../shared/api/routes.ts';
import type { MasterBatchRecord, MasterBatchRecordEvent } from '../../shared/master-batch-record/life-cycle.ts';
import { ROLES, type SignatureMeaning } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { linkTo } from './log.ts';
import { createApi, signatureOf, verifyTestToken } from './api.ts';
import { NOW } from './batch-fixtures.ts';
import { createMemoryObjectStore } from './memory/object-store.ts';
import { createMemoryOperationsStore } from './memory/operations-store.ts';
import { createMemoryLeafReader, createMemoryRecordStore, type MemoryRecordTable } from './memory/record-store.ts';
import { PEOPLE, type TestPerson } from './people.ts';
import { controlSeal } from './publications.ts';
import { identitiesOf } from './statements.ts';
import { siteKeys, siteSigners } from './site-keys.ts';

export const NODES: NodeRegister = [
  { id: 'north', name: 'North Hospital', account: '111111111111', region: 'eu-west-2', country: 'GB' }, { id: 'hill', name: 'Hill Hospital', account: '222222222222', region: 'eu-central-1' },
];

/** The control site over stores in memory. */
export const createControlSite = () => {
  const time = { epochMs: NOW };
  const now = (): Date => new Date(time.epochMs);
  const operations = createMemoryOperationsStore();
  const witnessTable = createMemoryOperationsStore();
  const table: MemoryRecordTable = new Map();
  const history = createMemoryRecordStore(operations, now, table);
  const logObjects = createMemoryObjectStore();
  const { log: logSigner } = siteSigners('control');
  const log = { objects: logObjects, places: createLogPlaces(operations), ...logSigner, store: createLogStore({ log: logObjects, staging: createMemoryObjectStore(), operations, many: operations }) };
  const library = createMemoryObjectStore();
  const records = createStreamRecords<MasterBatchRecord, MasterBatchRecordEvent>(MASTER_BATCH_RECORDS, history);
  const publisher = createPublisher({ library, operations, records });
  const grants = createStreamRecords<AuditGrant, AuditGrantEvent>(AUDIT_GRANTS, history);
  const publishGrants = createGrantPublisher({ operations, library, placeOf: placesOf(NODES), now });
  const bucket = createMemoryObjectStore();
  const models = createStreamRecords<Model, ModelEvent>(MODELS, history);
  const testData = createStreamRecords<TestData, TestDataEvent>(TEST_DATA, history);
  const seal = controlSeal();
  const publishModels = createModelPublisher({ bucket, seal, operations, models });
  const publishTests = createTestPublisher({ bucket, seal, operations, models, testData });
  /** Hospitals that may be invited to a training. */
  const directory = ['harbour', 'hill', 'north'];
  const trainings = createStreamRecords<Training, TrainingEvent>(TRAININGS, history);
  /** Hospitals in the sums of finished trainings. */
  const runs = new Map<string, readonly string[]>([['TRN-1', ['hill', 'north']]]);
  /** When they were planned. */
  const runsBegan = { epochMs: NOW };
  const people = createStreamRecords<Person, PersonEvent>(PEOPLE_RECORDS, history);
  /** Whom the register need not name: with `everybody`, persons a test did not register may sign as registered ones do. */
  const register: { isOpenTo: 'everybody' | 'registered' } = { isOpenTo: 'everybody' };
  const unregistered = (personId: string): Person | undefined => (register.isOpenTo === 'registered' ? undefined : { personId, printedName: personId, roles: ROLES, standing: 'active', unconfirmedChanges: [], trainingValidUntil: {}, trainingCompletedAt: {} });
  const personOf = async (personId: string): Promise<Person | undefined> => (await people.load(personId)).state ?? unregistered(personId);
  /** Names of the workflows that were started, by run. */
  const workflows: string[] = [];
  const reads: ReadEntry[] = [];
  const readItems = createMemoryOperationsStore();
  const readLog = {
    isDown: false,
    write: async (entry: ReadEntry): Promise<void> => {
      if (readLog.isDown) throw new Error('the read log is down');
      reads.push(entry);
      await readItems.put(keyOf.read(entry.at, entry.requestId), entry);
    },
  };
  /** Whether refused attempts go on record, as deployed; most tests look at what a refusal left untouched. */
  const refusing = { isKept: false };
  const kept = refusalLogOver(history, now);
  const refusals: RefusalLog = { note: (refused) => (refusing.isKept ? kept.note(refused) : Promise.resolve()) };
  /** Let a login read at hospitals, as the coordinator does. */
  const grant = (terms: Partial<AuditGrant> = {}) => operations.put(keyOf.summary('audit-grant', terms.grantId ?? 'TEST'), {
    grantId: 'TEST', login: PEOPLE.regulator.id.toLowerCase(), nodeIds: NODES.map(({ id }) => id), from: new Date(NOW - 1).toISOString(), until: new Date(NOW + 90 * 86_400_000).toISOString(), reason: 'inspection', grantedAt: new Date(NOW).toISOString(), grantedBy: PEOPLE.coordinator.name, ...terms,
  });
  const call = createApi({
    'training-api': createTrainingApi({
      refusals, now, history, operations, readLog, trainings, personOf, verifyReauthentication: verifyTestToken, nodeIds: () => Promise.resolve(directory),
      startWorkflow: (runId, name) => { if (!workflows.includes(`${runId} ${name}`)) workflows.push(`${runId} ${name}`); return Promise.resolve(); },
    }),
    'library-api': createLibraryApi({ refusals, now, history, operations, readLog, records, publisher, personOf, verifyReauthentication: verifyTestToken }),
    'model-registry-api': createModelRegistryApi({ refusals, now, history, operations, readLog, models, testData, bucket, identities: () => Promise.resolve(identitiesOf('north', 'hill')), runOf: (runId) => { const siteIds = runs.get(runId); return Promise.resolve(siteIds === undefined ? undefined : { siteIds, startedAtEpochMs: runsBegan.epochMs }); }, publishTests, publish: publishModels, personOf, verifyReauthentication: verifyTestToken }),
    'coordinator-api': createCoordinatorApi({
      refusals, now, operations, record: history, readLog, reads: readItems, people, grants, nodes: NODES, library, table: witnessTable, ownKeys: () => Promise.resolve(siteKeys('control')), publish: publishGrants, personOf, verifyReauthentication: verifyTestToken,
    }),
    'network-log-api': createNetworkLogApi({ link: linkTo(now), refusals, now, operations, record: history, readLog, store: log.store, key: () => Promise.resolve(log.key) }),
  }, NETWORK_ROUTES, CONTRACTS.network);
  return {
    runs, runsBegan, directory, refusing, time, now, log, readLog, table, people, register, leaves: createMemoryLeafReader(table), trainings, workflows, operations, reads, grant, bucket, seal, models, testData, publishModels, witnessTable, history, library, records, publisher, grants, publishGrants, call,
    sign: (person: TestPerson, meaning: SignatureMeaning, version: number) => signatureOf(person, meaning, version, time.epochMs - 5000),
    keep: (status: NetworkStatusMessage) => operations.put(networkKeyOf.batch(status.nodeId, status.batchId), status),
    held: async (...ids: readonly string[]) => structuredClone({ items: [...operations.items.entries()], records: await Promise.all(ids.map((id) => history.load({ kind: 'master-batch-record', id }))), grants: await Promise.all(ids.map((id) => history.load({ kind: 'audit-grant', id }))), models: await Promise.all(ids.map((id) => history.load({ kind: 'model', id }))), testData: await Promise.all(ids.map((id) => history.load({ kind: 'test-data', id }))), people: await Promise.all(ids.map((id) => history.load({ kind: 'person', id }))), published: [...library.objects], files: [...bucket.objects] }),
  };
};
export type ControlSite = ReturnType<typeof createControlSite>;
