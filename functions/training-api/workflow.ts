import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { once } from '../_platform/once.ts';

const client = once(() => new SFNClient({}));

/** Starts the training workflow of a run; one of this name that runs or ran is left as it is. */
export const createTrainingWorkflow = (stateMachineArn: string) => async (runId: string, name: string): Promise<void> => {
  try {
    await client().send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify({ runId }) }));
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
};
