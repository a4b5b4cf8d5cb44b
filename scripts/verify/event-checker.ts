import type { ChunkStore, NoChunks } from './chunk-store.ts';
import { Chunks } from './chunks.ts';
import type { BatchPlace, Findings } from './damage.ts';
import { Erasures } from './erasures.ts';
import { EntryReader, MARK, MARKS, guessPlace, streamOf, type Entry } from './entry.ts';
import { MarkedEntry, followingOf, type Following } from './marked-entry.ts';
import { FormError } from './note.ts';
import { rolesOf } from './authority.ts';
import type { Order } from './order.ts';
import { Signatures } from './signature.ts';
import { signaturesIn } from './signatures-in.ts';
import type { Act, Standing } from './standing.ts';
import { Streams } from './streams.ts';
import { TASK, type Fact, type SignedFact, type UnitReading } from './unit-reading.ts';

/** Where an event was found: file, and its index in a log, or the batch and version it should be. */
export type EventPlace = Readonly<{ file: string; entry?: number; batch?: BatchPlace }>;

type Event = Readonly<Record<string, unknown> & { type: string }>;

export const placeOf = (stream: string, version: number): BatchPlace => ({ ...streamOf(stream), version });

/** An event in words: by its index in a log, else by its version in the record that the file is of, or in another. */
const userOf = ({ entry }: EventPlace, { kind, id, version }: BatchPlace): string => {
  if (entry !== undefined) return `entry ${entry}`;
  return kind === 'batch' ? `version ${version}` : `${kind} ${id}, version ${version}`;
};

/** Reads events in order: each alone, then in the chain of its stream. */
export class EventChecker {
  readonly #findings: Findings;
  readonly #entries = new EntryReader();
  readonly streams = new Streams();
  readonly signatures = new Signatures();
  readonly chunks: Chunks;
  readonly erasures: Erasures;
  readonly #standing: Pick<Standing, 'note'>;
  readonly #order: Order | undefined;
  readonly #newestMs: () => number;

  /** @param order of the log's times; undefined when events do not come in the order of the log @param standing weighs who might sign */
  constructor(chunks: ChunkStore | NoChunks, findings: Findings, order: Order | undefined, standing: Pick<Standing, 'note'>) {
    this.#findings = findings;
    this.#order = order;
    this.#newestMs = () => order?.newestMs ?? -Infinity;
    this.chunks = new Chunks(chunks, findings);
    this.erasures = new Erasures(findings);
    this.#standing = standing;
  }

  /** RFC 6962 leaf hash, as 32 characters of one byte each. */
  leafHash(bytes: Buffer, start: number, end: number): string {
    return this.#entries.leafHash(bytes, start, end);
  }

  /** @returns the event, whatever was found wrong with it; undefined when it can not be read */
  check(bytes: Buffer, start: number, end: number, place: EventPlace): Entry | undefined {
    let entry: Entry;
    try {
      entry = this.#entries.read(bytes, start, end);
    } catch (error) {
      if (!(error instanceof FormError)) throw error;
      this.#reportUnreadable(bytes.subarray(start, end), place, error.message);
      return undefined;
    }
    if (entry.hash !== entry.computedHash) this.#complain(place, entry, `its content does not match its hash: got ${entry.computedHash}, it says ${entry.hash}`);
    const following = followingOf(entry);
    this.#followChain(following, place);
    if (entry.needsReading) this.#readEvent(bytes, start, end, following, place);
    this.#followOrder(following, place);
    return entry;
  }

  /** The events of a bundle in which each is sound in itself: what is left is how they stand to those before them. */
  follow(bytes: Buffer, { marks, facts }: UnitReading, { file, entry: first }: Readonly<{ file: string; entry: number }>): void {
    const marked = new MarkedEntry(bytes, marks);
    for (let slot = 0, i = 0, fact = 0; slot < marks.length; slot += MARKS, i++) {
      const entry = marked.at(slot), place = { file, entry: first + i };
      this.#followChain(entry, place);
      const task = marks[slot + MARK.task];
      if (task === TASK.whole) this.#readEvent(bytes, marks[slot + MARK.start] ?? 0, marks[slot + MARK.end] ?? 0, entry, place);
      else if (task !== TASK.chain) this.#noteFact(facts[fact++] ?? [], entry, place);
      this.#followOrder(entry, place);
    }
  }

