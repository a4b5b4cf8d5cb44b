import { SIGNATURE_TYPE } from '../../shared/audit-log/verifier-key.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { openLogKey } from '../_platform/log-key.ts';
import { systemClock } from '../_platform/node-ports.ts';
import { once } from '../_platform/once.ts';
import { createHandler } from './handler.ts';

const { WITNESS_TABLE, WITNESS_KEY_ARN, WITNESS_NAME } = environmentOf(['WITNESS_TABLE', 'WITNESS_KEY_ARN', 'WITNESS_NAME']);

export const handler = createHandler({
  table: createDynamoDbOperationsStore(dynamoDb, WITNESS_TABLE), now: systemClock, identity: once(() => openLogKey(WITNESS_KEY_ARN, WITNESS_NAME, SIGNATURE_TYPE.cosignature)),
});
