import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { environmentOf } from '../_platform/environment.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { createRefusalLog } from '../_platform/refusals.ts';
import { createReadLog } from '../_platform/read-log.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'DOCUMENT_BUCKET']);
const { store, records, operations, now } = nodePorts(environment);

export const handler = createHandler({
  now, operations, refusals: createRefusalLog(records.security, now), record: store, batches: records.batches, readLog: createReadLog(dynamoDb, environment.RECORD_TABLE), documents: createS3ObjectStore(s3, environment.DOCUMENT_BUCKET),
});
