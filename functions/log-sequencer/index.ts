import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { formatVerifierKey } from '../../shared/audit-log/verifier-key.ts';
import type { Witness } from '../../shared/audit-log/witness-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createLeafReader } from '../_platform/dynamodb-leaves.ts';
import { environmentOf } from '../_platform/environment.ts';
import { logger } from '../_platform/log.ts';
import { openLogKey } from '../_platform/log-key.ts';
import { createLogStore } from '../_platform/log-store.ts';
import { createCounter } from '../_platform/metrics.ts';
import { LOG_KEY_EVENT, type LogKeyMessage } from '../_platform/network-status.ts';
import { once } from '../_platform/once.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { openWitness } from '../_platform/witness-client.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['NODE_ID', 'RECORD_TABLE', 'OPERATIONS_TABLE', 'LOG_BUCKET', 'LOG_STAGING_BUCKET', 'LOG_KEY_ARN', 'LOG_ORIGIN', 'NETWORK_API_URL', 'NETWORK_EVENT_BUS', 'WITNESS_QUORUM']);
const operations = createDynamoDbOperationsStore(dynamoDb, environment.OPERATIONS_TABLE);
const events = once(() => new EventBridgeClient({}));

/** Once in the life of a function's environment: the control site keeps the first key it hears and refuses another. */
const announce = once(async (): Promise<void> => {
  const detail: LogKeyMessage = { nodeId: environment.NODE_ID, logKey: formatVerifierKey((await logKey()).key) };
  const { Entries = [] } = await events().send(new PutEventsCommand({ Entries: [{ EventBusName: environment.NETWORK_EVENT_BUS, Source: LOG_KEY_EVENT.source, DetailType: LOG_KEY_EVENT.detailType, Detail: JSON.stringify(detail) }] }));
  const failed = Entries.find(({ ErrorCode }) => ErrorCode !== undefined);
  if (failed !== undefined) throw new Error(`the network bus refused the log's key: ${failed.ErrorCode ?? ''} ${failed.ErrorMessage ?? ''}`);
});

/** The control site, when it answers; without it the quorum is missing and publication waits. */
const witnesses = async (): Promise<readonly Witness[]> => {
  try {
    await announce();
    return [await openWitness(environment.NETWORK_API_URL)];
  } catch (error) {
    logger.warn('no witness', { cause: String(error) });
    return [];
  }
};

const logKey = once(() => openLogKey(environment.LOG_KEY_ARN, environment.LOG_ORIGIN));

export const handler = createHandler({
  operations, leaves: createLeafReader(dynamoDb, environment.RECORD_TABLE), count: createCounter(environment.NODE_ID),
  store: createLogStore({ log: createS3ObjectStore(s3, environment.LOG_BUCKET), staging: createS3ObjectStore(s3, environment.LOG_STAGING_BUCKET), operations }),
  identity: async () => ({ ...await logKey(), witnesses: await witnesses(), quorum: Number(environment.WITNESS_QUORUM) }),
});
