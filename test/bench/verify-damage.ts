import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { runScript, UsageError } from '../../scripts/run-script.ts';
import { KINDS } from '../support/verify/damage-cases.ts';
import type { Cases, Outcome } from './damage-thread.ts';

const HELP = `Damage a sound log, and a sound inspection pack, in every way we know, many times each at random places, and see that the offline verifier names each at its place. Exits 1 when one is missed.

  npm run verify:damage -- [options]

  --cases <number>  of each kind; 1000 by default
  --seed <number>   of the first case; 1 by default
  --threads <n>     that share the kinds; as many as processors by default
  --help            this text
`;

const wholeNumber = (name: string, text: string): number => {
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= 1)) throw new UsageError(`--${name}: got ${text}, want a whole number of at least 1`);
  return value;
};

/** Each kind on the next thread that is free. @returns how many cases were missed */
const runKinds = async (threads: number, given: Cases): Promise<number> => {
  const kinds = [...KINDS];
  let missed = 0;
  const report = (outcome: Outcome): void => {
    missed += outcome.missed.length;
    for (const each of outcome.missed) process.stderr.write(`missed: ${each}\n`);
    process.stdout.write(`${outcome.kind.padEnd(80)} ${given.cases - outcome.missed.length} of ${given.cases} found\n`);
  };
  const work = (): Promise<void> => new Promise((resolve, reject) => {
    const worker = new Worker(new URL('damage-thread.ts', import.meta.url), { workerData: given });
    const next = (): void => {
      const kind = kinds.shift();
      if (kind === undefined) void worker.terminate().then(() => { resolve(); });
      else worker.postMessage(kind);
    };
    worker.on('message', (outcome: Outcome) => {
      report(outcome);
      next();
    });
    worker.on('error', reject);
    next();
  });
  await Promise.all(Array.from({ length: Math.min(threads, kinds.length) }, work));
  return missed;
};

await runScript(HELP, async () => {
  const { values } = parseArgs({ options: {
    cases: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' }, threads: { type: 'string', default: String(availableParallelism()) }, help: { type: 'boolean' },
  } });
  const cases = wholeNumber('cases', values.cases), seed = wholeNumber('seed', values.seed), threads = wholeNumber('threads', values.threads);
  const begin = performance.now();
  const missed = await runKinds(threads, { cases, seed });
  process.stdout.write(`${missed === 0 ? `all ${KINDS.length * cases} found, ${KINDS.length} kinds` : `${missed} missed`}, in ${((performance.now() - begin) / 1000).toFixed(0)} s\n`);
  if (missed > 0) process.exitCode = 1;
});
