import { Worker } from 'node:worker_threads';
import { SourceError } from './fetch-bytes.ts';
import { loadUnit, type Loaded } from './load-unit.ts';
import type { Source } from './source.ts';
import type { TileFile } from './tiles.ts';
import type { Fact } from './unit-reading.ts';
import { UNIT_THREAD, UNIT_THREAD_FILE, type SentUnit, type UnitAnswer, type UnitTask, type UnitThread } from './unit-thread.ts';

type Waiting = Readonly<{ resolve(loaded: Loaded | Promise<Loaded>): void; reject(error: SourceError): void; index: number; width: number }>;
type Thread = Readonly<{ worker: Worker; waiting: Map<number, Waiting> }>;

const received = (sent: SentUnit['bundle']): TileFile | undefined => sent && { ...sent, bytes: Buffer.from(sent.bytes.buffer) };

const loadedOf = ({ bundle, tile, reading }: SentUnit): Loaded => ({
  bundle: received(bundle), tile: received(tile), reading: reading && { ...reading, facts: JSON.parse(reading.facts) as readonly Fact[] },
});

/**
 * Threads that read units beside this one, files and all. What they answer is what `loadUnit` answers here, so a machine on which none can be started, or one that dies, costs time and nothing else: its units are read here.
 */
export class UnitPool {
  readonly #source: Source;
  readonly #threads: Set<Thread>;
  #asked = 0;

  /** @param count threads beside this one; 0 reads everything here, and so does a source that no other thread can open */
  constructor(source: Source, count: number, file = UNIT_THREAD_FILE) {
    this.#source = source;
    const { place } = source;
    this.#threads = new Set(place === undefined ? [] : Array.from({ length: count }, () => ({ worker: new Worker(new URL(file), { workerData: { word: UNIT_THREAD, place } satisfies UnitThread }), waiting: new Map<number, Waiting>() })));
    for (const thread of this.#threads) this.#listen(thread);
  }

  get threads(): number {
    return this.#threads.size;
  }

  /** Units that were asked of threads and have not come. */
  get waiting(): number {
    let sum = 0;
    for (const { waiting } of this.#threads) sum += waiting.size;
    return sum;
  }

  /** Ask the thread that has the least to do. @returns as `loadUnit` */
  load(index: number, width: number): Promise<Loaded> {
    const [first, ...others] = this.#threads;
    if (first === undefined) return loadUnit(this.#source, index, width);
    const { worker, waiting } = others.reduce((least, each) => (each.waiting.size < least.waiting.size ? each : least), first);
    const id = this.#asked++;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject, index, width });
      worker.postMessage({ id, index, width } satisfies UnitTask);
    });
  }

  close(): void {
    for (const { worker } of this.#threads) void worker.terminate();
    this.#threads.clear();
  }

  #listen(thread: Thread): void {
    const { worker, waiting } = thread;
    worker.unref();
    worker.on('message', (answer: UnitAnswer) => {
      if ('fault' in answer) waiting.get(answer.id)?.reject(new SourceError(answer.fault));
      else waiting.get(answer.id)?.resolve(loadedOf(answer.unit));
      waiting.delete(answer.id);
    });
    const replace = (): void => {
      this.#threads.delete(thread);
      for (const { resolve, index, width } of waiting.values()) resolve(loadUnit(this.#source, index, width));
      waiting.clear();
    };
    worker.on('error', replace);
    worker.on('messageerror', replace);
    worker.on('exit', replace);
  }
}
