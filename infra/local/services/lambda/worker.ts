import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { usedMb } from './memory.ts';

/** What a worker is told when it starts. */
export type WorkerSettings = Readonly<{ modulePath: string; handlerName: string; clock: SharedArrayBuffer; functionName: string; memoryMb: number }>;
export type WorkerRequest = Readonly<{ id: number; event: unknown; requestId: string; deadlineEpochMs: number; functionArn: string }>;
/** `usedMb`: memory held when it was done. */
export type WorkerAnswer = Readonly<{ id: number; usedMb: number; result: unknown }> | Readonly<{ id: number; usedMb: number; error: Readonly<{ name: string; message: string; stack: string }> }>;

const settings = workerData as WorkerSettings;
const offset = new BigInt64Array(settings.clock);
const RealDate = Date;
const realNow = RealDate.now.bind(RealDate);
const now = (): number => realNow() - Number(Atomics.load(offset, 0));

/** The only place where time-lapse is known to code under test: this worker's `Date` shows the local cloud's clock. */
class LapseDate extends RealDate {
  constructor(...parts: readonly unknown[]) {
    super(...((parts.length === 0 ? [now()] : parts) as [number]));
  }

  static override now(): number {
    return now();
  }
}
globalThis.Date = LapseDate as DateConstructor;

type Handler = (event: unknown, context: Readonly<Record<string, unknown>>) => Promise<unknown>;
const loaded = import(pathToFileURL(settings.modulePath).href) as Promise<Readonly<Record<string, Handler>>>;

const contextOf = ({ requestId, deadlineEpochMs, functionArn }: WorkerRequest): Readonly<Record<string, unknown>> => ({
  awsRequestId: requestId, functionName: settings.functionName, functionVersion: '$LATEST', invokedFunctionArn: functionArn, memoryLimitInMB: String(settings.memoryMb),
  logGroupName: settings.functionName, logStreamName: 'local', callbackWaitsForEmptyEventLoop: false, getRemainingTimeInMillis: () => Math.max(0, deadlineEpochMs - realNow()),
});

const run = async (request: WorkerRequest): Promise<WorkerAnswer> => {
  const { id } = request;
  try {
    const handler = (await loaded)[settings.handlerName];
    if (handler === undefined) throw new Error(`the bundle exports no ${settings.handlerName}`);
    const result = await handler(request.event, contextOf(request)) ?? null;
    return { id, usedMb: usedMb(), result };
  } catch (error) {
    const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    return { id, usedMb: usedMb(), error: { name, message, stack } };
  }
};

parentPort?.on('message', (request: WorkerRequest) => {
  void run(request).then((answer) => { parentPort?.postMessage(answer); });
});