  #followChain(entry: Following, place: EventPlace): void {
    const fault = this.streams.follow(entry);
    if (fault !== undefined) this.#complain(place, entry, fault);
  }

  #followOrder(entry: Following, place: EventPlace): void {
    const late = this.#order?.follow(entry.recordedAt, place.entry ?? '');
    if (late !== undefined) this.#complain(place, entry, late);
  }

  #reportUnreadable(bytes: Buffer, place: EventPlace, message: string): void {
    const guess = guessPlace(bytes);
    if (guess === undefined) this.streams.skip();
    else this.streams.skipEvent(guess.stream, guess.version);
    this.#findings.damage({ ...place, message: `is not the canonical JSON of an event: ${message}`, ...(guess === undefined ? {} : { batch: placeOf(guess.stream, guess.version) }) });
  }

  #complain(place: EventPlace, { stream, version }: Pick<Following, 'stream' | 'version'>, message: string): void {
    this.#findings.damage({ ...place, batch: placeOf(stream, version), message });
  }

  #readEvent(bytes: Buffer, start: number, end: number, entry: Following, place: EventPlace): void {
    const { actor, event } = JSON.parse(bytes.toString('utf8', start, end)) as Readonly<{ actor: unknown; event: Event }>;
    const batch = placeOf(entry.stream, entry.version);
    const user = userOf(place, batch);
    const { own, strange } = signaturesIn(event, entry.signers);
    if (own !== undefined) for (const fault of this.signatures.check(user, entry, actor, own)) this.#complain(place, entry, fault);
    if (strange.length > 0) this.#complain(place, entry, `carries a signature where none belongs (${strange.join(', ')}): nothing binds it to this event`);
    if (own !== undefined || batch.kind === 'person') this.#followStanding(entry, { actor, event, own }, user, { ...place, batch });
    if (batch.kind === 'chain-of-identity' && own !== undefined) this.erasures.noteSigned(batch.id, entry.version, event);
    if (event.type === 'personal-data-erased') this.erasures.noteOrder(event, { ...place, batch });
    if (event.type === 'telemetry-sealed') this.chunks.note(event['chunks'], { ...place, batch });
  }

  /** What another thread may have read of an event. */
  #noteFact(fact: Fact, entry: Following, place: EventPlace): void {
    const { kind, id } = this.streams.lastId, batch = { kind, id, version: entry.version };
    if (Array.isArray(fact)) {
      this.chunks.keep(fact, { ...place, batch });
      return;
    }
    const { type, signerId, signInId, roles } = fact as SignedFact;
    const user = userOf(place, batch);
    for (const fault of this.signatures.use(user, signInId)) this.#complain(place, entry, fault);
    this.#standing.note({ event: user, type, recordedAt: entry.recordedAt, newestMs: this.#newestMs, place: { ...place, batch }, signerId, roles });
  }

  #followStanding({ recordedAt }: Following, { actor, event: content, own }: Readonly<{ actor: unknown; event: Event; own: unknown }>, event: string, place: Act['place'] & Readonly<{ batch: BatchPlace }>): void {
    const { signerId } = (own ?? {}) as Readonly<{ signerId?: unknown }>;
    const { roles } = (actor ?? {}) as Readonly<{ roles?: unknown }>;
    const { kind, id } = place.batch;
    this.#standing.note({
      event, type: content.type, recordedAt, newestMs: this.#newestMs, place,
      ...(typeof signerId === 'string' ? { signerId, roles: rolesOf(roles) } : {}), ...(kind === 'person' ? { personId: id, content } : {}),
    });
  }
}
