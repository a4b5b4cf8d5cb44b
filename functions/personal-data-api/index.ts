import { randomBytes } from 'node:crypto';
import { noGrants } from '../_platform/audit-grants.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { environmentOf } from '../_platform/environment.ts';
import { personOf } from '../_platform/people.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { createDynamoDbPersonalDataStore } from '../_platform/personal-data-store.ts';
import { createReadLog } from '../_platform/read-log.ts';
import { createReauthenticationVerifier } from '../_platform/reauthentication.ts';
import { createRefusalLog } from '../_platform/refusals.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'PERSONAL_DATA_TABLE', 'ISSUER_URL', 'USER_POOL_CLIENT_ID']);
const node = nodePorts(environment);

export const handler = createHandler({
  ...node, record: node.store, grants: noGrants, randomBytes, readLog: createReadLog(dynamoDb, environment.RECORD_TABLE),
  personOf: personOf(node.records), refusals: createRefusalLog(node.records.security, node.now),
  personalData: createDynamoDbPersonalDataStore(dynamoDb, environment.PERSONAL_DATA_TABLE),
  verifyReauthentication: createReauthenticationVerifier(environment.ISSUER_URL, environment.USER_POOL_CLIENT_ID),
});
