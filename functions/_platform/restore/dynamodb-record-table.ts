import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand, ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { RecordItem } from '../record-items.ts';
import type { RecordTable } from './ports.ts';

/** The record table item by item. Only a restore reads it all; a put never replaces. */
export const createDynamoDbRecordTable = (client: () => DynamoDBClient, TableName: string): RecordTable => ({
  scan: async function* () {
    let start: ScanCommand['input']['ExclusiveStartKey'];
    do {
      const page = await client().send(new ScanCommand({ TableName, ConsistentRead: true, ExclusiveStartKey: start }));
      for (const item of page.Items ?? []) yield unmarshall(item) as RecordItem;
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  },
  get: async ({ pk, sk }) => {
    const { Item } = await client().send(new GetItemCommand({ TableName, ConsistentRead: true, Key: marshall({ pk, sk }) }));
    return Item === undefined ? undefined : unmarshall(Item) as RecordItem;
  },
  put: async (item) => {
    try {
      await client().send(new PutItemCommand({ TableName, Item: marshall(item), ConditionExpression: 'attribute_not_exists(pk)' }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  },
});
