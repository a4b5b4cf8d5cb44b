import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { nodeRegister } from '../_platform/node-register.ts';
import { createHandler } from './handler.ts';

const { OPERATIONS_TABLE } = environmentOf(['OPERATIONS_TABLE']);

export const handler = createHandler({ operations: createDynamoDbOperationsStore(dynamoDb, OPERATIONS_TABLE), nodes: nodeRegister() });
