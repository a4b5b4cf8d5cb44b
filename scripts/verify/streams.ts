import { isStreamText, streamOf } from './entry.ts';
import type { Following } from './unit-reading.ts';

/**
 * The chain of each stream: versions from 1 without a hole, each event naming the hash of the one before it, server times never going back.
 */
type Head = { version: number; hash: string; computedHash: string; recordedAt: string; gaps: number; id?: StreamId };
type StreamId = Readonly<{ kind: string; id: string }>;

/** Before the first event of a stream. */
const GENESIS_HASH = '0'.repeat(64);

export class Streams {
  readonly #heads = new Map<string, Head>();
  /** Stretches of the log that could not be read: a stream may have lost events in each. */
  #gaps = 0;
  #newest = '';

  get count(): number {
    return this.#heads.size;
  }

  /** Texts of all streams seen. */
  get names(): IterableIterator<string> {
    return this.#heads.keys();
  }

  /** `{kind, id}` of a stream's text, read once. */
  idOf(text: string): StreamId {
    const head = this.#heads.get(text);
    return head === undefined ? streamOf(text) : head.id ??= streamOf(text);
  }

  /** Latest server time of all. */
  get newest(): string {
    return this.#newest;
  }

  /** Some entries could not be read; what follows them may not fit, and that is not its fault. */
  skip(): void {
    this.#gaps++;
  }

  /** An unreadable entry whose place is known: its successor is not to blame. */
  skipEvent(stream: string, version: number): void {
    const head = this.#heads.get(stream);
    if (head === undefined || head.version + 1 === version) this.#heads.set(stream, { version, hash: '', computedHash: '', recordedAt: head?.recordedAt ?? '', gaps: this.#gaps });
    else this.skip();
  }

  /** @returns what does not fit, or undefined; the stream goes on from this event either way */
  follow(entry: Following): string | undefined {
    const head = this.#heads.get(entry.stream);
    if (entry.recordedAt > this.#newest) this.#newest = entry.recordedAt;
    if (head === undefined) {
      this.#heads.set(entry.stream, { version: entry.version, hash: entry.hash, computedHash: entry.computedHash, recordedAt: entry.recordedAt, gaps: this.#gaps });
      return this.#faultOfFirst(entry);
    }
    const fault = this.#faultOf(head, entry);
    head.version = entry.version;
    head.hash = entry.hash;
    head.computedHash = entry.computedHash;
    head.recordedAt = entry.recordedAt;
    head.gaps = this.#gaps;
    return fault;
  }

  #faultOfFirst({ stream, version, previousHash }: Following): string | undefined {
    if (!isStreamText(stream)) return `got the stream ${stream}, want id and kind`;
    if (version !== 1) return this.#gaps > 0 ? undefined : `got version ${version} as the first event of its stream, want 1`;
    return previousHash === GENESIS_HASH ? undefined : 'is the first event of its stream and yet names one before it';
  }

  #faultOf(head: Head, { version, previousHash, recordedAt }: Following): string | undefined {
    const wanted = head.version + 1;
    if (version !== wanted) return head.gaps < this.#gaps && version > wanted ? undefined : `got version ${version} after version ${head.version}, want ${wanted}: events were removed, repeated or put in another order`;
    const isLinked = head.hash === '' || previousHash === head.hash || previousHash === head.computedHash;
    if (!isLinked) return `does not follow version ${head.version}: its previousHash is not the hash of that event`;
    return recordedAt < head.recordedAt ? `is recorded at ${recordedAt}, before version ${head.version} (${head.recordedAt})` : undefined;
  }
}
