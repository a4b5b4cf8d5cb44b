import { ExecutionAlreadyExists, InvalidToken, SendTaskSuccessCommand, SFNClient, StartExecutionCommand, TaskDoesNotExist, TaskTimedOut } from '@aws-sdk/client-sfn';
import { once } from './once.ts';

const client = once(() => new SFNClient({}));

const isSettled = (error: unknown): boolean => error instanceof TaskDoesNotExist || error instanceof TaskTimedOut || error instanceof InvalidToken;

export const createReleaseWorkflow = (stateMachineArn: string) => ({
  start: async (batchId: string, completedVersion: number): Promise<void> => {
    try {
      await client().send(new StartExecutionCommand({
        stateMachineArn, name: `${batchId}-${completedVersion}`, input: JSON.stringify({ batchId, completedVersion }),
      }));
    } catch (error) {
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
    }
  },
});

/** Answer a waiting task; one that was answered before is settled, not an error. */
export const wakeTask = async (taskToken: string, output: Readonly<Record<string, unknown>>): Promise<void> => {
  try {
    await client().send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
  } catch (error) {
    if (!isSettled(error)) throw error;
  }
};
