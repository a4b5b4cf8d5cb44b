import { createWriteStream, type WriteStream } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { ExecutionEnvironment, type Ending, type FunctionDefinition } from './environment.ts';
import type { WorkerAnswer, WorkerRequest } from './worker.ts';

/** How an invocation ended; an error is the function's, not the caller's. */
export type Invocation = Readonly<{ outcome: 'returned'; result: unknown }> | Readonly<{ outcome: 'failed'; errorType: string; errorMessage: string }>;

type Slot = { readonly environment: ExecutionEnvironment; busy: boolean; usedMb: number; idleTimer: NodeJS.Timeout | undefined };
/** An environment nobody needs for so long is given back. */
const IDLE_MS = 60_000;

/** What Lambda says of an invocation that gave no answer. */
const failureOf = (ending: Ending, { name, timeoutSeconds, memoryMb }: FunctionDefinition): Invocation & Readonly<{ outcome: 'failed' }> => {
  switch (ending) {
    case 'timeout': return { outcome: 'failed', errorType: 'Sandbox.Timedout', errorMessage: `Task timed out after ${timeoutSeconds} seconds` };
    case 'out-of-memory': return { outcome: 'failed', errorType: 'Runtime.OutOfMemory', errorMessage: `function ${name} ran out of memory: it needs more than its ${memoryMb} MB (MemorySize)` };
    case 'exit': return { outcome: 'failed', errorType: 'Runtime.ExitError', errorMessage: `the execution environment of function ${name} ended` };
    default: return ending satisfies never;
  }
};

/** One function: up to `concurrency` execution environments, each running one event at a time, kept warm for a while. */
export class FunctionRunner {
  readonly definition: FunctionDefinition;
  readonly #clock: SharedArrayBuffer;
  readonly #log: WriteStream;
  readonly #idleMs: number;
  readonly #slots: Slot[] = [];
  readonly #waiting: ((slot: Slot) => void)[] = [];
  #nextId = 1;

  constructor(definition: FunctionDefinition, clock: SharedArrayBuffer, logFile: string, idleMs = IDLE_MS) {
    this.#idleMs = idleMs;
    this.definition = definition;
    this.#clock = clock;
    this.#log = createWriteStream(logFile, { flags: 'a' });
  }

  async invoke(event: unknown): Promise<Invocation> {
    const slot = await this.#acquire();
    const { arn, timeoutSeconds } = this.definition;
    const request: WorkerRequest = { id: this.#nextId++, event, requestId: randomUUID(), functionArn: arn, deadlineEpochMs: Date.now() + timeoutSeconds * 1000 };
    const begun = performance.now();
    const answer = await slot.environment.run(request);
    this.#report(request.requestId, performance.now() - begun, slot, answer);
    if (typeof answer === 'string') {
      this.#discard(slot);
      return failureOf(answer, this.definition);
    }
    this.#release(slot);
    if ('error' in answer) {
      this.#write(`${answer.error.stack}\n`);
      return { outcome: 'failed', errorType: answer.error.name, errorMessage: answer.error.message };
    }
    return { outcome: 'returned', result: answer.result };
  }

  /** What Lambda's platform writes after each invocation. @see AWS Lambda Developer Guide, Lambda Telemetry API Event schema reference, platform.report */
  #report(requestId: string, durationMs: number, slot: Slot, answer: WorkerAnswer | Ending): void {
    const isEnding = typeof answer === 'string';
    if (!isEnding) slot.usedMb = Math.max(slot.usedMb, answer.usedMb);
    const metrics = { durationMs: Math.round(durationMs * 1000) / 1000, memorySizeMB: this.definition.memoryMb, maxMemoryUsedMB: slot.usedMb };
    const status = isEnding ? (answer === 'timeout' ? 'timeout' : 'error') : 'error' in answer ? 'error' : 'success';
    this.#write(`${JSON.stringify({ type: 'platform.report', record: { requestId, metrics, status, ...(isEnding ? { errorType: failureOf(answer, this.definition).errorType } : {}) } })}\n`);
  }

  /** What a worker says while it is ended has nowhere to go. */
  #write(text: string | Buffer): void {
    if (!this.#log.writableEnded) this.#log.write(text);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#slots.splice(0).map(({ environment, idleTimer }) => {
      clearTimeout(idleTimer);
      return environment.end();
    }));
    await new Promise<void>((resolve) => { this.#log.end(() => { resolve(); }); });
  }

  /** A function that ended its own process while nothing ran leaves a slot that runs nothing more. */
  #dropEnded(): void {
    for (const slot of this.#slots.filter(({ busy, environment }) => !busy && environment.isEnded)) this.#discard(slot);
  }

  #acquire(): Promise<Slot> {
    this.#dropEnded();
    const free = this.#slots.find(({ busy }) => !busy);
    const slot = free ?? (this.#slots.length < this.definition.concurrency ? this.#open() : undefined);
    if (slot === undefined) return new Promise((resolve) => { this.#waiting.push(resolve); });
    slot.busy = true;
    clearTimeout(slot.idleTimer);
    return Promise.resolve(slot);
  }

  #open(): Slot {
    const environment = new ExecutionEnvironment(this.definition, this.#clock, (text) => { this.#write(text); });
    const slot: Slot = { environment, busy: true, usedMb: 0, idleTimer: undefined };
    this.#slots.push(slot);
    return slot;
  }

  #release(slot: Slot): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next(slot);
      return;
    }
    slot.busy = false;
    slot.idleTimer = setTimeout(() => { this.#discard(slot); }, this.#idleMs);
    slot.idleTimer.unref();
  }

  #discard(slot: Slot): void {
    const index = this.#slots.indexOf(slot);
    if (index >= 0) this.#slots.splice(index, 1);
    clearTimeout(slot.idleTimer);
    void slot.environment.end();
    const next = this.#waiting.shift();
    if (next !== undefined) next(this.#open());
  }
}
