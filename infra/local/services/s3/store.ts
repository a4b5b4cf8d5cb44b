import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

export type StoredObject = Readonly<{ key: string; versionId: string; etag: string; size: number; contentType: string; modifiedEpochMs: number; retainUntilEpochMs: number | null }>;
type Row = StoredObject & Readonly<{ body: Uint8Array | null }>;

/** Larger bodies are files of their own. */
const INLINE_BYTES = 65_536;

/** Objects of all buckets, every version; the latest of a key is the one not deleted with the highest row. */
export class ObjectDatabase {
  readonly #database: DatabaseSync;
  readonly #folder: string;
  readonly #statements = new Map<string, StatementSync>();

  constructor(folder: string) {
    this.#folder = join(folder, 'bodies');
    mkdirSync(this.#folder, { recursive: true });
    this.#database = new DatabaseSync(join(folder, 'objects.sqlite'));
    this.#database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS object (id INTEGER PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, versionId TEXT NOT NULL, latest INTEGER NOT NULL, marker INTEGER NOT NULL,
        etag TEXT NOT NULL, size INTEGER NOT NULL, contentType TEXT NOT NULL, modifiedEpochMs INTEGER NOT NULL, retainUntilEpochMs INTEGER, body BLOB);
      CREATE UNIQUE INDEX IF NOT EXISTS latest_of_key ON object (bucket, key) WHERE latest = 1;
      CREATE INDEX IF NOT EXISTS version_of_key ON object (bucket, key, versionId)`);
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }

  latest(bucket: string, key: string): StoredObject | undefined {
    return this.#prepare('SELECT key, versionId, etag, size, contentType, modifiedEpochMs, retainUntilEpochMs FROM object WHERE bucket = ? AND key = ? AND latest = 1 AND marker = 0').get(bucket, key) as StoredObject | undefined;
  }

  version(bucket: string, key: string, versionId: string): StoredObject | undefined {
    return this.#prepare('SELECT key, versionId, etag, size, contentType, modifiedEpochMs, retainUntilEpochMs FROM object WHERE bucket = ? AND key = ? AND versionId = ?').get(bucket, key, versionId) as StoredObject | undefined;
  }

  body(bucket: string, key: string, versionId: string): Buffer {
    const row = this.#prepare('SELECT body FROM object WHERE bucket = ? AND key = ? AND versionId = ?').get(bucket, key, versionId) as Pick<Row, 'body'> | undefined;
    return row?.body === null || row?.body === undefined ? readFileSync(join(this.#folder, versionId)) : Buffer.from(row.body);
  }

  put(bucket: string, key: string, body: Buffer, facts: Readonly<{ contentType: string; modifiedEpochMs: number; retainUntilEpochMs: number | null; keepVersions: boolean }>): StoredObject {
    const versionId = randomUUID();
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    const isInline = body.length <= INLINE_BYTES;
    if (!isInline) {
      writeFileSync(join(this.#folder, `${versionId}.new`), body);
      renameSync(join(this.#folder, `${versionId}.new`), join(this.#folder, versionId));
    }
    this.#database.exec('BEGIN');
    if (facts.keepVersions) this.#prepare('UPDATE object SET latest = 0 WHERE bucket = ? AND key = ? AND latest = 1').run(bucket, key);
    else this.#prepare('DELETE FROM object WHERE bucket = ? AND key = ?').run(bucket, key);
    this.#prepare('INSERT INTO object (bucket, key, versionId, latest, marker, etag, size, contentType, modifiedEpochMs, retainUntilEpochMs, body) VALUES (?, ?, ?, 1, 0, ?, ?, ?, ?, ?, ?)')
      .run(bucket, key, versionId, etag, body.length, facts.contentType, facts.modifiedEpochMs, facts.retainUntilEpochMs, isInline ? body : null);
    this.#database.exec('COMMIT');
    return { key, versionId, etag, size: body.length, contentType: facts.contentType, modifiedEpochMs: facts.modifiedEpochMs, retainUntilEpochMs: facts.retainUntilEpochMs };
  }

  /** A delete without a version hides the object and keeps its versions. */
  hide(bucket: string, key: string, modifiedEpochMs: number): void {
    this.#database.exec('BEGIN');
    this.#prepare('UPDATE object SET latest = 0 WHERE bucket = ? AND key = ? AND latest = 1').run(bucket, key);
    this.#prepare("INSERT INTO object (bucket, key, versionId, latest, marker, etag, size, contentType, modifiedEpochMs, retainUntilEpochMs, body) VALUES (?, ?, ?, 1, 1, '', 0, '', ?, NULL, x'')").run(bucket, key, randomUUID(), modifiedEpochMs);
    this.#database.exec('COMMIT');
  }

  /** Forget versions no longer current that were hidden before a time, as a lifecycle rule says. */
  forget(bucket: string, prefix: string): void {
    const rows = this.#prepare('SELECT versionId FROM object WHERE bucket = ? AND key >= ? AND key < ? AND (latest = 0 OR marker = 1) AND body IS NULL').all(bucket, prefix, `${prefix}\uffff`) as unknown as readonly Readonly<{ versionId: string }>[];
    for (const { versionId } of rows) rmSync(join(this.#folder, versionId), { force: true });
    this.#prepare('DELETE FROM object WHERE bucket = ? AND key >= ? AND key < ? AND (latest = 0 OR marker = 1)').run(bucket, prefix, `${prefix}\uffff`);
  }

  removeVersion(bucket: string, key: string, versionId: string): void {
    this.#prepare('DELETE FROM object WHERE bucket = ? AND key = ? AND versionId = ?').run(bucket, key, versionId);
    rmSync(join(this.#folder, versionId), { force: true });
  }

  list(bucket: string, prefix: string, after: string, limit: number): readonly StoredObject[] {
    return this.#prepare('SELECT key, versionId, etag, size, contentType, modifiedEpochMs, retainUntilEpochMs FROM object WHERE bucket = ? AND key >= ? AND key > ? AND key < ? AND latest = 1 AND marker = 0 ORDER BY key LIMIT ?')
      .all(bucket, prefix, after, `${prefix}\uffff`, limit) as unknown as readonly StoredObject[];
  }

  close(): void {
    this.#database.close();
  }
}
