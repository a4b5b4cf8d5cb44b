import { evolveAuditGrant, type AuditGrant, type AuditGrantEvent } from '../../shared/audit-grant/grant.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { createDynamoDbRecordStore } from '../_platform/dynamodb-record-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { systemClock as now } from '../_platform/node-ports.ts';
import { nodeRegister } from '../_platform/node-register.ts';
import { createGrantPublisher } from '../_platform/publish-grants.ts';
import { createReauthenticationVerifier } from '../_platform/reauthentication.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createStreamRecords } from '../_platform/stream-records.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'LIBRARY_BUCKET', 'ISSUER_URL', 'USER_POOL_CLIENT_ID']);
const operations = createDynamoDbOperationsStore(dynamoDb, environment.OPERATIONS_TABLE);
const record = createDynamoDbRecordStore(dynamoDb, { recordTable: environment.RECORD_TABLE, operationsTable: environment.OPERATIONS_TABLE }, now);

export const handler = createHandler({
  now, operations, nodes: nodeRegister(), publish: createGrantPublisher({ operations, library: createS3ObjectStore(s3, environment.LIBRARY_BUCKET), now }),
  grants: createStreamRecords<AuditGrant, AuditGrantEvent>({ kind: 'audit-grant', evolve: evolveAuditGrant, summaryOf: (grant) => ({ ...grant }) }, record),
  verifyReauthentication: createReauthenticationVerifier(environment.ISSUER_URL, environment.USER_POOL_CLIENT_ID),
});
