import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { environmentOf } from '../_platform/environment.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { createReadLog } from '../_platform/read-log.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'DOCUMENT_BUCKET', 'TELEMETRY_BUCKET']);
const { store, records, operations, now } = nodePorts(environment);

export const handler = createHandler({
  now, operations, record: store, batches: records.batches, readLog: createReadLog(dynamoDb, environment.RECORD_TABLE), documents: createS3ObjectStore(s3, environment.DOCUMENT_BUCKET), telemetry: createS3ObjectStore(s3, environment.TELEMETRY_BUCKET),
});
