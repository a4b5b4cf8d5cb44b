import { randomBytes } from 'node:crypto';
import { bedsideLabel } from '../../shared/identity/label.ts';
import { createBirthReader } from '../_platform/births.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { createDynamoDbRecordStore } from '../_platform/dynamodb-record-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { readEffectiveRecipe } from '../_platform/library.ts';
import { createIsPublished } from '../_platform/log-coverage.ts';
import { createLogObjects } from '../_platform/log-store.ts';
import { createProductionRecords } from '../_platform/production-records.ts';
import { personOf } from '../_platform/people.ts';
import { createRefusalLog } from '../_platform/refusals.ts';
import { createReauthenticationVerifier } from '../_platform/reauthentication.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createTelemetryReader } from '../_platform/telemetry-reader.ts';
import { createTelemetryStatistic } from '../_platform/telemetry-statistic.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['NODE_ID', 'RECORD_TABLE', 'OPERATIONS_TABLE', 'LIBRARY_BUCKET', 'TELEMETRY_BUCKET', 'LOG_BUCKET', 'ISSUER_URL', 'USER_POOL_CLIENT_ID']);
const now = (): Date => new Date();
const operations = createDynamoDbOperationsStore(dynamoDb, environment.OPERATIONS_TABLE);
const store = createDynamoDbRecordStore(dynamoDb, { recordTable: environment.RECORD_TABLE, operationsTable: environment.OPERATIONS_TABLE }, now);
const records = createProductionRecords(store);
const library = createS3ObjectStore(s3, environment.LIBRARY_BUCKET);

export const handler = createHandler({
  nodeId: environment.NODE_ID, now, operations, labels: bedsideLabel, randomBytes, plan: store.plan,
  records, personOf: personOf(records), refusals: createRefusalLog(records.security, now),
  isPublished: createIsPublished({ record: store, operations, log: createLogObjects(createS3ObjectStore(s3, environment.LOG_BUCKET)) }),
  effectiveRecipe: (productId) => readEffectiveRecipe(library, productId),
  telemetryStatistic: createTelemetryStatistic(createTelemetryReader(createS3ObjectStore(s3, environment.TELEMETRY_BUCKET), createBirthReader(operations))),
  verifyReauthentication: createReauthenticationVerifier(environment.ISSUER_URL, environment.USER_POOL_CLIENT_ID),
});
