import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { row, type Row } from './row.ts';

const RUNS_OF_SCIPY = 15;
/** Each solver keeps a step within the tolerance; over ten days they stay together this well. */
const AGREEMENT = 1e-3;

/** Seconds of the best run, and each state on the hours. */
type Solved = Readonly<{ withOutput: number; without: number; everyHour: readonly (readonly number[])[] }>;

const outputOf = (command: string, script: string, input = ''): unknown => {
  const child = spawnSync(command, [join(import.meta.dirname, script)], { input, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (child.status !== 0) throw new Error(`${script}: got exit code ${child.status ?? 'none'}, want 0\n${child.stderr}`);
  return JSON.parse(child.stdout);
};
const hasScipy = (): boolean => spawnSync('python3', ['-c', 'import scipy.integrate'], { stdio: 'ignore' }).status === 0;

/** Largest |a − b| on the hours, each component against the largest it comes to. */
const differenceOf = (a: Solved, b: Solved): number => Math.max(...b.everyHour.map((wanted, i) => {
  const scale = Math.max(...wanted.map(Math.abs));
  return scale === 0 ? 0 : Math.max(...wanted.map((value, hour) => Math.abs((a.everyHour[i]?.[hour] ?? NaN) - value))) / scale;
}));

/** One ten-day culture, every state at every minute, beside scipy's RK45 with the same equations, tolerances and output times; each in a process of its own. */
export const measureTwin = (say: (text: string) => void): readonly Row[] => {
  const ours = outputOf(process.execPath, 'twin-culture.ts') as Solved & Readonly<{ task: object }>;
  const [dense, ends] = [1000 * ours.withOutput, 1000 * ours.without];
  const own = [row('twin: ten days, 16 states a minute', dense, 'ms', 1, 'target, at most'), row('twin: ten days, no output', ends, 'ms', 0.25, 'target, at most')];
  if (!hasScipy()) {
    say('python3 with scipy is not here: not compared');
    return own;
  }
  const scipy = outputOf('python3', 'twin-culture.py', JSON.stringify({ ...ours.task, runs: RUNS_OF_SCIPY })) as Solved;
  const difference = differenceOf(ours, scipy);
  if (!(difference <= AGREEMENT)) throw new Error(`twin: got a solution ${difference} from scipy's, want within ${AGREEMENT}`);
  return [...own,
    row('twin: ten days, 16 states a minute', 1 / ours.withOutput, 'cultures/s', 1 / scipy.withOutput, 'scipy RK45, same equations'),
    row('twin: ten days, no output', 1 / ours.without, 'cultures/s', 1 / scipy.without, 'scipy RK45, same equations'),
    row('twin: difference of the two', difference, '1', AGREEMENT, 'bound, at most')];
};
