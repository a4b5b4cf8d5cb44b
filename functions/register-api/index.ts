import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { createDynamoDbRecordStore } from '../_platform/dynamodb-record-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { createNodeRecords, personOf } from '../_platform/node-records.ts';
import { createRefusalLog } from '../_platform/refusals.ts';
import { createReauthenticationVerifier } from '../_platform/reauthentication.ts';
import { createHandler } from './handler.ts';

const { RECORD_TABLE, OPERATIONS_TABLE, ISSUER_URL, USER_POOL_CLIENT_ID } = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'ISSUER_URL', 'USER_POOL_CLIENT_ID']);
const now = (): Date => new Date();
const records = createNodeRecords(createDynamoDbRecordStore(dynamoDb, { recordTable: RECORD_TABLE, operationsTable: OPERATIONS_TABLE }, now));

export const handler = createHandler({
  now, operations: createDynamoDbOperationsStore(dynamoDb, OPERATIONS_TABLE),
  records, personOf: personOf(records), refusals: createRefusalLog(records.security, now),
  verifyReauthentication: createReauthenticationVerifier(ISSUER_URL, USER_POOL_CLIENT_ID),
});
