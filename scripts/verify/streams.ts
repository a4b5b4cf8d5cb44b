import { isStreamText, streamOf } from './entry.ts';
import type { Following } from './marked-entry.ts';

/**
 * The chain of each stream: versions from 1 without a hole, each event naming the hash of the one before it, server times never going back.
 */
type Head = { readonly text: string; version: number; hash: string; computedHash: string; recordedAt: string; gaps: number; id?: StreamId };
type StreamId = Readonly<{ kind: string; id: string }>;

/** Before the first event of a stream. */
const GENESIS_HASH = '0'.repeat(64);

export class Streams {
  readonly #heads = new Map<string, Head>();
  /** The stream that was found last by each number: quicker than by its text, which decides. */
  readonly #byKey = new Map<number, Head>();
  #last: Head | undefined;
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

  /** `{kind, id}` of the stream that was followed last, read once for each. @throws RangeError before the first */
  get lastId(): StreamId {
    if (this.#last === undefined) throw new RangeError('no event was followed yet');
    return this.#last.id ??= streamOf(this.#last.text);
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
    if (head === undefined || head.version + 1 === version) this.#set({ text: stream, version, hash: '', computedHash: '', recordedAt: head?.recordedAt ?? '', gaps: this.#gaps });
    else this.skip();
  }

  /** @returns what does not fit, or undefined; the stream goes on from this event either way */
  follow(entry: Following): string | undefined {
    const head = this.#headOf(entry);
    this.#last = head;
    if (entry.recordedAt > this.#newest) this.#newest = entry.recordedAt;
    if (head === undefined) {
      this.#last = this.#set({ text: entry.stream, version: entry.version, hash: entry.hash, computedHash: entry.computedHash, recordedAt: entry.recordedAt, gaps: this.#gaps });
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

  #set(head: Head): Head {
    if (this.#heads.has(head.text)) this.#byKey.clear();
    this.#heads.set(head.text, head);
    return head;
  }

  #headOf(entry: Following): Head | undefined {
    const { streamKey } = entry;
    const likely = streamKey === undefined ? undefined : this.#byKey.get(streamKey);
    if (likely !== undefined && entry.isOf(likely.text)) return likely;
    const head = this.#heads.get(entry.stream);
    if (head !== undefined && streamKey !== undefined) this.#byKey.set(streamKey, head);
    return head;
  }

  #faultOfFirst({ stream, version, previousHash }: Following): string | undefined {
    if (!isStreamText(stream)) return `got the stream ${stream}, want id and kind`;
    if (version !== 1) return this.#gaps > 0 ? undefined : `got version ${version} as the first event of its stream, want 1`;
    return previousHash === GENESIS_HASH ? undefined : 'is the first event of its stream and yet names one before it';
  }

  #faultOf(head: Head, entry: Following): string | undefined {
    const { version, recordedAt } = entry;
    const wanted = head.version + 1;
    if (version !== wanted) return head.gaps < this.#gaps && version > wanted ? undefined : `got version ${version} after version ${head.version}, want ${wanted}: events were removed, repeated or put in another order`;
    const isLinked = head.hash === '' || entry.follows(head.hash) || entry.follows(head.computedHash);
    if (!isLinked) return `does not follow version ${head.version}: its previousHash is not the hash of that event`;
    return recordedAt < head.recordedAt ? `is recorded at ${recordedAt}, before version ${head.version} (${head.recordedAt})` : undefined;
  }
}
