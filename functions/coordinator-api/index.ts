import type { AuditGrant, AuditGrantEvent } from '../../shared/audit-grant/grant.ts';
import { formatVerifierKey, SIGNATURE_TYPE } from '../../shared/audit-log/verifier-key.ts';
import type { Person, PersonEvent } from '../../shared/registers/person.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { createDynamoDbRecordStore } from '../_platform/dynamodb-record-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { readVerifierKey } from '../_platform/log-key.ts';
import { systemClock as now } from '../_platform/node-ports.ts';
import { nodeRegister, placesOf } from '../_platform/node-register.ts';
import { once } from '../_platform/once.ts';
import { PEOPLE, personOf } from '../_platform/people.ts';
import { createGrantPublisher } from '../_platform/publish-grants.ts';
import { createReadLog } from '../_platform/read-log.ts';
import { createReauthenticationVerifier } from '../_platform/reauthentication.ts';
import { s3 } from '../_platform/s3-client.ts';
import { refusalLogOver } from '../_platform/refusals.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createStreamRecords } from '../_platform/stream-records.ts';
import { createHandler } from './handler.ts';
import { AUDIT_GRANTS } from './records.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'WITNESS_TABLE', 'WITNESS_KEY_ARN', 'WITNESS_NAME', 'LOG_KEY_ARN', 'LOG_ORIGIN', 'LIBRARY_BUCKET', 'ISSUER_URL', 'USER_POOL_CLIENT_ID']);
const operations = createDynamoDbOperationsStore(dynamoDb, environment.OPERATIONS_TABLE);
const record = createDynamoDbRecordStore(dynamoDb, { recordTable: environment.RECORD_TABLE, operationsTable: environment.OPERATIONS_TABLE }, now);
const library = createS3ObjectStore(s3, environment.LIBRARY_BUCKET);
const nodes = nodeRegister();
const people = createStreamRecords<Person, PersonEvent>(PEOPLE, record);

export const handler = createHandler({
  now, operations, record, library, nodes, people, personOf: personOf({ people }), readLog: createReadLog(dynamoDb, environment.RECORD_TABLE), refusals: refusalLogOver(record, now), reads: createDynamoDbOperationsStore(dynamoDb, environment.RECORD_TABLE), publish: createGrantPublisher({ operations, library, placeOf: placesOf(nodes), now }),
  grants: createStreamRecords<AuditGrant, AuditGrantEvent>(AUDIT_GRANTS, record),
  table: createDynamoDbOperationsStore(dynamoDb, environment.WITNESS_TABLE),
  ownKeys: once(async () => ({
    logKey: formatVerifierKey(await readVerifierKey(environment.LOG_KEY_ARN, environment.LOG_ORIGIN)), witnessKey: formatVerifierKey(await readVerifierKey(environment.WITNESS_KEY_ARN, environment.WITNESS_NAME, SIGNATURE_TYPE.cosignature)),
  })),
  verifyReauthentication: createReauthenticationVerifier(environment.ISSUER_URL, environment.USER_POOL_CLIENT_ID),
});
