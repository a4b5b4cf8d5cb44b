import { GENESIS_HEAD, type Head, type LogStore, type Published } from '../../../shared/audit-log/log-store.ts';
import { isEqual } from '../../../shared/audit-log/hash.ts';

/** The contents of a store, which outlive every sequencer; and what happened, for the invariants. */
export class LogStorage {
  head: Head = GENESIS_HEAD;
  readonly heads: Head[] = [];
  readonly staged = new Map<string, Uint8Array>();
  readonly objects = new Map<string, Uint8Array>();
  /** Attempts to put other bytes where an object is. */
  readonly clashes: string[] = [];
  checkpoint: Published | undefined;
  readonly checkpoints: Uint8Array[] = [];
  readonly index = new Map<string, number>();

  /** The store as one sequencer sees it; `step` is awaited around each effect. */
  open(step: <Out>(name: string, effect: () => Out) => Promise<Out> = (_name, effect) => Promise.resolve(effect())): LogStore {
    return {
      readHead: () => step('readHead', () => this.head),
      moveHead: (next, ifVersion) => step('moveHead', () => this.#moveHead(next, ifVersion)),
      putStaged: (sha256, bytes) => step('putStaged', () => { this.staged.set(sha256, bytes); }),
      getStaged: (sha256) => step('getStaged', () => this.staged.get(sha256)),
      putTile: (path, bytes) => step('putTile', () => { this.#putTile(path, bytes); }),
      getObject: (path) => step('getObject', () => this.objects.get(path)),
      readCheckpoint: () => step('readCheckpoint', () => this.checkpoint),
      putCheckpoint: (bytes, ifVersion) => step('putCheckpoint', () => this.#putCheckpoint(bytes, ifVersion)),
      findLeaves: (leafHashes) => step('findLeaves', () => new Map(leafHashes.flatMap((hash): [string, number][] => (this.index.has(hash) ? [[hash, this.index.get(hash)!]] : [])))),
      indexLeaves: (leaves) => step('indexLeaves', () => { for (const { leafHash, index } of leaves) this.index.set(leafHash, index); }),
    };
  }

  #moveHead(next: Head, ifVersion: number): boolean {
    if (this.head.version !== ifVersion) return false;
    this.head = next;
    this.heads.push(next);
    return true;
  }

  #putTile(path: string, bytes: Uint8Array): void {
    const there = this.objects.get(path);
    if (there === undefined) this.objects.set(path, bytes);
    else if (!isEqual(there, bytes)) this.clashes.push(path);
  }

  #putCheckpoint(bytes: Uint8Array, ifVersion: string | undefined): boolean {
    if (this.checkpoint?.version !== ifVersion) return false;
    this.checkpoint = { bytes, version: String(this.checkpoints.length) };
    this.checkpoints.push(bytes);
    return true;
  }
}
