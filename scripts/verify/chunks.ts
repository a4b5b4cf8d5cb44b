import { FOLDER, type ChunkStore, type Found, type NamedChunk, type NoChunks } from './chunk-store.ts';
import type { Damage, Findings } from './damage.ts';
import { SourceError } from './fetch-bytes.ts';
import type { Progress } from './progress.ts';
import { someAtOnce } from './some-at-once.ts';

/** Telemetry chunks: objects beside the log whose SHA-256 stands in an event `telemetry-sealed`. */
const HASH = /^[0-9a-f]{64}$/;
const SHOWN = 3;

type Place = Omit<Damage, 'message'>;
type Named = Readonly<{ chunk: NamedChunk; place: Place }>;

const wordsOf = ({ batch, entry }: Place): string => [...(batch === undefined ? [] : [`${batch.kind} ${batch.id}, version ${batch.version}`]), ...(entry === undefined ? [] : [`entry ${entry}`])].join(', ');

const isChunk = (value: unknown): value is NamedChunk => {
  const { key, sha256 } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return typeof key === 'string' && key !== '' && typeof sha256 === 'string' && HASH.test(sha256);
};

/** What an event that seals telemetry names. */
export const areChunks = (value: unknown): value is readonly NamedChunk[] => Array.isArray(value) && value.every(isChunk);

/** What is wrong, and in which file. */
const faultOf = ({ sha256 }: NamedChunk, [first, kept]: readonly Found[], isLatest: boolean): Readonly<{ file: string; message: string }> => {
  const changed = ({ file, hash = '' }: Found) => ({ file, message: `its bytes have the SHA-256 ${hash}, the event sealed ${sha256}: the file was changed` });
  if (kept?.hash !== undefined) return changed(kept);
  if (first?.hash === undefined) return { file: first?.file ?? '', message: `is missing: the event sealed it with the SHA-256 ${sha256}` };
  return isLatest || kept === undefined ? changed(first) : { file: kept.file, message: `is missing: it is what ${first.file} was when the event sealed it, before late messages changed it` };
};

/** @throws SourceError which says, too, what need not be fetched again */
const orTellKept = async ({ kept }: ChunkStore, compared: Promise<void>): Promise<void> => {
  try {
    await compared;
  } catch (error) {
    if (kept === undefined || !(error instanceof SourceError)) throw error;
    throw new SourceError(`${error.message}\n${kept.told()}: the same command goes on from there`, { cause: error });
  }
};

export class Chunks {
  readonly #store: ChunkStore | NoChunks;
  readonly #findings: Findings;
  /** Each key and hash once, in the order of the events. */
  readonly #named = new Map<string, Named>();
  /** By key, the hash it was given last. */
  readonly #latest = new Map<string, string>();
  compared = 0;

  constructor(store: ChunkStore | NoChunks, findings: Findings) {
    this.#store = store;
    this.#findings = findings;
  }

  get named(): number {
    return this.#named.size;
  }

  /** @param place entry and batch of the event, for a damage */
  note(chunks: unknown, place: Place): void {
    if (!areChunks(chunks)) {
      this.#findings.damage({ ...place, message: 'its chunks want a list of key and sha256 (64 lower-case hex digits)' });
      return;
    }
    this.keep(chunks, place);
  }

  /** Chunks whose form was looked at. */
  keep(chunks: readonly NamedChunk[], place: Place): void {
    for (const { key, sha256 } of chunks) {
      const name = `${sha256} ${key}`;
      if (!this.#named.has(name)) this.#named.set(name, { chunk: { key, sha256 }, place });
      this.#latest.set(key, sha256);
    }
  }

  /** Compare all that events name, and say what could not be compared. */
  async compare(progress: Progress): Promise<void> {
    const store = this.#store;
    if (typeof store === 'string') {
      this.#reportAbsent(store);
      return;
    }
    const rest = new Set(store.files);
    const all = [...this.#named.values()];
    let done = 0;
    await orTellKept(store, someAtOnce(all, store.ahead, async (each) => {
      await this.#compare(store, each, rest);
      progress(done += 1, all.length, 'telemetry chunks');
    }));
    if (store.kept !== undefined) this.#findings.notice(`${store.kept.told()}: with --chunks ${store.kept.folder} no network is needed`);
    if (rest.size > 0) this.#findings.notice(`${rest.size} files in ${FOLDER} are not named by the log, so nothing vouches for them, e.g. ${[...rest].slice(0, SHOWN).join(', ')}`);
  }

  #reportAbsent(store: NoChunks): void {
    const [first] = this.#named.values();
    if (first === undefined) return;
    const what = `${this.named} telemetry chunks are named by events, the first by ${wordsOf(first.place)}`;
    if (store === 'missing') this.#findings.damage({ file: FOLDER, message: `is missing: ${what}. Say where they are (--chunks), or that they are not to be compared (--without-chunks)` });
    else this.#findings.notice(`${what}; their bytes were not compared (see --chunks)`);
  }

  async #compare(store: ChunkStore, { chunk, place }: Named, rest: Set<string>): Promise<void> {
    const found = await store.find(chunk, place.batch?.id ?? '');
    for (const { file } of found) rest.delete(file);
    if (found.some(({ hash }) => hash !== undefined)) this.compared++;
    if (!found.some(({ hash }) => hash === chunk.sha256)) this.#findings.damage({ ...place, ...faultOf(chunk, found, this.#latest.get(chunk.key) === chunk.sha256) });
  }
}
