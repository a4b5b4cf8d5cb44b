import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A small JSON value on disk, replaced as a whole: a crash leaves the old or the new one. */
export class JsonFile<Value> {
  readonly #path: string;
  #value: Value;

  constructor(path: string, initial: Value) {
    this.#path = path;
    this.#value = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Value) : initial;
  }

  get value(): Value {
    return this.#value;
  }

  set(value: Value): void {
    this.#value = value;
    writeFileSync(`${this.#path}.new`, JSON.stringify(value), { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
  }
}

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** One local cloud a state folder. A lock whose process is gone is taken over. @throws Error naming the process that runs */
export const lockFolder = (folder: string): (() => void) => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'lock');
  const held = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
  if (held > 0 && held !== process.pid && isRunning(held)) throw new Error(`a local cloud already runs on ${folder} (process ${held}): stop it with Ctrl-C, or choose another folder with --state`);
  writeFileSync(path, String(process.pid));
  return () => { rmSync(path, { force: true }); };
};
