import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud, Principal } from '../../core/contracts.ts';
import type { Invocation } from './runner.ts';

/** What an event source mapping is made of. */
export type MappingParts = Readonly<{
  cloud: Cloud;
  id: string;
  source: string;
  functionArn: string;
  properties: Readonly<Record<string, unknown>>;
  /** The function's role: the mapping reads with its permissions. */
  principal(): Principal;
  invoke(event: unknown): Promise<Invocation>;
  /** @default {@link pause} */
  rest?(ms: number, signal: AbortSignal): Promise<void>;
}>;

/** Resolves after so long, or as soon as the signal is aborted. Nothing is left on the signal, which lives as long as the loop. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal }).catch(() => undefined);

/** A loop that runs until it is stopped; a failing turn is logged and tried again after a pause. */
export abstract class PollingLoop {
  protected readonly parts: MappingParts;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(parts: MappingParts) {
    this.parts = parts;
  }

  protected get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  protected abstract turn(): Promise<void>;

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.signal.aborted) {
      try {
        await this.turn();
      } catch (error) {
        this.parts.cloud.log('lambda', 'event source mapping failed', { id: this.parts.id, error: error instanceof Error ? error.message : String(error) });
        await pause(500, this.signal);
      }
    }
  }
}
