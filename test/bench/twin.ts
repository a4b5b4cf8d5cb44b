import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSolver } from '../../models/ode/solver.ts';
import { CULTURE_TOLERANCE, recordFor, startOf, type Record } from '../../models/twin/culture/culture.ts';
import { KINETICS } from '../../models/twin/culture/kinetics.ts';
import { cultureRates } from '../../models/twin/culture/rates.ts';
import { STATE, STATE_SIZE } from '../../models/twin/culture/state.ts';
import { drawBatch } from '../../models/twin/draw/batch.ts';
import { worldOf } from '../../models/twin/worlds/load.ts';
import { row, type Row } from './row.ts';

const HOURS = 240;
const MINUTES_AN_HOUR = 60;
const RUNS = 400;
const RUNS_OF_REFERENCE = 15;
/** Both solutions are within the tolerance of a step of the exact one; over ten days they stay together this well. */
const AGREEMENT = 1e-3;
const WORLD = join(import.meta.dirname, '..', '..', 'models', 'twin', 'worlds', 'stress.json');

type Reference = Readonly<{ withOutput: number; without: number; evaluations: number; everyHour: readonly (readonly number[])[] }>;

/** Best of several runs, ms. */
const millisecondsOf = (run: () => void): number => {
  let best = Infinity;
  for (let i = 0; i < RUNS; i += 1) {
    const began = process.hrtime.bigint();
    run();
    best = Math.min(best, Number(process.hrtime.bigint() - began) / 1e6);
  }
  return best;
};

/** One culture under constant conditions: perfused, with vector, ten days in one call. */
const cultureToSolve = () => {
  const world = worldOf(JSON.parse(readFileSync(WORLD, 'utf8')), 'stress');
  const batch = drawBatch(world, 1, 1);
  const { state, conditions } = startOf(world, batch);
  state[STATE.vector] = world.recipe.vectorDose;
  return { state, traits: batch.donor.traits, conditions: { ...conditions, transferFactor: 1, feedMlPerHour: 5, wasteMlPerHour: 5 } };
};

/** The same by scipy in a child of its own; undefined where python3 with scipy is not there. */
const referenceOf = (task: object): Reference | undefined => {
  if (spawnSync('python3', ['-c', 'import scipy.integrate'], { stdio: 'ignore' }).status !== 0) return undefined;
  const child = spawnSync('python3', [join(import.meta.dirname, 'twin.py')], { input: JSON.stringify(task), encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (child.status !== 0) throw new Error(`twin.py: got exit code ${child.status ?? 'none'}, want 0\n${child.stderr}`);
  return JSON.parse(child.stdout) as Reference;
};

/** Largest |ours − theirs| on the hours, each component against the largest it comes to. */
const differenceOf = ({ values, points }: Record, everyHour: Reference['everyHour']): number => Math.max(...everyHour.map((theirs, i) => {
  const scale = Math.max(...theirs.map(Math.abs));
  return scale === 0 ? 0 : Math.max(...theirs.map((value, hour) => Math.abs((values[i * points + MINUTES_AN_HOUR * hour] ?? NaN) - value))) / scale;
}));

/** One ten-day culture, every state at every minute, beside scipy's RK45 with the same equations, tolerances and output times. */
export const measureTwin = (say: (text: string) => void): readonly Row[] => {
  const { state, traits, conditions } = cultureToSolve();
  const rates = cultureRates(traits, conditions);
  const solver = createSolver(STATE_SIZE, CULTURE_TOLERANCE);
  const record = recordFor(HOURS);
  const grid = { ...record, offset: 0, first: 0, every: 1 / MINUTES_AN_HOUR, count: record.points };
  const dense = millisecondsOf(() => { solver.advance(rates, state.slice(), 0, HOURS, grid); });
  const ends = millisecondsOf(() => { solver.advance(rates, state.slice(), 0, HOURS); });
  const own = [row('twin: ten days, 15 states a minute', dense, 'ms', 1, 'target, at most'), row('twin: ten days, no output', ends, 'ms', 0.25, 'target, at most')];
  const kinetics = Object.fromEntries(Object.entries(KINETICS).map(([name, { value }]) => [name, value]));
  const reference = referenceOf({ kinetics, traits, conditions, state: [...state], hours: HOURS, points: record.points, runs: RUNS_OF_REFERENCE, ...CULTURE_TOLERANCE });
  if (reference === undefined) {
    say('python3 with scipy is not here: not compared');
    return own;
  }
  const difference = differenceOf(record, reference.everyHour);
  if (!(difference <= AGREEMENT)) throw new Error(`twin: got a solution ${difference} from scipy's, want within ${AGREEMENT}`);
  return [...own,
    row('twin: ten days, 15 states a minute', dense, 'ms', 1000 * reference.withOutput, 'scipy RK45, same equations'),
    row('twin: ten days, no output', ends, 'ms', 1000 * reference.without, 'scipy RK45, same equations'),
    row('twin: difference of the two', difference, '1', AGREEMENT, 'bound, at most')];
};
