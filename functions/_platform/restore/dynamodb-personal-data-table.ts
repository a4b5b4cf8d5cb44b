import { DeleteItemCommand, paginateScan, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { keyOf } from '../../../shared/storage/keys.ts';
import { personalDataItemOf } from '../personal-data-store.ts';
import type { PersonalDataTable } from './personal-data.ts';

/** The table of personal data item by item; only a backup and a restore read it all. */
export const createDynamoDbPersonalDataTable = (client: () => DynamoDBClient, TableName: string): PersonalDataTable => ({
  scan: async function* () {
    for await (const { Items = [] } of paginateScan({ client: client() }, { TableName, ConsistentRead: true })) yield* Items.map((item) => personalDataItemOf(unmarshall(item)));
  },
  put: async (item) => {
    await client().send(new PutItemCommand({ TableName, Item: marshall({ ...item, ...keyOf.personalData(item.chainOfIdentityId, item.batchId) }, { removeUndefinedValues: true }) }));
  },
  delete: async ({ chainOfIdentityId, batchId }) => {
    await client().send(new DeleteItemCommand({ TableName, Key: marshall(keyOf.personalData(chainOfIdentityId, batchId)) }));
  },
});
