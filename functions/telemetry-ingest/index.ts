import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { rebirthCommand } from '../../shared/telemetry/command.ts';
import { createArchivedBirths, createBirths } from '../_platform/births.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { createCounter } from '../_platform/metrics.ts';
import { systemClock } from '../_platform/node-ports.ts';
import { once } from '../_platform/once.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createHandler } from './handler.ts';

const { NODE_ID, OPERATIONS_TABLE, TELEMETRY_BUCKET } = environmentOf(['NODE_ID', 'OPERATIONS_TABLE', 'TELEMETRY_BUCKET']);
const iot = once(() => new IoTDataPlaneClient({}));
const objects = createS3ObjectStore(s3, TELEMETRY_BUCKET);
const operations = createDynamoDbOperationsStore(dynamoDb, OPERATIONS_TABLE);

export const handler = createHandler({
  nodeId: NODE_ID, now: systemClock, operations, objects, births: createArchivedBirths(createBirths(operations), objects), count: createCounter(NODE_ID),
  askRebirth: async (edgeNodeId) => {
    await iot().send(new PublishCommand({ topic: `spBv1.0/${NODE_ID}/NCMD/${edgeNodeId}`, qos: 0, payload: rebirthCommand(systemClock().getTime()) }));
  },
});
