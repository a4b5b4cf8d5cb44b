import { createBirthReader } from '../_platform/births.ts';
import { environmentOf } from '../_platform/environment.ts';
import { readingPorts } from '../_platform/reading-ports.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createTelemetryReader } from '../_platform/telemetry-reader.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['NODE_ID', 'NODE_ACCOUNT', 'LIBRARY_BUCKET', 'RECORD_TABLE', 'OPERATIONS_TABLE', 'TELEMETRY_BUCKET']);
const reading = readingPorts(environment);

export const handler = createHandler({
  ...reading, batches: reading.records.batches, reader: createTelemetryReader(createS3ObjectStore(s3, environment.TELEMETRY_BUCKET), createBirthReader(reading.operations)),
});
