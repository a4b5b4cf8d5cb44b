import { sitesInSums, type Training, type TrainingEvent } from '../../models/federated/workflow/coordination.ts';
import type { ModelEvent } from '../../shared/model-registry/events.ts';
import type { Model } from '../../shared/model-registry/model.ts';
import type { TestData, TestDataEvent } from '../../shared/model-registry/test-data.ts';
import type { Person, PersonEvent } from '../../shared/registers/person.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { createDynamoDbRecordStore } from '../_platform/dynamodb-record-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { readIdentities } from '../_platform/identities.ts';
import { createModelPublishCall } from '../model-publish/call.ts';
import { systemClock as now } from '../_platform/node-ports.ts';
import { PEOPLE, personOf } from '../_platform/people.ts';
import { createReadLog } from '../_platform/read-log.ts';
import { createReauthenticationVerifier } from '../_platform/reauthentication.ts';
import { s3 } from '../_platform/s3-client.ts';
import { refusalLogOver } from '../_platform/refusals.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createStreamRecords } from '../_platform/stream-records.ts';
import { TRAININGS } from '../federated/records.ts';
import { createHandler } from './handler.ts';
import { MODELS, TEST_DATA } from './records.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'MODEL_BUCKET', 'WITNESS_TABLE', 'MODEL_PUBLISH_FUNCTION', 'ISSUER_URL', 'USER_POOL_CLIENT_ID']);
const history = createDynamoDbRecordStore(dynamoDb, { recordTable: environment.RECORD_TABLE, operationsTable: environment.OPERATIONS_TABLE }, now);
const operations = createDynamoDbOperationsStore(dynamoDb, environment.OPERATIONS_TABLE);
const models = createStreamRecords<Model, ModelEvent>(MODELS, history);
const testData = createStreamRecords<TestData, TestDataEvent>(TEST_DATA, history);
const trainings = createStreamRecords<Training, TrainingEvent>(TRAININGS, history);
const witnessTable = createDynamoDbOperationsStore(dynamoDb, environment.WITNESS_TABLE);
const bucket = createS3ObjectStore(s3, environment.MODEL_BUCKET);
const publish = createModelPublishCall(environment.MODEL_PUBLISH_FUNCTION);

export const handler = createHandler({
  now, history, operations, models, bucket, readLog: createReadLog(dynamoDb, environment.RECORD_TABLE), refusals: refusalLogOver(history, now), testData, identities: () => readIdentities(witnessTable), runOf: async (runId) => { const { state } = await trainings.load(runId); const siteIds = state === undefined ? undefined : sitesInSums(state); return state === undefined || siteIds === undefined ? undefined : { siteIds, startedAtEpochMs: state.startedAtEpochMs }; }, publishTests: publish, publish,
  personOf: personOf({ people: createStreamRecords<Person, PersonEvent>(PEOPLE, history) }),
  verifyReauthentication: createReauthenticationVerifier(environment.ISSUER_URL, environment.USER_POOL_CLIENT_ID),
});
