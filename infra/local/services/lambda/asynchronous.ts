import { randomUUID } from 'node:crypto';
import type { Invocation } from './runner.ts';

/** `AWS::Lambda::EventInvokeConfig`. */
export type InvokeConfig = Readonly<{ maximumRetryAttempts?: number; onSuccess?: string | undefined; onFailure?: string | undefined }>;
export type AsynchronousCall = Readonly<{
  functionArn: string; payload: unknown; config: InvokeConfig;
  invoke(): Promise<Invocation>;
  deliver(targetArn: string, record: unknown): Promise<unknown>;
  now(): number;
  log(message: string, facts: Readonly<Record<string, unknown>>): void;
  /** @default 1000; AWS waits one minute, then two */
  retryMs?: number;
}>;

const DEFAULT_RETRIES = 2;
const DEFAULT_RETRY_MS = 1000;

const recordOf = ({ functionArn, payload, now }: AsynchronousCall, invocation: Invocation, invokeCount: number): Readonly<Record<string, unknown>> => {
  const isReturned = invocation.outcome === 'returned';
  return {
    version: '1.0', timestamp: new Date(now()).toISOString(), requestContext: { requestId: randomUUID(), functionArn: `${functionArn}:$LATEST`, condition: isReturned ? 'Success' : 'RetriesExhausted', approximateInvokeCount: invokeCount },
    requestPayload: payload, responseContext: { statusCode: 200, executedVersion: '$LATEST', ...(isReturned ? {} : { functionError: 'Unhandled' }) },
    responsePayload: isReturned ? invocation.result : { errorType: invocation.errorType, errorMessage: invocation.errorMessage },
  };
};

/** A bus wants an entry; queues, topics and functions take the record as it is. */
const shapedFor = (targetArn: string, functionArn: string, isReturned: boolean, record: unknown): unknown =>
  (targetArn.startsWith('arn:aws:events:') ? { Source: 'lambda', DetailType: `Lambda Function Invocation Result - ${isReturned ? 'Success' : 'Failure'}`, Resources: [functionArn], Detail: JSON.stringify(record) } : record);

/** Invoke until it succeeds or the retries are used up, then tell the destination, if there is one. */
export const invokeAsynchronously = async (call: AsynchronousCall): Promise<void> => {
  const { config, functionArn, retryMs = DEFAULT_RETRY_MS } = call;
  const tries = 1 + (config.maximumRetryAttempts ?? DEFAULT_RETRIES);
  for (let attempt = 1; ; attempt += 1) {
    const invocation = await call.invoke();
    const isReturned = invocation.outcome === 'returned';
    if (isReturned || attempt >= tries) {
      const target = isReturned ? config.onSuccess : config.onFailure;
      if (!isReturned) call.log('asynchronous invocation given up', { attempt, ...invocation });
      if (target !== undefined) await call.deliver(target, shapedFor(target, functionArn, isReturned, recordOf(call, invocation, attempt)));
      return;
    }
    call.log('asynchronous invocation failed', { attempt, ...invocation });
    await new Promise((resolve) => { setTimeout(resolve, retryMs * attempt); });
  }
};
