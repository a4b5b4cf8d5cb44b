import { createDynamoDbManyItems } from '../_platform/dynamodb-many-items.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { environmentOf } from '../_platform/environment.ts';
import { inParallel } from '../_platform/in-parallel.ts';
import { createLogPlaces } from '../_platform/log-places.ts';
import { createLeafFinder, createLogObjects } from '../_platform/log-store.ts';
import { createCounter } from '../_platform/metrics.ts';
import { systemClock } from '../_platform/node-ports.ts';
import type { ManyItems } from '../_platform/ports.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createHandler } from './handler.ts';
import { createRecordPages } from './record-pages.ts';

const environment = environmentOf(['NODE_ID', 'RECORD_TABLE', 'OPERATIONS_TABLE', 'LOG_BUCKET']);
const operations = createDynamoDbOperationsStore(dynamoDb, environment.OPERATIONS_TABLE);
const { getMany } = createDynamoDbManyItems(dynamoDb, environment.OPERATIONS_TABLE);
/** One by one: a call that writes many could also remove, and nothing needs to be removed here. */
const putMany: ManyItems['putMany'] = async (items) => { await inParallel(items, ({ pk, sk, ...attributes }) => operations.put({ pk, sk }, attributes)); };

export const handler = createHandler({
  ...createRecordPages(dynamoDb, environment.RECORD_TABLE), store: createLeafFinder({ getMany }), places: createLogPlaces({ getMany, putMany }),
  objects: createLogObjects(createS3ObjectStore(s3, environment.LOG_BUCKET)), operations, count: createCounter(environment.NODE_ID), now: systemClock,
});
