import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { readingPorts } from '../_platform/reading-ports.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['NODE_ID', 'NODE_ACCOUNT', 'LIBRARY_BUCKET', 'RECORD_TABLE', 'OPERATIONS_TABLE', 'DOCUMENT_BUCKET', 'TELEMETRY_BUCKET']);
const reading = readingPorts(environment);

export const handler = createHandler({
  ...reading, reads: createDynamoDbOperationsStore(dynamoDb, environment.RECORD_TABLE), batches: reading.records.batches,
  documents: createS3ObjectStore(s3, environment.DOCUMENT_BUCKET), telemetry: createS3ObjectStore(s3, environment.TELEMETRY_BUCKET),
});
