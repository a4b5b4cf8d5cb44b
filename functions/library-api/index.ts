import type { MasterBatchRecord, MasterBatchRecordEvent } from '../../shared/master-batch-record/life-cycle.ts';
import type { Person, PersonEvent } from '../../shared/registers/person.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { createDynamoDbRecordStore } from '../_platform/dynamodb-record-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { PEOPLE, personOf } from '../_platform/people.ts';
import { createReadLog } from '../_platform/read-log.ts';
import { createReauthenticationVerifier } from '../_platform/reauthentication.ts';
import { refusalLogOver } from '../_platform/refusals.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createStreamRecords } from '../_platform/stream-records.ts';
import { createHandler } from './handler.ts';
import { createPublisher } from './publish.ts';
import { MASTER_BATCH_RECORDS } from './records.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'LIBRARY_BUCKET', 'ISSUER_URL', 'USER_POOL_CLIENT_ID']);
const now = (): Date => new Date();
const history = createDynamoDbRecordStore(dynamoDb, { recordTable: environment.RECORD_TABLE, operationsTable: environment.OPERATIONS_TABLE }, now);
const operations = createDynamoDbOperationsStore(dynamoDb, environment.OPERATIONS_TABLE);
const records = createStreamRecords<MasterBatchRecord, MasterBatchRecordEvent>(MASTER_BATCH_RECORDS, history);

export const handler = createHandler({
  now, history, operations, records, readLog: createReadLog(dynamoDb, environment.RECORD_TABLE), refusals: refusalLogOver(history, now), publisher: createPublisher({ library: createS3ObjectStore(s3, environment.LIBRARY_BUCKET), operations, records }),
  personOf: personOf({ people: createStreamRecords<Person, PersonEvent>(PEOPLE, history) }),
  verifyReauthentication: createReauthenticationVerifier(environment.ISSUER_URL, environment.USER_POOL_CLIENT_ID),
});
