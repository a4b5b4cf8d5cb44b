import { createWriteStream, type WriteStream } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { WorkerAnswer, WorkerRequest, WorkerSettings } from './worker.ts';

export type FunctionDefinition = Readonly<{
  name: string; arn: string; codePath: string; handler: string; environment: Readonly<Record<string, string>>; timeoutSeconds: number; memoryMb: number; concurrency: number;
}>;

/** How an invocation ended; an error is the function's, not the caller's. */
export type Invocation = Readonly<{ outcome: 'returned'; result: unknown }> | Readonly<{ outcome: 'failed'; errorType: string; errorMessage: string }>;

type Slot = { readonly worker: Worker; busy: boolean; settle: ((answer: WorkerAnswer | undefined) => void) | undefined; idleTimer: NodeJS.Timeout | undefined };
const IDLE_MS = 120_000;

/** One function: up to `concurrency` workers, each running one event at a time, kept warm for a while. */
export class FunctionRunner {
  readonly definition: FunctionDefinition;
  readonly #clock: SharedArrayBuffer;
  readonly #log: WriteStream;
  readonly #slots: Slot[] = [];
  readonly #waiting: ((slot: Slot) => void)[] = [];
  #nextId = 1;

  constructor(definition: FunctionDefinition, clock: SharedArrayBuffer, logFile: string) {
    this.definition = definition;
    this.#clock = clock;
    this.#log = createWriteStream(logFile, { flags: 'a' });
  }

  async invoke(event: unknown): Promise<Invocation> {
    const slot = await this.#acquire();
    const { arn, timeoutSeconds } = this.definition;
    const request: WorkerRequest = { id: this.#nextId++, event, requestId: randomUUID(), functionArn: arn, deadlineEpochMs: Date.now() + timeoutSeconds * 1000 };
    const answer = await new Promise<WorkerAnswer | 'timeout' | undefined>((resolve) => {
      const timer = setTimeout(() => { resolve('timeout'); }, timeoutSeconds * 1000);
      slot.settle = (given) => {
        clearTimeout(timer);
        resolve(given);
      };
      slot.worker.postMessage(request);
    });
    if (answer === 'timeout' || answer === undefined) {
      this.#discard(slot);
      return { outcome: 'failed', errorType: answer === 'timeout' ? 'Sandbox.Timedout' : 'Runtime.ExitError', errorMessage: answer === 'timeout' ? `Task timed out after ${timeoutSeconds} seconds` : 'the function\'s worker ended' };
    }
    this.#release(slot);
    if ('error' in answer) {
      this.#log.write(`${answer.error.stack}\n`);
      return { outcome: 'failed', errorType: answer.error.name, errorMessage: answer.error.message };
    }
    return { outcome: 'returned', result: answer.result };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#slots.splice(0).map(({ worker, idleTimer }) => {
      clearTimeout(idleTimer);
      return worker.terminate();
    }));
    this.#log.end();
  }

  #acquire(): Promise<Slot> {
    const free = this.#slots.find(({ busy }) => !busy);
    const slot = free ?? (this.#slots.length < this.definition.concurrency ? this.#open() : undefined);
    if (slot === undefined) return new Promise((resolve) => { this.#waiting.push(resolve); });
    slot.busy = true;
    clearTimeout(slot.idleTimer);
    return Promise.resolve(slot);
  }

  #open(): Slot {
    const { codePath, handler, environment, memoryMb, name } = this.definition;
    const [file = 'index', handlerName = 'handler'] = handler.split('.');
    const settings: WorkerSettings = { modulePath: `${codePath}/${file}.mjs`, handlerName, clock: this.#clock, functionName: name, memoryMb };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: settings, env: { ...environment }, stdout: true, stderr: true, execArgv: ['--enable-source-maps', '--disable-warning=ExperimentalWarning'], resourceLimits: { maxOldGenerationSizeMb: Math.max(1024, memoryMb * 2) },
    });
    worker.stdout.on('data', (text: Buffer) => { this.#log.write(text); });
    worker.stderr.on('data', (text: Buffer) => { this.#log.write(text); });
    const slot: Slot = { worker, busy: true, settle: undefined, idleTimer: undefined };
    worker.on('message', (answer: WorkerAnswer) => slot.settle?.(answer));
    worker.on('error', (error: unknown) => {
      this.#log.write(`${error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
      slot.settle?.(undefined);
    });
    worker.on('exit', () => {
      slot.settle?.(undefined);
      const index = this.#slots.indexOf(slot);
      if (index >= 0) this.#slots.splice(index, 1);
    });
    worker.unref();
    this.#slots.push(slot);
    return slot;
  }

  #release(slot: Slot): void {
    slot.settle = undefined;
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next(slot);
      return;
    }
    slot.busy = false;
    slot.idleTimer = setTimeout(() => { this.#discard(slot); }, IDLE_MS);
    slot.idleTimer.unref();
  }

  #discard(slot: Slot): void {
    const index = this.#slots.indexOf(slot);
    if (index >= 0) this.#slots.splice(index, 1);
    void slot.worker.terminate();
    const next = this.#waiting.shift();
    if (next !== undefined) next(this.#open());
  }
}
