import { createBirthReader } from '../_platform/births.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createReadLog } from '../_platform/read-log.ts';
import { s3 } from '../_platform/s3-client.ts';
import { environmentOf } from '../_platform/environment.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createTelemetryReader } from '../_platform/telemetry-reader.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'TELEMETRY_BUCKET']);
const { records, operations, now } = nodePorts(environment);

export const handler = createHandler({
  batches: records.batches, operations, now, readLog: createReadLog(dynamoDb, environment.RECORD_TABLE), reader: createTelemetryReader(createS3ObjectStore(s3, environment.TELEMETRY_BUCKET), createBirthReader(operations)),
});
