import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

export type StoredObject = Readonly<{ key: string; versionId: string; etag: string; size: number; contentType: string; modifiedEpochMs: number; retainUntilEpochMs: number | null }>;
type VersionRow = Readonly<{ id: number; versionId: string; latest: number; marker: number; retainUntilEpochMs: number | null }>;
type Row = StoredObject & Readonly<{ body: Uint8Array | null }>;

/** Sorts after every other, as text and as UTF-8. */
const LAST_CHARACTER = '\u{10ffff}';
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
    else this.#remove(this.#rowsOf(bucket, key));
    this.#prepare('INSERT INTO object (bucket, key, versionId, latest, marker, etag, size, contentType, modifiedEpochMs, retainUntilEpochMs, body) VALUES (?, ?, ?, 1, 0, ?, ?, ?, ?, ?, ?)')
      .run(bucket, key, versionId, etag, body.length, facts.contentType, facts.modifiedEpochMs, facts.retainUntilEpochMs, isInline ? body : null);
    this.#database.exec('COMMIT');
    return { key, versionId, etag, size: body.length, contentType: facts.contentType, modifiedEpochMs: facts.modifiedEpochMs, retainUntilEpochMs: facts.retainUntilEpochMs };
  }

  /** A delete without a version hides the object and keeps its versions. */
  hide(bucket: string, key: string, modifiedEpochMs: number): string {
    const versionId = randomUUID();
    this.#database.exec('BEGIN');
    this.#prepare('UPDATE object SET latest = 0 WHERE bucket = ? AND key = ? AND latest = 1').run(bucket, key);
    this.#prepare("INSERT INTO object (bucket, key, versionId, latest, marker, etag, size, contentType, modifiedEpochMs, retainUntilEpochMs, body) VALUES (?, ?, ?, 1, 1, '', 0, '', ?, NULL, x'')").run(bucket, key, versionId, modifiedEpochMs);
    this.#database.exec('COMMIT');
    return versionId;
  }

  /** Forget the versions of a key that are no longer current and that no lock keeps, as a lifecycle rule says. */
  forget(bucket: string, key: string, nowEpochMs: number): void {
    this.#remove(this.#rowsOf(bucket, key).filter(({ latest, marker, retainUntilEpochMs }) => (latest === 0 || marker === 1) && (retainUntilEpochMs ?? 0) <= nowEpochMs));
  }

  /** Remove one version; when it was the current one, the version before it, or the mark that hides it, is current again. */
  removeVersion(bucket: string, key: string, versionId: string): void {
    this.#remove(this.#rowsOf(bucket, key).filter((row) => row.versionId === versionId));
    this.#prepare('UPDATE object SET latest = 1 WHERE id = (SELECT MAX(id) FROM object WHERE bucket = ? AND key = ?)').run(bucket, key);
  }

  /** Without versions, deleted is gone. */
  removeKey(bucket: string, key: string): void {
    this.#remove(this.#rowsOf(bucket, key));
  }

  #rowsOf(bucket: string, key: string): readonly VersionRow[] {
    return this.#prepare('SELECT id, versionId, latest, marker, retainUntilEpochMs FROM object WHERE bucket = ? AND key = ?').all(bucket, key) as unknown as readonly VersionRow[];
  }

  #remove(rows: readonly VersionRow[]): void {
    for (const { id, versionId } of rows) {
      this.#prepare('DELETE FROM object WHERE id = ?').run(id);
      rmSync(join(this.#folder, versionId), { force: true });
    }
  }

  list(bucket: string, prefix: string, after: string, limit: number): readonly StoredObject[] {
    return this.#prepare('SELECT key, versionId, etag, size, contentType, modifiedEpochMs, retainUntilEpochMs FROM object WHERE bucket = ? AND key >= ? AND key > ? AND key <= ? AND latest = 1 AND marker = 0 ORDER BY key LIMIT ?')
      .all(bucket, prefix, after, `${prefix}${LAST_CHARACTER}`, limit) as unknown as readonly StoredObject[];
  }

  close(): void {
    this.#database.close();
  }
}
