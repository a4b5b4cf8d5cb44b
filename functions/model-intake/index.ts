import { CONTROL_SITE, keysOf } from '../../shared/audit-log/directory.ts';
import type { TrainingData, TrainingDataEvent } from '../../shared/training-data/dataset.ts';
import { readSites } from '../_platform/directory.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { createCounter } from '../_platform/metrics.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createStreamRecords } from '../_platform/stream-records.ts';
import { TRAINING_DATA } from '../training-data-api/records.ts';
import { createHandler } from './handler.ts';
import { shippedModel } from './shipped.ts';

const environment = environmentOf(['NODE_ID', 'RECORD_TABLE', 'OPERATIONS_TABLE', 'WITNESS_TABLE', 'MODEL_BUCKET', 'NETWORK_MODEL_BUCKET', 'MODEL_SHA256', 'EXAMPLE_MODEL']);
const network = createS3ObjectStore(s3, environment.NETWORK_MODEL_BUCKET);

const witnessTable = createDynamoDbOperationsStore(dynamoDb, environment.WITNESS_TABLE);

const { store, records: { models, governanceTables: tables, publications }, operations, now } = nodePorts(environment);

export const handler = createHandler({
  nodeId: environment.NODE_ID, datasets: createStreamRecords<TrainingData, TrainingDataEvent>(TRAINING_DATA, store), models, tables, publications, now, operations,
  controlKey: async () => (await readSites(witnessTable)).filter(({ siteId }) => siteId === CONTROL_SITE).map((site) => keysOf(site).logKey)[0],
  bucket: createS3ObjectStore(s3, environment.MODEL_BUCKET), fetch: async (key) => (await network.get(key))?.body,
  ...(environment.EXAMPLE_MODEL === 'speaks' && { shipped: () => ({ sha256: environment.MODEL_SHA256, bytes: shippedModel() }) }), count: createCounter(environment.NODE_ID),
});
