import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { rebirthCommand } from '../../shared/telemetry/command.ts';
import { MINUTE_MS } from '../../shared/telemetry/minute.ts';
import { createArchivedBirths, createBirths } from '../_platform/births.ts';
import { s3 } from '../_platform/s3-client.ts';
import { environmentOf } from '../_platform/environment.ts';
import { createCounter } from '../_platform/metrics.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { once } from '../_platform/once.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['NODE_ID', 'RECORD_TABLE', 'OPERATIONS_TABLE', 'TELEMETRY_BUCKET', 'DEVICE_CLOCK_MINUTES']);
const { NODE_ID, TELEMETRY_BUCKET, DEVICE_CLOCK_MINUTES } = environment;
const { records, operations, now } = nodePorts(environment);
const iot = once(() => new IoTDataPlaneClient({}));
const objects = createS3ObjectStore(s3, TELEMETRY_BUCKET);

export const handler = createHandler({
  nodeId: NODE_ID, clockToleranceMs: Number(DEVICE_CLOCK_MINUTES) * MINUTE_MS, now, operations, objects, batches: records.batches, births: createArchivedBirths(createBirths(operations), objects), count: createCounter(NODE_ID),
  askRebirth: async (edgeNodeId) => {
    await iot().send(new PublishCommand({ topic: `spBv1.0/${NODE_ID}/NCMD/${edgeNodeId}`, qos: 0, payload: rebirthCommand(now().getTime()) }));
  },
});
