import { createBirthReader } from '../_platform/births.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbManyItems } from '../_platform/dynamodb-many-items.ts';
import { s3 } from '../_platform/s3-client.ts';
import { environmentOf } from '../_platform/environment.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['NODE_ID', 'RECORD_TABLE', 'OPERATIONS_TABLE', 'TELEMETRY_BUCKET']);
const { records, operations, now } = nodePorts(environment);

export const handler = createHandler({
  nodeId: environment.NODE_ID, objects: createS3ObjectStore(s3, environment.TELEMETRY_BUCKET), operations: { ...operations, putMany: createDynamoDbManyItems(dynamoDb, environment.OPERATIONS_TABLE).putMany }, births: createBirthReader(operations), batches: records.batches, now,
});
