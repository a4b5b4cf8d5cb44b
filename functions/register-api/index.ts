import { randomBytes } from 'node:crypto';
import { environmentOf } from '../_platform/environment.ts';
import { personOf } from '../_platform/people.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { createReauthenticationVerifier } from '../_platform/reauthentication.ts';
import { createRefusalLog } from '../_platform/refusals.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'ISSUER_URL', 'USER_POOL_CLIENT_ID']);
const { records, operations, now } = nodePorts(environment);

export const handler = createHandler({
  now, randomBytes, operations, records, personOf: personOf(records), refusals: createRefusalLog(records.security, now),
  verifyReauthentication: createReauthenticationVerifier(environment.ISSUER_URL, environment.USER_POOL_CLIENT_ID),
});
