import type { ModelEvent } from '../../shared/model-registry/events.ts';
import type { Model } from '../../shared/model-registry/model.ts';
import type { TestData, TestDataEvent } from '../../shared/model-registry/test-data.ts';
import { CONTROL_SITE, logOriginOf } from '../../shared/audit-log/directory.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { createDynamoDbRecordStore } from '../_platform/dynamodb-record-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { readVerifierKey, signWith } from '../_platform/log-key.ts';
import { once } from '../_platform/once.ts';
import { systemClock } from '../_platform/node-ports.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createStreamRecords } from '../_platform/stream-records.ts';
import { createModelPublisher } from '../model-registry-api/publish.ts';
import { createTestPublisher } from '../model-registry-api/publish-tests.ts';
import { MODELS, TEST_DATA } from '../model-registry-api/records.ts';
import { createHandler } from './handler.ts';

const { RECORD_TABLE, OPERATIONS_TABLE, MODEL_BUCKET, LOG_KEY_ARN } = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'MODEL_BUCKET', 'LOG_KEY_ARN']);
const seal = { key: once(() => readVerifierKey(LOG_KEY_ARN, logOriginOf(CONTROL_SITE))), sign: signWith(LOG_KEY_ARN) };
const store = createDynamoDbRecordStore(dynamoDb, { recordTable: RECORD_TABLE, operationsTable: OPERATIONS_TABLE }, systemClock);
const models = createStreamRecords<Model, ModelEvent>(MODELS, store);
const ports = { seal, bucket: createS3ObjectStore(s3, MODEL_BUCKET), operations: createDynamoDbOperationsStore(dynamoDb, OPERATIONS_TABLE), models };
const [publish, publishTests] = [createModelPublisher(ports), createTestPublisher({ ...ports, testData: createStreamRecords<TestData, TestDataEvent>(TEST_DATA, store) })];

export const handler = createHandler(async () => {
  const isMended = await publish();
  return await publishTests() || isMended;
});
