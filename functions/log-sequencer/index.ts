import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createLeafReader } from '../_platform/dynamodb-leaves.ts';
import { environmentOf } from '../_platform/environment.ts';
import { openLogKey } from '../_platform/log-key.ts';
import { createLogStore } from '../_platform/log-store.ts';
import { createCounter } from '../_platform/metrics.ts';
import { once } from '../_platform/once.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['NODE_ID', 'RECORD_TABLE', 'OPERATIONS_TABLE', 'LOG_BUCKET', 'LOG_STAGING_BUCKET', 'LOG_KEY_ARN', 'LOG_ORIGIN']);
const operations = createDynamoDbOperationsStore(dynamoDb, environment.OPERATIONS_TABLE);
const logKey = once(() => openLogKey(environment.LOG_KEY_ARN, environment.LOG_ORIGIN));

export const handler = createHandler({
  operations, leaves: createLeafReader(dynamoDb, environment.RECORD_TABLE), count: createCounter(environment.NODE_ID),
  store: createLogStore({ log: createS3ObjectStore(s3, environment.LOG_BUCKET), staging: createS3ObjectStore(s3, environment.LOG_STAGING_BUCKET), operations }),
  identity: async () => ({ ...await logKey(), witnesses: [], quorum: 0 }),
});
