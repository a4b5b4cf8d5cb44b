import type { EdgeGateway } from '../client/edge-gateway.ts';
import type { LocalClock } from '../client/local-clock.ts';
import { EXAMPLE_REPORTED, SAMPLE_SECONDS, type ExampleCulture } from './example-culture.ts';

const MINUTE_MS = 60_000;
/** Minutes that are sent together: in time-lapse the gateway is like one whose line is down for half an hour at a time. What is old by then it marks as kept (`is_historical`), so that a node believes it. */
const STEP_MINUTES = 30;
/** Of readings that were not acknowledged the gateway keeps a day. */
const KEPT_MS = 24 * 60 * MINUTE_MS;
const SECOND_MS = 1000;
/** Between readings of the sensors. */
const SAMPLE_MS = SAMPLE_SECONDS * SECOND_MS;

/** What the gateway knows after a power cut: until when, epoch ms, its readings were acknowledged. */
export type SentUntil = Readonly<{ value: number | null; set(epochMs: number): void }>;
type BioreactorParts = Readonly<{ sentUntil: SentUntil; gateway: Pick<EdgeGateway, 'birth' | 'data'>; clock: Pick<LocalClock, 'advance' | 'now'>; culture: ExampleCulture; signal: AbortSignal }>;

/** The bioreactor of the example as it stands in the room: switched on before the batch has it and after, it sends what it read a message a minute, half an hour at a time. Nobody else moves the clock while it is on, and it waits for every acknowledgement before it does. */
export class ExampleBioreactor {
  readonly #parts: BioreactorParts;
  #isBorn = false;
  /** Hour 0 of the culture in it, epoch ms; before, it shows what the culture begins with. */
  cultureStartEpochMs = Infinity;

  constructor(parts: BioreactorParts) {
    this.#parts = parts;
  }

  /** Let time pass, and send what was read meanwhile (ADR 0030). */
  async pass(minutes: number): Promise<void> {
    const { clock, signal } = this.#parts;
    await this.#beBorn();
    for (let left = minutes; left > 0; left -= STEP_MINUTES) {
      if (signal.aborted) throw new Error('stopped');
      await this.#send(await clock.advance(Math.min(left, STEP_MINUTES) * MINUTE_MS));
    }
  }

  async #beBorn(): Promise<void> {
    if (this.#isBorn) return;
    const { gateway, clock, sentUntil } = this.#parts;
    await gateway.birth();
    this.#isBorn = true;
    const now = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS;
    sentUntil.set(Math.max(sentUntil.value ?? now, now - KEPT_MS));
  }

  async #send(nowEpochMs: number): Promise<void> {
    const { sentUntil } = this.#parts;
    const minutes: number[] = [];
    for (let minute = sentUntil.value ?? nowEpochMs; minute + MINUTE_MS <= nowEpochMs; minute += MINUTE_MS) minutes.push(minute);
    await Promise.all(minutes.map((minute) => this.#parts.gateway.data(Array.from({ length: MINUTE_MS / SAMPLE_MS }, (_, i) => this.#rowAt(minute + i * SAMPLE_MS)))));
    sentUntil.set((sentUntil.value ?? nowEpochMs) + minutes.length * MINUTE_MS);
  }

  #rowAt(atEpochMs: number): Readonly<{ atEpochMs: number; values: readonly number[] }> {
    const second = Math.max(0, Math.floor((atEpochMs - this.cultureStartEpochMs) / SECOND_MS));
    return { atEpochMs, values: EXAMPLE_REPORTED.map((name) => this.#parts.culture.reading(name, second)) };
  }
}
