import { quorumOf, witnessesOf } from '../../shared/audit-log/directory.ts';
import { WITNESS_SECONDS } from '../../shared/audit-log/merge-delay.ts';
import { readSites } from '../_platform/directory.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createLeafReader } from '../_platform/dynamodb-leaves.ts';
import { createDynamoDbManyItems } from '../_platform/dynamodb-many-items.ts';
import { environmentOf } from '../_platform/environment.ts';
import { openLogKey } from '../_platform/log-key.ts';
import { createLogPlaces } from '../_platform/log-places.ts';
import { createLogStore } from '../_platform/log-store.ts';
import { createCounter } from '../_platform/metrics.ts';
import { systemClock } from '../_platform/node-ports.ts';
import { once } from '../_platform/once.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { witnessAt } from '../_platform/witness-client.ts';
import { createHandler } from './handler.ts';

const MILLISECONDS = 1000;
const environment = environmentOf(['NODE_ID', 'RECORD_TABLE', 'OPERATIONS_TABLE', 'LOG_BUCKET', 'LOG_STAGING_BUCKET', 'LOG_KEY_ARN', 'LOG_ORIGIN', 'WITNESS_TABLE', 'NETWORK_API_URL', 'WITNESS_QUORUM']);
const many = createDynamoDbManyItems(dynamoDb, environment.OPERATIONS_TABLE);
const operations = { ...createDynamoDbOperationsStore(dynamoDb, environment.OPERATIONS_TABLE), ...many };
const witnessTable = createDynamoDbOperationsStore(dynamoDb, environment.WITNESS_TABLE);

const logKey = once(() => openLogKey(environment.LOG_KEY_ARN, environment.LOG_ORIGIN));

export const handler = createHandler({
  operations, places: createLogPlaces(many), leaves: createLeafReader(createDynamoDbManyItems(dynamoDb, environment.RECORD_TABLE)), count: createCounter(environment.NODE_ID),
  store: createLogStore({ log: createS3ObjectStore(s3, environment.LOG_BUCKET), staging: createS3ObjectStore(s3, environment.LOG_STAGING_BUCKET), operations, many }),
  now: systemClock,
  identity: async () => {
    const sites = witnessesOf(await readSites(witnessTable), environment.NODE_ID);
    const signal = AbortSignal.timeout(WITNESS_SECONDS * MILLISECONDS);
    return { ...await logKey(), witnesses: sites.map((site) => witnessAt(site, environment.NETWORK_API_URL, signal)), quorum: quorumOf(sites.length, Number(environment.WITNESS_QUORUM)) };
  },
});
