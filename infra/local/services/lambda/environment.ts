import { Worker } from 'node:worker_threads';
import { limitsOf } from './memory.ts';
import type { WorkerAnswer, WorkerRequest, WorkerSettings } from './worker.ts';

export type FunctionDefinition = Readonly<{
  name: string; arn: string; codePath: string; handler: string; environment: Readonly<Record<string, string>>; timeoutSeconds: number; memoryMb: number; concurrency: number;
}>;
/** Why there is no answer. */
export type Ending = 'timeout' | 'out-of-memory' | 'exit';

const isOutOfMemory = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';

/** One execution environment of a function: a worker thread with the function's memory, which runs one event at a time until it is ended. */
export class ExecutionEnvironment {
  readonly #worker: Worker;
  readonly #definition: FunctionDefinition;
  #settle: ((outcome: WorkerAnswer | Ending) => void) | undefined;
  #ended: Ending | undefined;

  constructor(definition: FunctionDefinition, clock: SharedArrayBuffer, write: (text: string | Buffer) => void) {
    this.#definition = definition;
    const { codePath, handler, environment, memoryMb, name } = definition;
    const [file = 'index', handlerName = 'handler'] = handler.split('.');
    const settings: WorkerSettings = { modulePath: `${codePath}/${file}.mjs`, handlerName, clock, functionName: name, memoryMb };
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: settings, env: { ...environment }, stdout: true, stderr: true, execArgv: ['--enable-source-maps', '--disable-warning=ExperimentalWarning'], resourceLimits: limitsOf(memoryMb),
    });
    this.#worker.stdout.on('data', write);
    this.#worker.stderr.on('data', write);
    this.#worker.on('message', (answer: WorkerAnswer) => {
      // The engine bounds the heap alone; what lies outside it is looked at here.
      if (answer.usedMb > memoryMb) this.#end('out-of-memory');
      else this.#settle?.(answer);
    });
    this.#worker.on('error', (error: unknown) => {
      write(`${error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
      this.#end(isOutOfMemory(error) ? 'out-of-memory' : 'exit');
    });
    this.#worker.on('exit', () => { this.#end('exit'); });
    this.#worker.unref();
  }

  /** Whether it can run nothing more. */
  get isEnded(): boolean {
    return this.#ended !== undefined;
  }

  #end(why: Ending): void {
    this.#ended ??= why;
    this.#settle?.(this.#ended);
  }

  /** @returns what the function answered, or why it did not; then the environment is of no more use */
  run(request: WorkerRequest): Promise<WorkerAnswer | Ending> {
    if (this.#ended !== undefined) return Promise.resolve(this.#ended);
    return new Promise((resolve) => {
      const timer = setTimeout(() => { this.#end('timeout'); }, this.#definition.timeoutSeconds * 1000);
      this.#settle = (outcome) => {
        clearTimeout(timer);
        this.#settle = undefined;
        resolve(outcome);
      };
      this.#worker.postMessage(request);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
