import { formatVerifierKey, SIGNATURE_TYPE } from '../../shared/audit-log/verifier-key.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { readVerifierKey } from '../_platform/log-key.ts';
import { systemClock } from '../_platform/node-ports.ts';
import { nodeRegister } from '../_platform/node-register.ts';
import { once } from '../_platform/once.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createHandler } from './handler.ts';

const { OPERATIONS_TABLE, WITNESS_TABLE, WITNESS_KEY_ARN, WITNESS_NAME, LIBRARY_BUCKET } = environmentOf(['OPERATIONS_TABLE', 'WITNESS_TABLE', 'WITNESS_KEY_ARN', 'WITNESS_NAME', 'LIBRARY_BUCKET']);

export const handler = createHandler({
  operations: createDynamoDbOperationsStore(dynamoDb, OPERATIONS_TABLE), table: createDynamoDbOperationsStore(dynamoDb, WITNESS_TABLE), nodes: nodeRegister(), now: systemClock,
  library: createS3ObjectStore(s3, LIBRARY_BUCKET), witnessKey: once(async () => formatVerifierKey(await readVerifierKey(WITNESS_KEY_ARN, WITNESS_NAME, SIGNATURE_TYPE.cosignature))),
});
