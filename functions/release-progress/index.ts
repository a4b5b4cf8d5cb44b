import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { createCounter } from '../_platform/metrics.ts';
import { createReleaseWorkflow, wakeTask } from '../_platform/release-workflow.ts';
import { createHandler } from './handler.ts';

const { NODE_ID, OPERATIONS_TABLE, RELEASE_STATE_MACHINE_ARN } = environmentOf(['NODE_ID', 'OPERATIONS_TABLE', 'RELEASE_STATE_MACHINE_ARN']);

export const handler = createHandler({
  count: createCounter(NODE_ID),
  operations: createDynamoDbOperationsStore(dynamoDb, OPERATIONS_TABLE),
  workflow: { ...createReleaseWorkflow(RELEASE_STATE_MACHINE_ARN), wake: wakeTask },
});
