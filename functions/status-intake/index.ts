import { ConditionalCheckFailedException, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { readSites } from '../_platform/directory.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { nodeRegister } from '../_platform/node-register.ts';
import { createHandler } from './handler.ts';

const { OPERATIONS_TABLE, WITNESS_TABLE } = environmentOf(['OPERATIONS_TABLE', 'WITNESS_TABLE']);
const witnessTable = createDynamoDbOperationsStore(dynamoDb, WITNESS_TABLE);
const register = nodeRegister();

/** Events come in any order: what is older than what is held changes nothing. */
const unlessLater = async (write: () => Promise<unknown>): Promise<void> => {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
};

export const handler = createHandler({
  nodeOf: (account, region, claimed) => register.find((node) => node.id === claimed && node.account === account && node.region === region)?.id,
  keep: async (key, status) => {
    await unlessLater(() => dynamoDb().send(new PutItemCommand({
      TableName: OPERATIONS_TABLE, Item: marshall({ ...status, ...key }, { removeUndefinedValues: true }),
      ConditionExpression: 'attribute_not_exists(pk) OR #version < :version', ExpressionAttributeNames: { '#version': 'version' }, ExpressionAttributeValues: marshall({ ':version': status.version }),
    })));
  },
  seen: async (key, at) => {
    await unlessLater(() => dynamoDb().send(new UpdateItemCommand({
      TableName: OPERATIONS_TABLE, Key: marshall(key), UpdateExpression: 'SET lastEventAt = :at', ConditionExpression: 'attribute_not_exists(lastEventAt) OR lastEventAt < :at',
      ExpressionAttributeValues: marshall({ ':at': at }),
    })));
  },
  sites: () => readSites(witnessTable),
  keepAnnounced: async (key, announced) => {
    await dynamoDb().send(new PutItemCommand({ TableName: OPERATIONS_TABLE, Item: marshall({ ...announced, ...key }) }));
  },
});
