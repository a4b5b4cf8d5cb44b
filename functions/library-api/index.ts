import { evolveMasterBatchRecord, type MasterBatchRecord, type MasterBatchRecordEvent } from '../../shared/master-batch-record/life-cycle.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { createDynamoDbRecordStore } from '../_platform/dynamodb-record-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { createReauthenticationVerifier } from '../_platform/reauthentication.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createStreamRecords } from '../_platform/stream-records.ts';
import { createHandler, librarySummaryOf } from './handler.ts';
import { createPublisher } from './publish.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'LIBRARY_BUCKET', 'ISSUER_URL', 'USER_POOL_CLIENT_ID']);
const now = (): Date => new Date();
const history = createDynamoDbRecordStore(dynamoDb, { recordTable: environment.RECORD_TABLE, operationsTable: environment.OPERATIONS_TABLE }, now);

export const handler = createHandler({
  now, history, operations: createDynamoDbOperationsStore(dynamoDb, environment.OPERATIONS_TABLE),
  records: createStreamRecords<MasterBatchRecord, MasterBatchRecordEvent>({ kind: 'master-batch-record', evolve: evolveMasterBatchRecord, summaryOf: librarySummaryOf }, history),
  publish: createPublisher(createS3ObjectStore(s3, environment.LIBRARY_BUCKET)),
  verifyReauthentication: createReauthenticationVerifier(environment.ISSUER_URL, environment.USER_POOL_CLIENT_ID),
});
