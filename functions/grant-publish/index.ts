import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { environmentOf } from '../_platform/environment.ts';
import { systemClock } from '../_platform/node-ports.ts';
import { nodeRegister, placesOf } from '../_platform/node-register.ts';
import { createGrantPublisher } from '../_platform/publish-grants.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createHandler } from './handler.ts';

const { OPERATIONS_TABLE, LIBRARY_BUCKET } = environmentOf(['OPERATIONS_TABLE', 'LIBRARY_BUCKET']);
const nodes = nodeRegister();

export const handler = createHandler(
  createGrantPublisher({ operations: createDynamoDbOperationsStore(dynamoDb, OPERATIONS_TABLE), library: createS3ObjectStore(s3, LIBRARY_BUCKET), placeOf: placesOf(nodes), now: systemClock }), nodes,
);
