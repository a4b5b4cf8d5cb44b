import { hexOf, leafHashOf } from '../../shared/audit-log/hash.ts';
import type { LogStore } from '../../shared/audit-log/log-store.ts';
import type { StreamId } from '../../shared/record/envelope.ts';
import type { LeafReader } from '../_platform/dynamodb-leaves.ts';
import type { PendingAppend } from '../_platform/log-outbox.ts';
import type { LogPlaces } from '../_platform/log-places.ts';

type Ports = Readonly<{ store: Pick<LogStore, 'findLeaves'>; leaves: LeafReader; places: Pick<LogPlaces, 'find'> }>;

const nameOf = ({ kind, id }: StreamId): string => `${kind}#${id}`;
const before = ({ stream, fromVersion }: PendingAppend): PendingAppend => ({ stream, fromVersion: fromVersion - 1, toVersion: fromVersion - 1 });

/**
 * The order of each stream in the tree. An append may commit after the page of the outbox it belongs on was read, and one that is not as it was accepted stays behind: what
 * follows it in its stream is held back until it is in the tree, because a tree can not be put right.
 */
export class StreamsInOrder {
  readonly #ports: Ports;
  /** Versions that this run knows to be in the tree. */
  readonly #inTree = new Map<string, number>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Of these appends the ones that may enter the tree now, in their order: each first of its stream, or after an event that is in the tree or among them. */
  async ready<Append extends PendingAppend>(appends: readonly Append[]): Promise<readonly Append[]> {
    await this.#lookUp(appends);
    const reached = new Map<string, number>();
    return appends.filter((append) => {
      const name = nameOf(append.stream);
      const isNext = append.fromVersion === 1 || Math.max(this.#inTree.get(name) ?? 0, reached.get(name) ?? 0) >= append.fromVersion - 1;
      if (isNext) reached.set(name, append.toVersion);
      return isNext;
    });
  }

  /** These are in the tree now. */
  note(appends: readonly PendingAppend[]): void {
    for (const { stream, toVersion } of appends) this.#inTree.set(nameOf(stream), Math.max(toVersion, this.#inTree.get(nameOf(stream)) ?? 0));
  }

  /** Whether the event before each append is in the tree: by its name, or by the bytes the record has of it now. */
  async #lookUp(appends: readonly PendingAppend[]): Promise<void> {
    const ends = new Set(appends.map(({ stream, toVersion }) => `${nameOf(stream)}#${toVersion}`));
    const wanted = appends.filter(({ fromVersion }) => fromVersion > 1).map(before)
      .filter(({ stream, toVersion }) => (this.#inTree.get(nameOf(stream)) ?? 0) < toVersion && !ends.has(`${nameOf(stream)}#${toVersion}`));
    if (wanted.length === 0) return;
    const named = await this.#ports.places.find(wanted.map(({ stream, toVersion }) => ({ stream, version: toVersion })));
    this.note(wanted.filter((_, i) => named[i] !== undefined));
    const asked = wanted.filter((_, i) => named[i] === undefined);
    if (asked.length === 0) return;
    const hashes = (await this.#ports.leaves(asked)).map(([leaf]) => (leaf === undefined ? undefined : hexOf(leafHashOf(leaf.entry))));
    const places = await this.#ports.store.findLeaves(hashes.filter((hash) => hash !== undefined));
    this.note(asked.filter((_, i) => places.has(hashes[i] ?? '')));
  }
}
