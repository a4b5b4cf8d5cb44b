import {
  ConditionalCheckFailedException, DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand, type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { decodeCursor, encodeCursor, type PageEnd } from './cursor.ts';
import type { OperationsStore } from './ports.ts';

const conditionOf = ({ onlyIfAbsent, onlyIfVersion }: NonNullable<Parameters<OperationsStore['put']>[2]>): Partial<PutItemCommandInput> => {
  if (onlyIfVersion !== undefined) return { ConditionExpression: '#version = :version', ExpressionAttributeNames: { '#version': 'version' }, ExpressionAttributeValues: marshall({ ':version': onlyIfVersion }) };
  return onlyIfAbsent === true ? { ConditionExpression: 'attribute_not_exists(pk)' } : {};
};

/** Client over the operations table; consistent reads. */
export const createDynamoDbOperationsStore = (client: () => DynamoDBClient, table: string): OperationsStore => ({
  get: async <Item>(key: Readonly<{ pk: string; sk: string }>) => {
    const { Item } = await client().send(new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true }));
    return Item === undefined ? undefined : (unmarshall(Item) as Item);
  },
  put: async (key, attributes, options = {}) => {
    try {
      await client().send(new PutItemCommand({
        TableName: table, Item: marshall({ ...attributes, ...key }, { removeUndefinedValues: true }),
        ...conditionOf(options),
      }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  },
  delete: async (key) => {
    await client().send(new DeleteItemCommand({ TableName: table, Key: marshall(key) }));
  },
  list: async <Item>(pk: string, page: Readonly<{ limit: number; cursor?: string }>, options: Readonly<{ prefix?: string; newestFirst?: boolean }> = {}) => {
    const start = decodeCursor(page.cursor, pk);
    const { Items = [], LastEvaluatedKey } = await client().send(new QueryCommand({
      TableName: table, ConsistentRead: true, Limit: page.limit, ScanIndexForward: options.newestFirst !== true,
      KeyConditionExpression: options.prefix === undefined ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: marshall({ ':pk': pk, ...(options.prefix === undefined ? {} : { ':prefix': options.prefix }) }),
      ...(start === undefined ? {} : { ExclusiveStartKey: marshall(start) }),
    }));
    const nextCursor = encodeCursor(LastEvaluatedKey === undefined ? undefined : (unmarshall(LastEvaluatedKey) as PageEnd));
    return { items: Items.map((item) => unmarshall(item) as Item), ...(nextCursor === undefined ? {} : { nextCursor }) };
  },
});
