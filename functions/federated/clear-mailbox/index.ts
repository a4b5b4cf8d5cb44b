import type { Training, TrainingEvent } from '../../../models/federated/workflow/coordination.ts';
import { dynamoDb } from '../../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../../_platform/dynamodb-operations-store.ts';
import { createDynamoDbRecordStore } from '../../_platform/dynamodb-record-store.ts';
import { environmentOf } from '../../_platform/environment.ts';
import { systemClock as now } from '../../_platform/node-ports.ts';
import { nodeRegister, placesOf } from '../../_platform/node-register.ts';
import { s3 } from '../../_platform/s3-client.ts';
import { createS3ObjectStore } from '../../_platform/s3-object-store.ts';
import { createStreamRecords } from '../../_platform/stream-records.ts';
import { TRAININGS } from '../records.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'MAILBOX_BUCKET']);
const store = createDynamoDbRecordStore(dynamoDb, { recordTable: environment.RECORD_TABLE, operationsTable: environment.OPERATIONS_TABLE }, now);

export const handler = createHandler({
  now, placeOf: placesOf(nodeRegister()), mailbox: createS3ObjectStore(s3, environment.MAILBOX_BUCKET), operations: createDynamoDbOperationsStore(dynamoDb, environment.OPERATIONS_TABLE), trainings: createStreamRecords<Training, TrainingEvent>(TRAININGS, store), record: store,
});
