import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { createInvoke } from '../_platform/invoke.ts';
import { createCounter } from '../_platform/metrics.ts';
import { createReleaseWorkflow, wakeTask } from '../_platform/release-workflow.ts';
import type { CertificateInput } from '../release-certificate/handler.ts';
import { createHandler } from './handler.ts';

const { NODE_ID, OPERATIONS_TABLE, RELEASE_STATE_MACHINE_ARN, CERTIFICATE_FUNCTION } = environmentOf(['NODE_ID', 'OPERATIONS_TABLE', 'RELEASE_STATE_MACHINE_ARN', 'CERTIFICATE_FUNCTION']);
const certificate = createInvoke<CertificateInput, unknown>(CERTIFICATE_FUNCTION);

export const handler = createHandler({
  count: createCounter(NODE_ID),
  operations: createDynamoDbOperationsStore(dynamoDb, OPERATIONS_TABLE),
  followStagedResults: (batchId) => certificate({ batchId, late: true }),
  workflow: { ...createReleaseWorkflow(RELEASE_STATE_MACHINE_ARN), wake: wakeTask },
});
