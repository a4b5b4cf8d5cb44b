import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { keyOf } from '../../shared/storage/keys.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { createDynamoDbRecordStore } from '../_platform/dynamodb-record-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { createHandler, type ReadEntry } from './handler.ts';

const { RECORD_TABLE, OPERATIONS_TABLE } = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE']);
const now = (): Date => new Date();

const writeRead = async (entry: ReadEntry): Promise<void> => {
  await dynamoDb().send(new PutItemCommand({
    TableName: RECORD_TABLE, ConditionExpression: 'attribute_not_exists(pk)', Item: marshall({ ...entry, ...keyOf.read(entry.at, entry.requestId) }),
  }));
};

export const handler = createHandler({
  now, readLog: { write: writeRead }, operations: createDynamoDbOperationsStore(dynamoDb, OPERATIONS_TABLE),
  record: createDynamoDbRecordStore(dynamoDb, { recordTable: RECORD_TABLE, operationsTable: OPERATIONS_TABLE }, now),
});
