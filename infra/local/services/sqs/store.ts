import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

export type QueuedItem = Readonly<{ messageId: string; receipt: string; body: string; sentEpochMs: number; receiveCount: number }>;
type Held = { readonly id: number; readonly queue: string; readonly messageId: string; readonly body: string; readonly sentEpochMs: number; receiveCount: number };
export type Redrive = Readonly<{ deadLetterArn: string; maxReceiveCount: number }>;

/**
 * Messages of all queues: in memory for speed, on disk for truth. A message is on disk before its sender hears that it is taken; writes of one turn of the event loop share
 * a transaction.
 */
export class QueueStore {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #move: StatementSync;
  readonly #redriveOf: (queue: string) => Redrive | undefined;
  readonly #ready = new Map<string, Held[]>();
  readonly #bytes = new Map<string, number>();
  readonly #taken = new Map<string, Readonly<{ held: Held; visibleAt: number }>>();
  readonly #pending: Readonly<{ held: Held; delayMs: number; done(): void }>[] = [];
  #scheduled = false;
  #nextId: number;

  constructor(folder: string, redriveOf: (queue: string) => Redrive | undefined) {
    this.#redriveOf = redriveOf;
    this.#database = new DatabaseSync(join(folder, 'queues.sqlite'));
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, queue TEXT NOT NULL, messageId TEXT NOT NULL, body TEXT NOT NULL, sent INTEGER NOT NULL)');
    this.#insert = this.#database.prepare('INSERT INTO message (id, queue, messageId, body, sent) VALUES (?, ?, ?, ?, ?)');
    this.#delete = this.#database.prepare('DELETE FROM message WHERE id = ?');
    this.#move = this.#database.prepare('UPDATE message SET queue = ? WHERE id = ?');
    const rows = this.#database.prepare('SELECT id, queue, messageId, body, sent FROM message ORDER BY id').all() as unknown as readonly Readonly<{ id: number; queue: string; messageId: string; body: string; sent: number }>[];
    for (const { sent, ...row } of rows) this.#offer({ ...row, sentEpochMs: sent, receiveCount: 0 });
    this.#nextId = (rows.at(-1)?.id ?? 0) + 1;
  }

  /** Resolves with the message id once the message is on disk. Nobody sees it before `delayMs` have passed; a restart forgets the delay. */
  send(queue: string, body: string, delayMs = 0): Promise<string> {
    const held: Held = { id: this.#nextId++, queue, messageId: randomUUID(), body, sentEpochMs: Date.now(), receiveCount: 0 };
    return new Promise((resolve) => {
      this.#pending.push({ held, delayMs, done: () => { resolve(held.messageId); } });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => { this.#flush(); });
    });
  }

  #flush(): void {
    this.#scheduled = false;
    const batch = this.#pending.splice(0);
    this.#database.exec('BEGIN');
    for (const { held } of batch) this.#insert.run(held.id, held.queue, held.messageId, held.body, held.sentEpochMs);
    this.#database.exec('COMMIT');
    for (const { held, delayMs, done } of batch) {
      if (delayMs > 0) this.#taken.set(`${held.id}-delayed`, { held, visibleAt: Date.now() + delayMs });
      else this.#offer(held);
      done();
    }
  }

  #offer(held: Held): void {
    const ready = this.#ready.get(held.queue) ?? [];
    ready.push(held);
    this.#ready.set(held.queue, ready);
    this.#bytes.set(held.queue, (this.#bytes.get(held.queue) ?? 0) + held.body.length);
  }

  depth(queue: string): number {
    this.#returnOverdue();
    return this.#ready.get(queue)?.length ?? 0;
  }

  bytes(queue: string): number {
    return this.#bytes.get(queue) ?? 0;
  }

  inFlight(queue: string): number {
    return [...this.#taken.values()].filter(({ held }) => held.queue === queue).length;
  }

  /** Take up to `maximum` messages of together at most `maximumBytes`; they come back when `visibilityMs` have passed. */
  take(queue: string, maximum: number, maximumBytes: number, visibilityMs: number): readonly QueuedItem[] {
    this.#returnOverdue();
    const ready = this.#ready.get(queue) ?? [];
    let count = 0;
    let bytes = 0;
    while (count < Math.min(maximum, ready.length) && (count === 0 || bytes + (ready[count]?.body.length ?? 0) <= maximumBytes)) {
      bytes += ready[count]?.body.length ?? 0;
      count += 1;
    }
    this.#bytes.set(queue, this.bytes(queue) - bytes);
    return ready.splice(0, count).map((held) => {
      held.receiveCount += 1;
      const receipt = `${held.id}-${randomUUID()}`;
      this.#taken.set(receipt, { held, visibleAt: Date.now() + visibilityMs });
      const { messageId, body, sentEpochMs, receiveCount } = held;
      return { messageId, receipt, body, sentEpochMs, receiveCount };
    });
  }

  #returnOverdue(): void {
    const now = Date.now();
    for (const [receipt, { held, visibleAt }] of this.#taken) {
      if (visibleAt > now) continue;
      this.#taken.delete(receipt);
      this.#return(held);
    }
  }

  /** Back to its queue, or on to the dead letters when it was received often enough; a moved message keeps its id. */
  #return(held: Held): void {
    const redrive = this.#redriveOf(held.queue);
    if (redrive === undefined || held.receiveCount < redrive.maxReceiveCount) {
      this.#offer(held);
      return;
    }
    this.#move.run(redrive.deadLetterArn, held.id);
    this.#offer({ ...held, queue: redrive.deadLetterArn, receiveCount: 0 });
  }

  remove(receipts: readonly string[]): void {
    if (receipts.length === 0) return;
    this.#database.exec('BEGIN');
    for (const receipt of receipts) {
      const taken = this.#taken.get(receipt);
      if (taken !== undefined) this.#delete.run(taken.held.id);
      this.#taken.delete(receipt);
    }
    this.#database.exec('COMMIT');
  }

  /** Make messages visible again after a while, by default at once. */
  giveBack(receipts: readonly string[], afterMs = 0): void {
    for (const receipt of receipts) {
      const taken = this.#taken.get(receipt);
      if (taken === undefined) continue;
      if (afterMs > 0) this.#taken.set(receipt, { held: taken.held, visibleAt: Date.now() + afterMs });
      else {
        this.#taken.delete(receipt);
        this.#return(taken.held);
      }
    }
  }

  close(): void {
    if (this.#pending.length > 0) this.#flush();
    this.#database.close();
  }
}
