import { generateKeyPairSync } from 'node:crypto';
import type { NodeGrant } from '../../shared/audit-grant/coverage.ts';
import { createGrantSource, encodeGrants, grantsKey } from '../../functions/_platform/audit-grants.ts';
import { createBirthReader } from '../../functions/_platform/births.ts';
import { createIsPublished } from '../../functions/_platform/log-coverage.ts';
import { createNodeRecords } from '../../functions/_platform/node-records.ts';
import { CONTRACTS } from '../../functions/api-document/documents.ts';
import type { ReadEntry } from '../../functions/_platform/read-log.ts';
import { createRefusalLog } from '../../functions/_platform/refusals.ts';
import { createHandler as createAuditApi } from '../../functions/audit-api/handler.ts';
import { createHandler as createBatchApi } from '../../functions/batch-api/handler.ts';
import type { TelemetryValue } from '../../functions/batch-api/ports.ts';
import { createHandler as createGovernanceApi } from '../../functions/governance-api/handler.ts';
import { createHandler as createCommander } from '../../functions/intervention-commander/handler.ts';
import { createGatewayReader } from '../../functions/_platform/gateways.ts';
import { createGovernedBatches } from '../../functions/_platform/governed-batches.ts';
import { createHandler as createLogApi } from '../../functions/log-api/handler.ts';
import { createHandler as createInspectionPack } from '../../functions/inspection-pack/handler.ts';
import type { PackFile } from '../../functions/inspection-pack/assemble.ts';
import { createEvidence } from '../../functions/inspection-pack/evidence.ts';
import type { PackStore } from '../../functions/inspection-pack/pack-store.ts';
import { createHandler as createPersonalDataApi } from '../../functions/personal-data-api/handler.ts';
import { createHandler as createRegisterApi } from '../../functions/register-api/handler.ts';
import { createHandler as createReview } from '../../functions/rpa/review/handler.ts';
import { closeTelemetry } from '../../functions/telemetry-seal/name-chunks.ts';
import { createOwnFiles } from '../../functions/federated/participate/own-files.ts';
import { PARTICIPATION, TRAINING_BUDGETS, TRAINING_PARTNERS } from '../../functions/federated/records.ts';
import { createStreamRecords } from '../../functions/_platform/stream-records.ts';
import { createTrainingRows } from '../../functions/_platform/training-rows.ts';
import { createHandler as createModelEvaluationApi } from '../../functions/model-evaluation-api/handler.ts';
import { createHandler as createTrainingDataApi } from '../../functions/training-data-api/handler.ts';
import { TRAINING_DATA } from '../../functions/training-data-api/records.ts';
import type { Budget, BudgetEvent } from '../../models/federated/private/budget.ts';
import type { Partner, PartnerEvent } from '../../models/federated/workflow/partner.ts';
import type { Participation, ParticipationEvent } from '../../models/federated/workflow/participation.ts';
import { scorerOf } from '../../functions/model-evaluation-api/scorer.ts';
import type { TrainingData, TrainingDataEvent } from '../../shared/training-data/dataset.ts';
import { DomainError } from '../../shared/errors.ts';
import { createHandler as createTelemetryApi } from '../../functions/telemetry-api/handler.ts';
import { NODE_ROUTES } from '../../shared/api/routes.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import type { Series } from '../../shared/telemetry/series.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { bedsideLabel } from '../../shared/identity/label.ts';
import { contentHashOf } from '../../shared/master-batch-record/life-cycle.ts';
import type { MasterBatchRecordContent } from '../../shared/master-batch-record/model.ts';
import { ROLES, type SignatureMeaning } from '../../shared/record/envelope.ts';
import type { Person } from '../../shared/registers/person.ts';
import { LEAST_COHORT } from '../../shared/training-data/least-cohort.ts';
import { placeOf, type Home } from '../../shared/storage/place.ts';
import { createApi, signatureOf, verifyTestToken, type Asked } from './api.ts';
import { CONTENT, NOW } from './batch-fixtures.ts';
import { createLog, linkTo } from './log.ts';
import { createMemoryObjectStore } from './memory/object-store.ts';
import { createMemoryOperationsStore } from './memory/operations-store.ts';
import { createMemoryPersonalDataStore } from './memory/personal-data-store.ts';
import { createMemoryLeafReader, createMemoryRecordStore, type MemoryRecordTable } from './memory/record-store.ts';
import { createMemoryRunRecords } from './memory/run-records.ts';
import type { TestPerson } from './people.ts';
import { certifierOf } from './statements.ts';
import { renderBatchRecord } from './render.ts';
import { putMeasured } from './telemetry/measured.ts';

/** Different bytes at every call, the same in every run. */
const HOME: Home = { id: 'north', account: '111111111111' };
const countingBytes = () => {
  let calls = 0;
  return (count: number): Uint8Array => {
    calls += 1;
    return Uint8Array.from({ length: count }, (_, i) => (calls * 31 + i * 7 + Math.floor(calls / 32) * i) % 256);
  };
};

