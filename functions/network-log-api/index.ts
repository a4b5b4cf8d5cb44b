import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { createDynamoDbRecordStore } from '../_platform/dynamodb-record-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { readVerifierKey } from '../_platform/log-key.ts';
import { createLogObjects } from '../_platform/log-store.ts';
import { systemClock as now } from '../_platform/node-ports.ts';
import { once } from '../_platform/once.ts';
import { createReadLog } from '../_platform/read-log.ts';
import { refusalLogOver } from '../_platform/refusals.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createLinker } from '../_platform/s3-link.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'LOG_BUCKET', 'LOG_KEY_ARN', 'LOG_ORIGIN']);
const record = createDynamoDbRecordStore(dynamoDb, { recordTable: environment.RECORD_TABLE, operationsTable: environment.OPERATIONS_TABLE }, now);

export const handler = createHandler({
  now, record, refusals: refusalLogOver(record, now), link: createLinker(s3, environment.LOG_BUCKET, now),
  operations: createDynamoDbOperationsStore(dynamoDb, environment.OPERATIONS_TABLE), readLog: createReadLog(dynamoDb, environment.RECORD_TABLE),
  store: createLogObjects(createS3ObjectStore(s3, environment.LOG_BUCKET)), key: once(() => readVerifierKey(environment.LOG_KEY_ARN, environment.LOG_ORIGIN)),
});
