import type { MasterBatchRecord, MasterBatchRecordEvent } from '../../shared/master-batch-record/life-cycle.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { createDynamoDbRecordStore } from '../_platform/dynamodb-record-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { systemClock } from '../_platform/node-ports.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createStreamRecords } from '../_platform/stream-records.ts';
import { createPublisher } from '../library-api/publish.ts';
import { MASTER_BATCH_RECORDS } from '../library-api/records.ts';
import { createHandler } from './handler.ts';

const { RECORD_TABLE, OPERATIONS_TABLE, LIBRARY_BUCKET } = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'LIBRARY_BUCKET']);
const records = createStreamRecords<MasterBatchRecord, MasterBatchRecordEvent>(MASTER_BATCH_RECORDS, createDynamoDbRecordStore(dynamoDb, { recordTable: RECORD_TABLE, operationsTable: OPERATIONS_TABLE }, systemClock));

export const handler = createHandler(createPublisher({ library: createS3ObjectStore(s3, LIBRARY_BUCKET), operations: createDynamoDbOperationsStore(dynamoDb, OPERATIONS_TABLE), records }));
