import type { Findings, Damage } from './damage.ts';
import type { Source } from './source.ts';

/** Telemetry chunks: files beside the log whose SHA-256 stands in an event `telemetry-sealed`. */
const FOLDER = 'chunks';
const HASH = /^[0-9a-f]{64}$/;
const SHOWN = 3;

type Chunk = Readonly<{ key: string; sha256: string }>;
const isChunk = (value: unknown): value is Chunk => {
  const { key, sha256 } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return typeof key === 'string' && key !== '' && typeof sha256 === 'string' && HASH.test(sha256);
};

export class Chunks {
  readonly #source: Source;
  readonly #findings: Findings;
  readonly #files: Set<string> | undefined;
  readonly #missing: string[] = [];
  #missingCount = 0;
  compared = 0;
  named = 0;

  constructor(source: Source, findings: Findings) {
    this.#source = source;
    this.#findings = findings;
    const listed = source.list(FOLDER);
    this.#files = listed === undefined ? undefined : new Set(listed);
  }

  /** @param place entry and batch of the event, for a damage */
  check(chunks: unknown, place: Omit<Damage, 'message'>): void {
    if (!Array.isArray(chunks) || !chunks.every(isChunk)) {
      this.#findings.damage({ ...place, message: 'its chunks want a list of key and sha256 (64 lower-case hex digits)' });
      return;
    }
    for (const chunk of chunks) this.#compare(chunk, place);
  }

  #compare({ key, sha256 }: Chunk, place: Omit<Damage, 'message'>): void {
    this.named++;
    if (this.#files === undefined) return;
    const file = `${FOLDER}/${key}`;
    const got = this.#source.hashOf(file);
    this.#files.delete(file);
    if (got === undefined) {
      this.#missingCount++;
      if (this.#missing.length < SHOWN) this.#missing.push(file);
      return;
    }
    this.compared++;
    if (got !== sha256) this.#findings.damage({ ...place, file, message: `its bytes have the SHA-256 ${got}, the event sealed ${sha256}: the file was changed` });
  }

  /** Say what could not be compared. */
  finish(): void {
    if (this.named > 0 && this.#files === undefined) this.#findings.notice(`${this.named} telemetry chunks are named by events; there is no folder ${FOLDER}, so their bytes were not compared`);
    if (this.#missingCount > 0) this.#findings.notice(`${this.#missingCount} telemetry chunks are not available, e.g. ${this.#missing.join(', ')}`);
    const rest = [...this.#files ?? []];
    if (rest.length > 0) this.#findings.notice(`${rest.length} files in ${FOLDER} are not named by the log, so nothing vouches for them, e.g. ${rest.slice(0, SHOWN).join(', ')}`);
  }
}
