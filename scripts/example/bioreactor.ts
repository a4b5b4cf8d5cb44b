import type { EdgeGateway } from '../client/edge-gateway.ts';
import type { LocalClock } from '../client/local-clock.ts';
import { EXAMPLE_REPORTED, SAMPLE_SECONDS, type ExampleCulture } from './example-culture.ts';

const MINUTE_MS = 60_000;
const SECOND_MS = 1000;
/** Between readings of the sensors. */
const SAMPLE_MS = SAMPLE_SECONDS * SECOND_MS;

type BioreactorParts = Readonly<{ gateway: Pick<EdgeGateway, 'birth' | 'data'>; clock: Pick<LocalClock, 'advance' | 'now'>; culture: ExampleCulture; signal: AbortSignal }>;

/** The bioreactor of the example as it stands in the room: switched on before the batch has it and after, it sends what it read a message a minute, each when its minute is over by the cloud's clock. Nobody but it moves that clock by more. */
export class ExampleBioreactor {
  readonly #parts: BioreactorParts;
  /** End of the last minute that was sent. */
  #sentUntil: number | undefined;
  /** Hour 0 of the culture in it, epoch ms; before, it shows what the culture begins with. */
  cultureStartEpochMs = Infinity;

  constructor(parts: BioreactorParts) {
    this.#parts = parts;
  }

  /** Let time pass. Sending each minute in its own time, and not many after a leap, is what a gateway does, and what a node believes (ADR 0030). */
  async pass(minutes: number): Promise<void> {
    const { clock, signal } = this.#parts;
    await this.#beBorn();
    for (let passed = 0; passed < minutes; passed += 1) {
      if (signal.aborted) throw new Error('stopped');
      await this.#send(await clock.advance(MINUTE_MS));
    }
  }

  async #beBorn(): Promise<void> {
    if (this.#sentUntil !== undefined) return;
    const { gateway, clock } = this.#parts;
    await gateway.birth();
    this.#sentUntil = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS;
  }

  async #send(nowEpochMs: number): Promise<void> {
    for (let minute = (this.#sentUntil ?? nowEpochMs) + MINUTE_MS; minute <= nowEpochMs; minute += MINUTE_MS) {
      await this.#parts.gateway.data(Array.from({ length: MINUTE_MS / SAMPLE_MS }, (_, i) => this.#rowAt(minute - MINUTE_MS + i * SAMPLE_MS)));
      this.#sentUntil = minute;
    }
  }

  #rowAt(atEpochMs: number): Readonly<{ atEpochMs: number; values: readonly number[] }> {
    const second = Math.max(0, Math.floor((atEpochMs - this.cultureStartEpochMs) / SECOND_MS));
    return { atEpochMs, values: EXAMPLE_REPORTED.map((name) => this.#parts.culture.reading(name, second)) };
  }
}
