import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { LookedAhead, Question } from '../look-ahead/handler.ts';
import { createBirthReader } from '../_platform/births.ts';
import { environmentOf } from '../_platform/environment.ts';
import { createGatewayReader } from '../_platform/gateways.ts';
import { createGovernedBatches } from '../_platform/governed-batches.ts';
import { archiveName } from '../_platform/model-objects.ts';
import { createInvoke } from '../_platform/invoke.ts';
import { createNodeModels } from '../_platform/node-models.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { once } from '../_platform/once.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createTelemetryReader } from '../_platform/telemetry-reader.ts';
import { csvRow, probabilityOf } from './endpoint-row.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'TELEMETRY_BUCKET', 'MODEL_BUCKET', 'PREDICTION_ENDPOINT', 'MODEL_SHA256', 'EXAMPLE_MODEL', 'LOOK_AHEAD_FUNCTION']);
const { store, records, operations, now } = nodePorts(environment);
const runtime = once(() => new SageMakerRuntimeClient({}));
const births = createBirthReader(operations);

export const handler = createHandler({
  now, operations, births, batches: createGovernedBatches(store), gateways: createGatewayReader(operations, now), tables: records.governanceTables, reader: createTelemetryReader(createS3ObjectStore(s3, environment.TELEMETRY_BUCKET), births),
  models: createNodeModels({ models: records.models, operations, bucket: createS3ObjectStore(s3, environment.MODEL_BUCKET) }),
  lookAhead: createInvoke<Question, LookedAhead>(environment.LOOK_AHEAD_FUNCTION),
  ...(environment.EXAMPLE_MODEL === 'speaks' && { example: { name: 'early-prediction', sha256: environment.MODEL_SHA256 } }),
  ask: async (sha256, features) => {
    const { Body } = await runtime().send(new InvokeEndpointCommand({ EndpointName: environment.PREDICTION_ENDPOINT, TargetModel: archiveName(sha256), ContentType: 'text/csv', Accept: 'text/csv', Body: csvRow(features) }));
    return probabilityOf(Buffer.from(Body).toString('utf8'));
  },
});
