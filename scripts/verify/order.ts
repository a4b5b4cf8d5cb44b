/**
 * The server's times along the log. A site takes events in within a minute of their acceptance, oldest first, so times in the log may stand back a little and no more. An entry that says it is
 * older than what was in the log long before it was dated back, or taken in late; either way nothing shows that it was there at its time.
 */

/**
 * How far an entry may stand back behind the newest before it: 70 minutes. Events are taken in within a minute; one that lost its place in the outbox is found by the hourly check of the record against the
 * log (60 minutes, a run of 4, and a function's longest run of 5), and nobody has done wrong. See ADR 0028.
 */
export const LATE_MS = 70 * 60_000;
/** This machine's clock, the site's and a witness's may differ by this much. */
const CLOCK_TOLERANCE_MS = 300_000;

/** An event in words, or its index in the log. */
export type Event = string | number;
const nameOf = (event: Event): string => (typeof event === 'number' ? `entry ${event}` : event);

/** A checkpoint kept from an earlier day, of so many entries, and when a witness cosigned it last. */
export type Earlier = Readonly<{ file: string; size: number; cosignedEpochMs: number }>;

export class Order {
  readonly #latest: string;
  #newest = '';
  #newestMs = -Infinity;
  #isParsed = true;
  #newestEvent: Event = '';

  readonly #floor: Readonly<{ entry: number; time: string; message: string }> | undefined;

  /** @param seenEpochMs when the whole log was seen: nothing in it can be later @param earlier a checkpoint that was seen before: what stands after its entries came after it */
  constructor(seenEpochMs: number, earlier?: Earlier) {
    if (earlier !== undefined) this.#floor = { entry: earlier.size, time: new Date(earlier.cosignedEpochMs - LATE_MS).toISOString(), message: `came after the checkpoint ${earlier.file} of ${earlier.size} entries, which was cosigned at ${new Date(earlier.cosignedEpochMs).toISOString()}: dated back, or taken in late` };
    this.#latest = new Date(seenEpochMs + CLOCK_TOLERANCE_MS).toISOString();
  }

  /** Newest time so far, epoch ms. */
  get newestMs(): number {
    if (!this.#isParsed) this.#newestMs = Date.parse(this.#newest);
    this.#isParsed = true;
    return this.#newestMs;
  }

  /** The next event of the log, its time as text. @returns what is wrong with the time, or undefined */
  follow(recordedAt: string, event: Event): string | undefined {
    const floor = this.#floor;
    if (floor !== undefined && typeof event === 'number' && event >= floor.entry && recordedAt < floor.time) return `is recorded at ${recordedAt}, and ${floor.message}`;
    if (recordedAt >= this.#newest) return this.#advance(recordedAt, event);
    if (Date.parse(recordedAt) >= this.newestMs - LATE_MS) return undefined;
    const newest = nameOf(this.#newestEvent);
    return `is recorded at ${recordedAt} and comes after ${newest}, which is of ${this.#newest}: dated back, or taken in late (or ${newest} is dated ahead)`;
  }

  /** A time that can not have been yet is the fault of that one event, not of all that follow it. */
  #advance(recordedAt: string, event: Event): string | undefined {
    if (recordedAt > this.#latest) return `is recorded at ${recordedAt}, and the log was seen before ${this.#latest}: dated ahead, or this machine's clock is wrong`;
    if (recordedAt !== this.#newest) [this.#newest, this.#newestEvent, this.#isParsed] = [recordedAt, event, false];
    return undefined;
  }
}
