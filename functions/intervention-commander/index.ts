import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { writeCommand } from '../../shared/telemetry/command.ts';
import { createBirthReader } from '../_platform/births.ts';
import { environmentOf } from '../_platform/environment.ts';
import { createGatewayReader } from '../_platform/gateways.ts';
import { createGovernedBatches } from '../_platform/governed-batches.ts';
import { createNodeModels } from '../_platform/node-models.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { once } from '../_platform/once.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createTelemetryReader } from '../_platform/telemetry-reader.ts';
import { createHandler } from './handler.ts';

const { NODE_ID, TELEMETRY_BUCKET, MODEL_BUCKET, ...tables } = environmentOf(['NODE_ID', 'RECORD_TABLE', 'OPERATIONS_TABLE', 'TELEMETRY_BUCKET', 'MODEL_BUCKET']);
const { store, records, operations, now } = nodePorts(tables);
const iot = once(() => new IoTDataPlaneClient({}));
const births = createBirthReader(operations);

export const handler = createHandler({
  now, operations, batches: createGovernedBatches(store), gateways: createGatewayReader(operations, now), tables: records.governanceTables, reader: createTelemetryReader(createS3ObjectStore(s3, TELEMETRY_BUCKET), births),
  models: createNodeModels({ models: records.models, operations, bucket: createS3ObjectStore(s3, MODEL_BUCKET) }),
  publish: async ({ command, edgeNodeId, deviceId, metric, value }) => {
    const sentAtEpochMs = now().getTime();
    const declared = (await births.bookOf({ edgeNodeId, deviceId, sinceEpochMs: sentAtEpochMs })).sessionAt(deviceId, sentAtEpochMs)?.byName.get(metric)?.datatype;
    const topic = ['spBv1.0', NODE_ID, command, edgeNodeId, ...(deviceId === undefined ? [] : [deviceId])].join('/');
    await iot().send(new PublishCommand({ topic, qos: 0, payload: writeCommand(sentAtEpochMs, metric, value, declared) }));
  },
});
