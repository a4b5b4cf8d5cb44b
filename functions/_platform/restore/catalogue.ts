import { Frontier } from '../../../shared/audit-log/frontier.ts';
import { HASH_BYTES, hexOf } from '../../../shared/audit-log/hash.ts';
import { DomainError } from '../../../shared/errors.ts';
import { GENESIS_HASH, type Recorded, type StreamId } from '../../../shared/record/envelope.ts';

type Places = Readonly<{ stream: StreamId; /** Place in the log of each version, from 1; NaN where none was seen. */ indices: number[] }>;

/** A list of hashes in one piece of memory: a hospital's log has millions. */
class Hashes {
  readonly #bytes: Uint8Array;
  constructor(count: number) { this.#bytes = new Uint8Array(count * HASH_BYTES); }
  set(index: number, hash: Uint8Array): void { this.#bytes.set(hash, index * HASH_BYTES); }
  at(index: number): Uint8Array { return this.#bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES); }
}

const nameOf = (kind: string, id: string): string => `${kind}#${id}`;

/** What a verified log holds, without the entries themselves: which event is where, and the hashes that tell it from any other. */
export class Catalogue {
  readonly size: number;
  readonly #leaves: Hashes;
  readonly #own: Hashes;
  readonly #previous: Hashes;
  readonly #streams = new Map<string, Places>();
  #newest = '';

  constructor(size: number) {
    this.size = size;
    [this.#leaves, this.#own, this.#previous] = [new Hashes(size), new Hashes(size), new Hashes(size)];
  }

  /** @throws DomainError `record-corrupt` when the log has this version of the stream twice */
  add(index: number, leafHash: Uint8Array, { stream: { kind, id }, version, hash, previousHash, recordedAt }: Recorded<unknown>): void {
    if (recordedAt > this.#newest) this.#newest = recordedAt;
    const places = this.#streams.get(nameOf(kind, id)) ?? { stream: { kind, id }, indices: [] };
    this.#streams.set(nameOf(kind, id), places);
    if (this.indexOf(kind, id, version) !== undefined) throw new DomainError('record-corrupt', `${kind} ${id}, event ${version}: is in the log twice`, { kind, id, version });
    places.indices[version - 1] = index;
    this.#leaves.set(index, leafHash);
    this.#own.set(index, Buffer.from(hash, 'hex'));
    this.#previous.set(index, Buffer.from(previousHash, 'hex'));
  }

  /** Every stream is without a hole, and each event follows the one before it. @throws DomainError `record-corrupt` */
  verifyChains(): void {
    for (const { stream: { kind, id }, indices } of this.#streams.values()) {
      let before = GENESIS_HASH;
      for (let version = 1; version <= indices.length; version += 1) {
        const index = this.indexOf(kind, id, version);
        if (index === undefined) throw new DomainError('record-corrupt', `${kind} ${id}, event ${version}: is not in the log, later ones are`, { kind, id, version });
        if (hexOf(this.#previous.at(index)) !== before) throw new DomainError('record-corrupt', `${kind} ${id}, event ${version}: does not follow the event before it`, { kind, id, version });
        before = hexOf(this.#own.at(index));
      }
    }
  }

  /** When the newest event was recorded; 0 of an empty log. */
  get newestEpochMs(): number { return this.#newest === '' ? 0 : Date.parse(this.#newest); }
  indexOf(kind: string, id: string, version: number): number | undefined { return this.#streams.get(nameOf(kind, id))?.indices[version - 1]; }
  leafAt(index: number): Uint8Array { return this.#leaves.at(index); }
  /** Root over the first entries. @param size at most that of the log @see RFC 6962 2.1 */
  rootOfFirst(size: number): Uint8Array {
    const frontier = new Frontier();
    for (let index = 0; index < size; index += 1) frontier.append(this.leafAt(index));
    return frontier.root();
  }
  versionsOf(kind: string, id: string): number { return this.#streams.get(nameOf(kind, id))?.indices.length ?? 0; }
  streams(): readonly StreamId[] { return [...this.#streams.values()].map(({ stream }) => stream); }
}
