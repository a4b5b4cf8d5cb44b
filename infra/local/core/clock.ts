import type { Clock } from './contracts.ts';

type Waiter = Readonly<{ at: number; wake(): void }>;

/**
 * The cloud's clock: real time minus an offset that only shrinks (ADR 0006). Workers read the same offset through shared memory.
 */
export class LapseClock implements Clock {
  /** Milliseconds behind real time; one 64-bit cell. */
  readonly shared = new BigInt64Array(new SharedArrayBuffer(8));
  readonly #waiters = new Set<Waiter>();
  readonly #onChange: (offsetMs: number) => void;

  constructor(offsetMs: number, onChange: (offsetMs: number) => void) {
    Atomics.store(this.shared, 0, BigInt(Math.max(0, Math.round(offsetMs))));
    this.#onChange = onChange;
  }

  get offsetMs(): number {
    return Number(Atomics.load(this.shared, 0));
  }

  now(): number {
    return Date.now() - this.offsetMs;
  }

  /** Move forward, at most to real time. */
  advance(byMs: number): number {
    if (!(byMs >= 0)) throw new RangeError(`advanceMs: got ${byMs}, want a number of at least 0`);
    const offset = Math.max(0, this.offsetMs - Math.round(byMs));
    Atomics.store(this.shared, 0, BigInt(offset));
    this.#onChange(offset);
    const now = this.now();
    for (const waiter of [...this.#waiters]) if (waiter.at <= now) waiter.wake();
    return offset;
  }

  until(epochMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => (): void => {
        this.#waiters.delete(waiter);
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        settle();
      };
      const wake = finish(resolve);
      const abort = finish(() => { reject(new Error('waiting was given up')); });
      const waiter: Waiter = { at: epochMs, wake };
      // setTimeout takes at most 2^31 ms; a longer wait is checked again.
      const arm = (): NodeJS.Timeout => setTimeout(() => {
        if (this.now() >= epochMs) wake();
        else timer = arm();
      }, Math.min(Math.max(0, epochMs - this.now()), 2 ** 31 - 1));
      let timer = arm();
      if (signal?.aborted === true) {
        abort();
        return;
      }
      signal?.addEventListener('abort', abort);
      this.#waiters.add(waiter);
    });
  }
}
