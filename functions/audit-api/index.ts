import { createGrantSource } from '../_platform/audit-grants.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { createReadLog } from '../_platform/read-log.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['NODE_ID', 'LIBRARY_BUCKET', 'RECORD_TABLE', 'OPERATIONS_TABLE', 'DOCUMENT_BUCKET']);
const { store, records, operations, now } = nodePorts(environment);

export const handler = createHandler({
  reads: createDynamoDbOperationsStore(dynamoDb, environment.RECORD_TABLE), now, operations, record: store, batches: records.batches, readLog: createReadLog(dynamoDb, environment.RECORD_TABLE), grants: createGrantSource(createS3ObjectStore(s3, environment.LIBRARY_BUCKET), environment.NODE_ID, now), documents: createS3ObjectStore(s3, environment.DOCUMENT_BUCKET),
});
