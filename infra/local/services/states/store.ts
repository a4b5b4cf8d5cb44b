import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Scope } from './asl.ts';

/** One item of a Map, as `$states.context.Map.Item` shows it. */
export type MapItem = Readonly<{ Index: number; Value: unknown }>;
/** What a Parallel or Map state has under way: inputs of its branches or iterations, at most `limit` of them at a time. */
export type FanOut = Readonly<{ family: string; inputs: readonly Readonly<{ input: unknown; item?: MapItem }>[]; limit: number; failed?: Readonly<{ error: string; cause: string }> }>;

/** Where an execution stands. Written before anything it says happens, so that a restart goes on from here. Branches and iterations are executions below another. */
export type Execution = Readonly<{
  arn: string; machineArn: string; name: string; input: unknown; startedEpochMs: number; status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED'; stoppedEpochMs?: number; output?: unknown; error?: string; cause?: string;
  state: string; stateInput: unknown; enteredEpochMs?: number; variables: Readonly<Record<string, unknown>>;
  /** Tries of the current state so far, by retrier. */
  attempts: Readonly<Record<string, number>>;
  /** Token the current state waits for, whether its function was called with it, until when it is waited for, and its answer once it came. */
  token?: string; called?: boolean; deadlineEpochMs?: number; answer?: Readonly<{ output: unknown }> | Readonly<{ error: string; cause: string }>;
  /** The current state goes on at this time. */
  wakeEpochMs?: number;
  fanOut?: FanOut; familyCount?: number;
  /** Of a branch or iteration: the execution above it, its place in the definition, the item it is for. */
  below?: Readonly<{ parentArn: string; rootArn: string; family: string; scope: Scope; item?: MapItem }>;
  history: readonly string[];
}>;

const HISTORY_LIMIT = 200;
/** Between an execution's ARN and what is below it; AWS allows it in no execution name. */
const BELOW = '#';
const AFTER_BELOW = '$';

type FamilyState = Readonly<{ total: number; running: number; failed: Execution | undefined }>;

/** Executions of all machines on disk. */
export class ExecutionStore {
  readonly #database: DatabaseSync;

  constructor(folder: string) {
    this.#database = new DatabaseSync(join(folder, 'executions.sqlite'));
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE IF NOT EXISTS execution (arn TEXT PRIMARY KEY, machineArn TEXT NOT NULL, token TEXT, status TEXT NOT NULL, body TEXT NOT NULL, family TEXT); CREATE INDEX IF NOT EXISTS by_token ON execution (token)');
    const columns = this.#database.prepare('PRAGMA table_info(execution)').all() as unknown as readonly Readonly<{ name: string }>[];
    if (!columns.some(({ name }) => name === 'family')) this.#database.exec('ALTER TABLE execution ADD COLUMN family TEXT');
    this.#database.exec('CREATE INDEX IF NOT EXISTS by_family ON execution (family)');
  }

  /** A new execution. */
  begin(execution: Execution): Execution {
    this.#database.prepare('INSERT INTO execution (arn, machineArn, token, status, body, family) VALUES (?, ?, NULL, ?, ?, ?)').run(execution.arn, execution.machineArn, execution.status, JSON.stringify(execution), execution.below?.family ?? null);
    return execution;
  }

  /** The next standing of an execution that runs; one that was ended or removed meanwhile stays as it is. */
  keep(execution: Execution): Execution {
    const kept = { ...execution, history: execution.history.slice(-HISTORY_LIMIT) };
    this.#database.prepare("UPDATE execution SET token = ?, status = ?, body = ? WHERE arn = ? AND status = 'RUNNING'").run(kept.token ?? null, kept.status, JSON.stringify(kept), kept.arn);
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
    return this.#database.prepare('SELECT body FROM execution WHERE machineArn = ? AND family IS NULL ORDER BY rowid DESC LIMIT 100').all(machineArn).flatMap((row) => this.#parse(row) ?? []);
  }

  /** ARN for one more below a family. */
  arnBelow(family: string, index: number): string {
    return `${family}.${index}`;
  }

  /** Name of the next family below an execution; families of earlier visits and tries have other names. */
  nextFamily({ arn, familyCount = 0 }: Execution): string {
    return `${arn}${BELOW}${familyCount + 1}`;
  }

  familyState(family: string): FamilyState {
    const count = (status: string): number => (this.#database.prepare('SELECT COUNT(*) AS n FROM execution WHERE family = ? AND status = ?').get(family, status) as Readonly<{ n: number }>).n;
    const [running, succeeded, failed] = [count('RUNNING'), count('SUCCEEDED'), count('FAILED')];
    return { total: running + succeeded + failed, running, failed: this.#parse(this.#database.prepare("SELECT body FROM execution WHERE family = ? AND status = 'FAILED' ORDER BY rowid LIMIT 1").get(family)) };
  }

  /** Outputs of a family, in the order in which its members began. */
  outputsOf(family: string): readonly unknown[] {
    return this.#database.prepare('SELECT body FROM execution WHERE family = ? ORDER BY rowid').all(family).map((row) => this.#parse(row)?.output);
  }

  /** Remove everything below an execution; what still runs there has no effect any more. */
  removeBelow(arn: string): void {
    this.#database.prepare('DELETE FROM execution WHERE arn > ? AND arn < ?').run(`${arn}${BELOW}`, `${arn}${AFTER_BELOW}`);
  }

  close(): void {
    this.#database.close();
  }
}
