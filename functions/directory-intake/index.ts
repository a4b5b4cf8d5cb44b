import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { formatVerifierKey, SIGNATURE_TYPE } from '../../shared/audit-log/verifier-key.ts';
import { DIRECTORY_OBJECT } from '../_platform/directory.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { readVerifierKey } from '../_platform/log-key.ts';
import { createCounter } from '../_platform/metrics.ts';
import { NODE_KEYS_EVENT } from '../_platform/network-status.ts';
import { systemClock } from '../_platform/node-ports.ts';
import { once } from '../_platform/once.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['NODE_ID', 'WITNESS_TABLE', 'LIBRARY_BUCKET', 'LOG_KEY_ARN', 'LOG_ORIGIN', 'WITNESS_KEY_ARN', 'WITNESS_NAME', 'API_URL', 'NETWORK_EVENT_BUS']);
const events = once(() => new EventBridgeClient({}));
const library = createS3ObjectStore(s3, environment.LIBRARY_BUCKET);

const ownKeys = once(async () => {
  const [logKey, witnessKey] = await Promise.all([readVerifierKey(environment.LOG_KEY_ARN, environment.LOG_ORIGIN), readVerifierKey(environment.WITNESS_KEY_ARN, environment.WITNESS_NAME, SIGNATURE_TYPE.cosignature)]);
  return { nodeId: environment.NODE_ID, logKey: formatVerifierKey(logKey), witnessKey: formatVerifierKey(witnessKey), apiUrl: environment.API_URL };
});

export const handler = createHandler({
  table: createDynamoDbOperationsStore(dynamoDb, environment.WITNESS_TABLE), own: ownKeys, count: createCounter(environment.NODE_ID), now: systemClock,
  directory: async () => (await library.get(DIRECTORY_OBJECT))?.body,
  announce: async (keys) => {
    const { Entries = [] } = await events().send(new PutEventsCommand({ Entries: [{ EventBusName: environment.NETWORK_EVENT_BUS, Source: NODE_KEYS_EVENT.source, DetailType: NODE_KEYS_EVENT.detailType, Detail: JSON.stringify(keys) }] }));
    const failed = Entries.find(({ ErrorCode }) => ErrorCode !== undefined);
    if (failed !== undefined) throw new Error(`the network bus refused this node's keys: ${failed.ErrorCode ?? ''} ${failed.ErrorMessage ?? ''}`);
  },
});
