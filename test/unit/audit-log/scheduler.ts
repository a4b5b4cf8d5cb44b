/** What happens to the next effect of a sequencer: it takes place; it takes place but its answer is lost; it does not take place. */
export type Fate = 'done' | 'crash-after' | 'crash-before';

export class Crash extends Error {}

type Waiting = { process: number; name: string; run: (fate: Fate) => void };

/** Lets several sequencers run in steps of one effect, in the order a test chooses. Those not chosen are paused. */
export class Scheduler {
  readonly #waiting: Waiting[] = [];
  readonly #dead = new Set<number>();

  /** `step` for a store used by one process. After a crash no effect of that process takes place any more. */
  readonly stepOf = (process: number) => <Out>(name: string, effect: () => Out): Promise<Out> => new Promise<Out>((resolve, reject) => {
    if (this.#dead.has(process)) return;
    this.#waiting.push({ process, name, run: (fate) => {
      try {
        const out = fate === 'crash-before' ? undefined : effect();
        if (fate === 'done') resolve(out as Out);
        else this.#kill(process, reject);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    } });
  });

  #kill(process: number, reject: (error: Error) => void): void {
    this.#dead.add(process);
    for (let i = this.#waiting.length - 1; i >= 0; i -= 1) if (this.#waiting[i]!.process === process) this.#waiting.splice(i, 1);
    reject(new Crash());
  }

  /** Let one waiting effect, by any number, meet its fate. False when nothing waits. */
  async step(choice: number, fate: Fate): Promise<boolean> {
    await new Promise((resolve) => { setImmediate(resolve); });
    if (this.#waiting.length === 0) return false;
    // The number chooses the process first, so that one with many effects at once does not crowd out the others.
    const processes = [...new Set(this.#waiting.map(({ process }) => process))];
    const process = processes[choice % processes.length]!;
    const own = this.#waiting.filter((each) => each.process === process);
    const chosen = own[Math.floor(choice / processes.length) % own.length]!;
    this.#waiting.splice(this.#waiting.indexOf(chosen), 1);
    chosen.run(fate);
    return true;
  }
}
