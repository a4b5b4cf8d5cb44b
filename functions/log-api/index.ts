import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbManyItems } from '../_platform/dynamodb-many-items.ts';
import { environmentOf } from '../_platform/environment.ts';
import { readVerifierKey } from '../_platform/log-key.ts';
import { createLogPlaces } from '../_platform/log-places.ts';
import { createLogStore } from '../_platform/log-store.ts';
import { once } from '../_platform/once.ts';
import { readingPorts } from '../_platform/reading-ports.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createLinker } from '../_platform/s3-link.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['NODE_ID', 'NODE_ACCOUNT', 'LIBRARY_BUCKET', 'RECORD_TABLE', 'OPERATIONS_TABLE', 'LOG_BUCKET', 'LOG_KEY_ARN', 'LOG_ORIGIN']);
const reading = readingPorts(environment);
const log = createS3ObjectStore(s3, environment.LOG_BUCKET);
const many = createDynamoDbManyItems(dynamoDb, environment.OPERATIONS_TABLE);

export const handler = createHandler({
  ...reading, link: createLinker(s3, environment.LOG_BUCKET, reading.now), store: createLogStore({ log, staging: log, operations: reading.operations, many }), places: createLogPlaces(many), key: once(() => readVerifierKey(environment.LOG_KEY_ARN, environment.LOG_ORIGIN)),
});
