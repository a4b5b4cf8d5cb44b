import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { once } from './once.ts';

const client = once(() => new LambdaClient({}));

/**
 * Call another function of this stack and wait for its answer.
 *
 * @throws Error when the function failed; its message stays in its own log
 */
export const createInvoke = <Input, Output>(functionName: string) => async (input: Input): Promise<Output> => {
  const { FunctionError, Payload } = await client().send(new InvokeCommand({ FunctionName: functionName, Payload: new TextEncoder().encode(JSON.stringify(input)) }));
  if (FunctionError !== undefined || Payload === undefined) throw new Error(`function ${functionName} answered ${FunctionError ?? 'nothing'}`);
  return JSON.parse(Payload.transformToString()) as Output;
};
