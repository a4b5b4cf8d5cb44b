import { dynamoDb } from '../../_platform/dynamodb-client.ts';
import { environmentOf } from '../../_platform/environment.ts';
import { nodePorts } from '../../_platform/node-ports.ts';
import { createDynamoDbRunRecords } from '../../_platform/run-record.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE']);
const { operations, now } = nodePorts(environment);

export const handler = createHandler({ operations, now, runs: createDynamoDbRunRecords(dynamoDb, environment.RECORD_TABLE) });
