import { createBirthReader } from '../_platform/births.ts';
import { environmentOf } from '../_platform/environment.ts';
import { createGatewayReader } from '../_platform/gateways.ts';
import { createGovernedBatches } from '../_platform/governed-batches.ts';
import { createCounter } from '../_platform/metrics.ts';
import { createNodeModels } from '../_platform/node-models.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createTelemetryReader } from '../_platform/telemetry-reader.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['NODE_ID', 'RECORD_TABLE', 'OPERATIONS_TABLE', 'TELEMETRY_BUCKET', 'MODEL_BUCKET']);
const { store, records, operations, now } = nodePorts(environment);

export const handler = createHandler({
  count: createCounter(environment.NODE_ID),
  now, operations, batches: createGovernedBatches(store), gateways: createGatewayReader(operations, now), tables: records.governanceTables, reader: createTelemetryReader(createS3ObjectStore(s3, environment.TELEMETRY_BUCKET), createBirthReader(operations)),
  models: createNodeModels({ models: records.models, operations, bucket: createS3ObjectStore(s3, environment.MODEL_BUCKET) }),
});
