import { parentPort, workerData } from 'node:worker_threads';
import { missedCase } from '../support/verify/damage-cases.ts';

/** What each thread is given, and what it answers for each kind it is asked. */
export type Cases = Readonly<{ cases: number; seed: number }>;
export type Outcome = Readonly<{ kind: string; missed: readonly string[] }>;

if (parentPort !== null) {
  const port = parentPort, { cases, seed } = workerData as Cases;
  const run = async (kind: string): Promise<Outcome> => {
    const missed: string[] = [];
    for (let i = 0; i < cases; i++) {
      const said = await missedCase(kind, seed + i);
      if (said !== undefined) missed.push(`${kind}, seed ${seed + i}: ${said}`);
    }
    return { kind, missed };
  };
  port.on('message', (kind: string) => { void run(kind).then((outcome) => { port.postMessage(outcome); }); });
}