/** A hospital node over stores in memory: its interfaces, its clock, its review robot. */
export const createNode = (content: MasterBatchRecordContent = CONTENT, ...others: readonly MasterBatchRecordContent[]) => {
  const time = { epochMs: NOW };
  const now = (): Date => new Date(time.epochMs);
  const operations = createMemoryOperationsStore();
  const table: MemoryRecordTable = new Map();
  const personalData = createMemoryPersonalDataStore();
  const store = createMemoryRecordStore(operations, now, table, personalData.items);
  const records = createNodeRecords(store);
  const documents = createMemoryObjectStore();
  const telemetryObjects = createMemoryObjectStore();
  const runs = createMemoryRunRecords();
  const log = createLog(operations);
  const reads: ReadEntry[] = [];
  const readItems = createMemoryOperationsStore();
  const readLog: { isDown: boolean } = { isDown: false };
  /** What a pack carries of the log: files put here by hand, or the log's own once there is a verifier. */
  const evidence: PackFile[] = [];
  const packs: { verifier: Uint8Array | undefined } = { verifier: undefined };
  const proven = createEvidence({ store: log.store, places: log.places, operations, key: () => Promise.resolve(log.key), verifier: () => packs.verifier ?? new Uint8Array() });
  /** Packs too large for one answer, by their key. */
  const kept = new Map<string, Uint8Array>();
  const keep: PackStore = (key, zip) => {
    kept.set(key, zip);
    return Promise.resolve({ url: `https://packs.invalid/${key}`, expiresAt: new Date(time.epochMs + 300_000).toISOString() });
  };
  const telemetry: { value: TelemetryValue | undefined } = { value: undefined };
  const recipes = [content, ...others].map((each) => ({ masterBatchRecordId: 'test', masterBatchRecordVersion: 1, contentHash: contentHashOf(each), content: each }));
  const randomBytes = countingBytes();
  /** Whom the register need not name: with `everybody`, persons a test did not register may sign as registered ones do. */
  const register: { isOpenTo: 'everybody' | 'registered' } = { isOpenTo: 'everybody' };
  /** Whether a decision on a batch waits for the checkpoint that covers it, as deployed; most tests are of something else. */
  const publication = { isAsked: false };
  const isPublished = createIsPublished({ record: store, operations, log: log.store });
  const unregistered = (personId: string): Person | undefined => (register.isOpenTo === 'registered' ? undefined : { personId, printedName: personId, roles: ROLES, standing: 'active', unconfirmedChanges: [], trainingValidUntil: {}, trainingCompletedAt: {} });
  const refusals = createRefusalLog(records.security, now);
  const command = { operations, verifyReauthentication: verifyTestToken, now, refusals, personOf: async (personId: string) => (await records.people.load(personId)).state ?? unregistered(personId) };
  /** The control site's bucket, in which the regulator of the tests has a grant for everything until a test gives others. */
  const library = createMemoryObjectStore();
  const grant = (...grants: readonly NodeGrant[]): void => { library.objects.set(grantsKey(placeOf(HOME)), encodeGrants('north', grants)); };
  grant({ grantId: 'GRANT-1', login: 'reg-1', from: '2020-01-01T00:00:00Z', until: '2040-01-01T00:00:00Z' });
  const reading = {
    now, operations, record: store, refusals, grants: (login: string) => createGrantSource(library, HOME, now)(login),
    readLog: {
      write: (entry: ReadEntry): Promise<void> => {
        if (readLog.isDown) return Promise.reject(new Error('the read log is down'));
        reads.push(entry);
        return readItems.put(keyOf.read(entry.at, entry.requestId), entry, { onlyIfAbsent: true }).then(() => undefined);
      },
    },
  };
  const trainingBucket = createMemoryObjectStore();
  const trainingRows = createTrainingRows({ bucket: trainingBucket, operations, record: store, randomBytes });
  /** Identities of the network's hospitals, as the directory has them. */
  const network = new Map(['harbour', 'hill', 'north'].map((siteId) => [siteId, generateKeyPairSync('ed25519').publicKey]));
  const participation = createStreamRecords<Participation, ParticipationEvent>(PARTICIPATION, store);
  /** Files of models at the control site, by hash. */
  const artefacts = new Map<string, string>();
  /** What this hospital's record says of models, what equipment published of a metric, and the commands that were written to it. */
  const models: { records: readonly ModelRecord[] } = { records: [] };
  const reported: { series: Series; isDown: boolean; by: string | undefined; /** What happens once a command is out. */ published?: () => Promise<unknown> } = { series: { times: [], values: [] }, isDown: false, by: 'bioreactor-1' };
  const commands: Extract<BatchEvent, Readonly<{ type: 'intervention-sent' }>>[] = [];
  const governance = { now, operations, batches: createGovernedBatches(store), gateways: createGatewayReader(operations, now), tables: records.governanceTables, models: { records: () => Promise.resolve(models.records) } };
  const commander = createCommander({
    ...governance, reader: { series: ([device]) => Promise.resolve([device?.edgeNodeId === 'gateway-1' && device.deviceId === reported.by ? reported.series : { times: [], values: [] }]) },
    publish: async (command) => {
      commands.push(command);
      await reported.published?.();
      if (reported.isDown) throw new Error('the broker is down');
    },
  });
  /** Of the hospital's file. */
  const rule = { leastCohort: LEAST_COHORT };
  /** With `false`, the API can not wake the commander. */
  const woken = { is: true };
  const datasets = createStreamRecords<TrainingData, TrainingDataEvent>(TRAINING_DATA, store);
  const call = createApi({
    'training-data-api': createTrainingDataApi({
      ...command, nodeId: 'north', record: store, participation, bucket: trainingBucket, rows: trainingRows, files: createOwnFiles(trainingBucket, randomBytes),
      partners: createStreamRecords<Partner, PartnerEvent>(TRAINING_PARTNERS, store), directory: () => Promise.resolve(network),
      budgets: createStreamRecords<Budget, BudgetEvent>(TRAINING_BUDGETS, store),
      datasets, certify: certifierOf('north'),
    }),
    'model-evaluation-api': createModelEvaluationApi({
      ...command, nodeId: 'north', get leastCohort() { return rule.leastCohort; }, record: store, bucket: trainingBucket, rows: trainingRows, datasets, certify: certifierOf('north'),
      artefact: (sha256) => Promise.resolve().then(() => {
        const text = artefacts.get(sha256);
        if (text === undefined) throw new DomainError('model-not-found', `no artefact ${sha256} here`);
        return scorerOf(text);
      }),
    }),
    'governance-api': createGovernanceApi({
      ...command, ...governance, modelUse: records.models, wakeCommander: async (batchId) => {
        if (!woken.is) throw new Error('the commander is busy');
        await commander({ batchId }, { awsRequestId: 'r-1' } as never);
      },
    }),
    'batch-api': createBatchApi({
      ...command, nodeId: 'north', records, labels: bedsideLabel, randomBytes, plan: store.plan,
      isPublished: async (stream, version) => (publication.isAsked ? isPublished(stream, version) : true),
      effectiveRecipe: (productId) => Promise.resolve(recipes.find((each) => each.content.productId === productId)), telemetryStatistic: () => Promise.resolve(telemetry.value),
    }),
    'register-api': createRegisterApi({ ...command, records, randomBytes }),
    'personal-data-api': createPersonalDataApi({ ...command, ...reading, records, personalData, randomBytes }),
    'audit-api': createAuditApi({ ...reading, reads: readItems, batches: records.batches, documents, telemetry: telemetryObjects }),
    'log-api': createLogApi({ ...reading, link: linkTo(now), store: log.store, places: log.places, key: () => Promise.resolve(log.key) }),
    'inspection-pack': createInspectionPack({ ...reading, keep, telemetry: telemetryObjects, render: renderBatchRecord, evidence: (events, people) => (packs.verifier === undefined ? Promise.resolve({ events, people, files: evidence }) : proven(events, people)) }),
    'telemetry-api': createTelemetryApi({ ...reading, batches: records.batches, reader: { series: () => Promise.resolve([{ times: [], values: [] }]) } }),
  }, NODE_ROUTES, CONTRACTS.node);
  const review = createReview({ batches: records.batches, runs, now });

  const batch = async (batchId: string): Promise<Batch> => (await records.batches.load(batchId)).state!;
  const sign = (person: TestPerson, meaning: SignatureMeaning, version: number, ageMs = 5000) => signatureOf(person, meaning, version, time.epochMs - ageMs);
  return {
    rule,
    models, reported, commands, woken, command: (): Promise<unknown> => commander({}, { awsRequestId: 'r-1' } as never),
    publication, network, datasets, trainingBucket, trainingRows, participation, artefacts, log, library, grant, readItems, time, now, register, operations, table, personalData, leaves: createMemoryLeafReader(table), store, records, documents, runs, reads, readLog, evidence, packs, kept, telemetry, telemetryObjects, call, sign, batch,
    /** Its critical parameters were measured all the time. */
    closeTelemetry: async (batchId: string) => {
      await putMeasured(telemetryObjects, await batch(batchId));
      return closeTelemetry({ objects: telemetryObjects, operations, births: createBirthReader(operations), batches: records.batches, now }, batchId);
    },
    review: (batchId: string) => review({ batchId }, { awsRequestId: 'r-1' } as never),
    /** Ask, and have it accepted. */
    ok: async (person: TestPerson, routeKey: string, asked: Asked = {}): Promise<Record<string, unknown>> => {
      const { status, body } = await call(person, routeKey, asked);
      if (status >= 400) throw new Error(`${routeKey} answered ${status}: ${JSON.stringify(body)}`);
      return body;
    },
    /** Everything a site holds but its security events, as one value to compare. */
    held: async (...batchIds: readonly string[]) => structuredClone({
      items: [...operations.items.entries()].filter(([place]) => !/security#/i.test(place) && !place.includes('SUMMARY#SECURITY')), personalData: [...personalData.items.entries()],
      batches: await Promise.all(batchIds.map((id) => store.load({ kind: 'batch', id }))),
    }),
  };
};
export type TestNode = ReturnType<typeof createNode>;
