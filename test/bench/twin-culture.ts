import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSolver } from '../../models/ode/solver.ts';
import { CULTURE_TOLERANCE, recordFor, startOf } from '../../models/twin/culture/culture.ts';
import { KINETICS } from '../../models/twin/culture/kinetics.ts';
import { cultureRates } from '../../models/twin/culture/rates.ts';
import { STATE, STATE_SIZE } from '../../models/twin/culture/state.ts';
import { drawBatch } from '../../models/twin/draw/batch.ts';
import { worldOf } from '../../models/twin/worlds/load.ts';

/** A process of its own, as twin-culture.py is: solves one culture many times and prints how long the best run took, the solution on the hours, and the task for the other. */
const HOURS = 240;
const MINUTES_AN_HOUR = 60;
const RUNS = 1500;
const WORLD = join(import.meta.dirname, '..', '..', 'models', 'twin', 'worlds', 'stress.json');

/** Best of several runs, seconds. */
const secondsOf = (run: () => void): number => {
  let best = Infinity;
  for (let i = 0; i < RUNS; i += 1) {
    const began = process.hrtime.bigint();
    run();
    best = Math.min(best, Number(process.hrtime.bigint() - began) / 1e9);
  }
  return best;
};

const world = worldOf(JSON.parse(readFileSync(WORLD, 'utf8')), 'stress');
const batch = drawBatch(world, 1, 1);
const start = startOf(world, batch);
const { state } = start;
// constant conditions, so that ten days are one call of either solver: perfused, shaken, with vector from the start
state[STATE.vectorMillionTuPerMl] = world.recipe.vectorDoseMillionTuPerMl;
const conditions = { ...start.conditions, transferFactor: 1, feedMlPerHour: 5, wasteMlPerHour: 5 };
const { traits } = batch.donor;

const rates = cultureRates(traits, conditions);
const solver = createSolver(STATE_SIZE, CULTURE_TOLERANCE);
const { values, points } = recordFor(HOURS);
const grid = { values, points, offset: 0, first: 0, every: 1 / MINUTES_AN_HOUR, count: points };
const withOutput = secondsOf(() => { solver.advance(rates, state.slice(), 0, HOURS, grid); });
const without = secondsOf(() => { solver.advance(rates, state.slice(), 0, HOURS); });
const everyHour = Array.from(state, (_, i) => Array.from({ length: HOURS + 1 }, (_hour, hour) => values[i * points + hour * MINUTES_AN_HOUR]));
const kinetics = Object.fromEntries(Object.entries(KINETICS).map(([name, { value }]) => [name, value]));
process.stdout.write(JSON.stringify({ withOutput, without, everyHour, task: { kinetics, traits, conditions, state: [...state], hours: HOURS, points, ...CULTURE_TOLERANCE } }));
