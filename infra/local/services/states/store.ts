import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Where an execution stands. Written before anything it says happens, so that a restart goes on from here. */
export type Execution = Readonly<{
  arn: string; machineArn: string; name: string; input: unknown; startedEpochMs: number; status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED'; stoppedEpochMs?: number; output?: unknown; error?: string; cause?: string;
  state: string; stateInput: unknown; variables: Readonly<Record<string, unknown>>;
  /** Tries of the current state so far, by retrier. */
  attempts: Readonly<Record<string, number>>;
  /** Token the current state waits for, and its answer once it came. */
  token?: string; answer?: Readonly<{ output: unknown }> | Readonly<{ error: string; cause: string }>;
  /** The current state goes on at this time. */
  wakeEpochMs?: number;
  history: readonly string[];
}>;

const HISTORY_LIMIT = 200;

/** Executions of all machines on disk. */
export class ExecutionStore {
  readonly #database: DatabaseSync;

  constructor(folder: string) {
    this.#database = new DatabaseSync(join(folder, 'executions.sqlite'));
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE IF NOT EXISTS execution (arn TEXT PRIMARY KEY, machineArn TEXT NOT NULL, token TEXT, status TEXT NOT NULL, body TEXT NOT NULL); CREATE INDEX IF NOT EXISTS by_token ON execution (token)');
  }

  keep(execution: Execution): Execution {
    const kept = { ...execution, history: execution.history.slice(-HISTORY_LIMIT) };
    this.#database.prepare('INSERT INTO execution (arn, machineArn, token, status, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT (arn) DO UPDATE SET token = excluded.token, status = excluded.status, body = excluded.body')
      .run(kept.arn, kept.machineArn, kept.token ?? null, kept.status, JSON.stringify(kept));
    return kept;
  }

  #parse(row: unknown): Execution | undefined {
    return row === undefined ? undefined : JSON.parse((row as Readonly<{ body: string }>).body) as Execution;
  }

  get(arn: string): Execution | undefined {
    return this.#parse(this.#database.prepare('SELECT body FROM execution WHERE arn = ?').get(arn));
  }

  byToken(token: string): Execution | undefined {
    return this.#parse(this.#database.prepare('SELECT body FROM execution WHERE token = ?').get(token));
  }

  running(): readonly Execution[] {
    return this.#database.prepare("SELECT body FROM execution WHERE status = 'RUNNING'").all().flatMap((row) => this.#parse(row) ?? []);
  }

  ofMachine(machineArn: string): readonly Execution[] {
    return this.#database.prepare('SELECT body FROM execution WHERE machineArn = ? ORDER BY rowid DESC LIMIT 100').all(machineArn).flatMap((row) => this.#parse(row) ?? []);
  }

  close(): void {
    this.#database.close();
  }
}
