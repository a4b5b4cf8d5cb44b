import { GetItemCommand, ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { ItemKey } from '../_platform/ports.ts';
import type { RecordItem } from '../_platform/record-items.ts';
import type { CheckPorts } from './handler.ts';

const ITEMS_A_PAGE = 500;

/** The record table a page at a time. It is the one place where a function reads a table whole: that nothing of the record is left out can be had in no other way. */
export const createRecordPages = (client: () => DynamoDBClient, TableName: string): Pick<CheckPorts, 'page' | 'item'> => ({
  page: async (after) => {
    const { Items = [], LastEvaluatedKey } = await client().send(new ScanCommand({ TableName, Limit: ITEMS_A_PAGE, ExclusiveStartKey: after === undefined ? undefined : marshall(after) }));
    const items = Items.map((item) => unmarshall(item) as RecordItem);
    return LastEvaluatedKey === undefined ? { items } : { items, next: unmarshall(LastEvaluatedKey) as ItemKey };
  },
  item: async (key) => {
    const { Item } = await client().send(new GetItemCommand({ TableName, ConsistentRead: true, Key: marshall(key) }));
    return Item === undefined ? undefined : unmarshall(Item) as RecordItem;
  },
});
