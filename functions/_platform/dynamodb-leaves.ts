import { QueryCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { StreamId } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';

/** An event as it stands in the record table: the bytes that are its entry, and the leaf hash that was written with it (hex). */
export type StoredLeaf = Readonly<{ version: number; entry: Uint8Array; leafHash: string }>;

type Attributes = Readonly<Record<string, unknown>>;

/** Items of one partition between two sort keys, both included. */
const between = async (client: DynamoDBClient, table: string, first: Readonly<{ pk: string; sk: string }>, lastSk: string): Promise<readonly Attributes[]> => {
  const items: Attributes[] = [];
  let start: QueryCommand['input']['ExclusiveStartKey'];
  do {
    const page = await client.send(new QueryCommand({
      TableName: table, ConsistentRead: true, ExclusiveStartKey: start, KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
      ExpressionAttributeValues: marshall({ ':pk': first.pk, ':first': first.sk, ':last': lastSk }),
    }));
    items.push(...(page.Items ?? []).map((item) => unmarshall(item)));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return items;
};

/** Reads events as their bytes stand in the record table, with the leaf hashes written beside them. */
export const createLeafReader = (client: () => DynamoDBClient, recordTable: string) => async ({ kind, id }: StreamId, fromVersion: number, toVersion: number): Promise<readonly StoredLeaf[]> => {
  const [events, leaves] = await Promise.all([
    between(client(), recordTable, keyOf.event(kind, id, fromVersion), keyOf.event(kind, id, toVersion).sk),
    between(client(), recordTable, keyOf.auditLeaf(kind, id, fromVersion), keyOf.auditLeaf(kind, id, toVersion).sk),
  ]);
  return events.map(({ body }, i) => ({ version: fromVersion + i, entry: Buffer.from(String(body)), leafHash: String(leaves[i]?.['leafHash']) }));
};
