import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { once } from './once.ts';

/** Endpoint, region and credentials come from the SDK's own environment, in the cloud and locally alike. */
export const dynamoDb = once(() => new DynamoDBClient({}));
