import { Worker } from 'node:worker_threads';
import { readUnit, type Fact, type UnitReading } from './unit-reading.ts';
import { UNIT_THREAD, UNIT_THREAD_FILE, type UnitAnswer, type UnitTask } from './unit-thread.ts';

type Waiting = Readonly<{ resolve(reading: UnitReading | undefined): void; bytes: Buffer; width: number; isLonger: boolean }>;
type Thread = Readonly<{ worker: Worker; waiting: Map<number, Waiting> }>;

/**
 * Threads that read bundles beside this one. What they answer is what `readUnit` answers here, so a machine on which none can be started, or one that dies, costs time and nothing else: its bundles are read here.
 */
export class UnitPool {
  readonly #threads: Set<Thread>;
  #asked = 0;

  /** @param count threads beside this one; 0 reads everything here */
  constructor(count: number, file = UNIT_THREAD_FILE) {
    this.#threads = new Set(Array.from({ length: count }, () => ({ worker: new Worker(new URL(file), { workerData: UNIT_THREAD }), waiting: new Map<number, Waiting>() })));
    for (const thread of this.#threads) this.#listen(thread);
  }

  get threads(): number {
    return this.#threads.size;
  }

  /** @returns as `readUnit` */
  read(bytes: Buffer, width: number, isLonger: boolean): UnitReading | undefined | Promise<UnitReading | undefined> {
    const [first, ...others] = this.#threads;
    if (first === undefined) return readUnit(bytes, width, isLonger);
    const { worker, waiting } = others.reduce((least, each) => (each.waiting.size < least.waiting.size ? each : least), first);
    const id = this.#asked++;
    const copy = new Uint8Array(bytes);
    return new Promise((resolve) => {
      waiting.set(id, { resolve, bytes, width, isLonger });
      worker.postMessage({ id, bytes: copy, width, isLonger } satisfies UnitTask, [copy.buffer]);
    });
  }

  close(): void {
    for (const { worker } of this.#threads) void worker.terminate();
    this.#threads.clear();
  }

  #listen(thread: Thread): void {
    const { worker, waiting } = thread;
    worker.unref();
    worker.on('message', ({ id, reading }: UnitAnswer) => {
      waiting.get(id)?.resolve(reading === undefined ? undefined : { ...reading, facts: JSON.parse(reading.facts) as readonly Fact[] });
      waiting.delete(id);
    });
    const replace = (): void => {
      this.#threads.delete(thread);
      for (const { resolve, bytes, width, isLonger } of waiting.values()) resolve(readUnit(bytes, width, isLonger));
      waiting.clear();
    };
    worker.on('error', replace);
    worker.on('messageerror', replace);
    worker.on('exit', replace);
  }
}
