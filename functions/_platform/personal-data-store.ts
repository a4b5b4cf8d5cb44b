import { DeleteItemCommand, GetItemCommand, paginateQuery, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { DomainError } from '../../shared/errors.ts';
import { PersonalDataItem } from '../../shared/personal-data/sealed.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { Companion } from './ports.ts';

/** The table of personal data: reads and the removal of what an erasure left. Values come in with the event that commits to them, as companions of it. */
export type PersonalDataStore = Readonly<{
  get(chainOfIdentityId: string, batchId: string): Promise<PersonalDataItem | undefined>;
  /** Batches of one therapy event that something is held for; by key alone, so that a damaged item can be erased too. */
  batchIds(chainOfIdentityId: string): Promise<readonly string[]>;
  delete(chainOfIdentityId: string, batchId: string): Promise<void>;
}>;

/** An item as stored, without its key. @throws DomainError `personal-data-corrupt` */
export const personalDataItemOf = (item: Readonly<Record<string, unknown>>): PersonalDataItem => {
  const { pk, sk, ...rest } = item;
  const parsed = PersonalDataItem.safeParse(rest);
  if (parsed.success) return parsed.data;
  throw new DomainError('personal-data-corrupt', `the item of personal data of ${String(pk)}, batch ${String(sk)} is not in its form`, { batchId: String(sk) });
};

export const putPersonalData = (item: PersonalDataItem): Companion => ({ type: 'put', table: 'personal-data', key: keyOf.personalData(item.chainOfIdentityId, item.batchId), attributes: item, onlyIfAbsent: false });
export const deletePersonalData = (chainOfIdentityId: string, batchId: string): Companion => ({ type: 'delete', table: 'personal-data', key: keyOf.personalData(chainOfIdentityId, batchId) });

/** Client over the table; consistent reads. */
export const createDynamoDbPersonalDataStore = (client: () => DynamoDBClient, TableName: string): PersonalDataStore => ({
  get: async (chainOfIdentityId, batchId) => {
    const { Item } = await client().send(new GetItemCommand({ TableName, ConsistentRead: true, Key: marshall(keyOf.personalData(chainOfIdentityId, batchId)) }));
    return Item === undefined ? undefined : personalDataItemOf(unmarshall(Item));
  },
  batchIds: async (chainOfIdentityId) => {
    const found: string[] = [];
    const pages = paginateQuery({ client: client() }, {
      TableName, ConsistentRead: true, ProjectionExpression: 'sk', KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: marshall({ ':pk': keyOf.personalData(chainOfIdentityId, '-').pk }),
    });
    for await (const { Items = [] } of pages) found.push(...Items.map((item) => String(unmarshall(item)['sk'])));
    return found;
  },
  delete: async (chainOfIdentityId, batchId) => {
    await client().send(new DeleteItemCommand({ TableName, Key: marshall(keyOf.personalData(chainOfIdentityId, batchId)) }));
  },
});
