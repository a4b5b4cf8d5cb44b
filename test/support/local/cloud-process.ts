import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readEndpoints, type Endpoints } from '../../../scripts/client/endpoints.ts';

/** For a machine that is busy with much else: whoever waits goes on as soon as it is so. */
const WAIT_SECONDS = 600;
/** As `npm start` says it of what it plays. */
const STOPPED = /^the (?:training|example batch|training or the example batch) stopped: /mu;
const LOOK_MS = 200;
const SHOWN_CHARACTERS = 3000;

/** `npm start` as a process of its own, which can be killed as a person or a power cut would. */
export class CloudProcess {
  readonly stateFolder: string;
  readonly #port: number;
  readonly #options: readonly string[];
  #process: ChildProcess | undefined;
  #output = '';

  /** @param options given at each start */
  constructor(stateFolder: string, port: number, ...options: readonly string[]) {
    this.stateFolder = stateFolder;
    this.#port = port;
    this.#options = options;
  }

  /** What it printed, in all its lives. */
  get output(): string {
    return this.#output;
  }

  /** @throws Error at once when the training or the example batch has stopped: what waits for them would wait in vain */
  async until(what: string, check: () => Promise<boolean> | boolean): Promise<void> {
    const end = Date.now() + WAIT_SECONDS * 1000;
    const give = (why: string): Error => new Error(`${why}; the cloud said:\n${this.#output.slice(-SHOWN_CHARACTERS)}`);
    while (!(await check())) {
      if (STOPPED.test(this.#output)) throw give(`waited for ${what}`);
      if (Date.now() > end) throw give(`waited ${WAIT_SECONDS} s for ${what}`);
      await new Promise((resolve) => { setTimeout(resolve, LOOK_MS); });
    }
  }

  /** Start, and wait until it says it is ready. */
  async start(...options: readonly string[]): Promise<Endpoints> {
    rmSync(join(this.stateFolder, 'endpoints.json'), { force: true });
    const child = spawn(process.execPath, ['scripts/start.ts', '--state', this.stateFolder, '--port', String(this.#port), ...this.#options, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => { this.#output += text.toString(); });
    this.#process = child;
    await this.until('endpoints.json', () => existsSync(join(this.stateFolder, 'endpoints.json')));
    return readEndpoints(this.stateFolder);
  }

  /** Resolves when the process is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => { child.once('exit', resolve); });
    child.kill(signal);
    await gone;
  }

  /** Resident memory, MB. Linux. */
  residentMb(): number {
    const status = readFileSync(`/proc/${this.#process?.pid ?? 0}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  }
}
