import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { createReleaseWorkflow, wakeTask } from '../_platform/release-workflow.ts';
import { createHandler } from './handler.ts';

const { OPERATIONS_TABLE, RELEASE_STATE_MACHINE_ARN } = environmentOf(['OPERATIONS_TABLE', 'RELEASE_STATE_MACHINE_ARN']);

export const handler = createHandler({
  operations: createDynamoDbOperationsStore(dynamoDb, OPERATIONS_TABLE),
  workflow: { ...createReleaseWorkflow(RELEASE_STATE_MACHINE_ARN), wake: wakeTask },
});
