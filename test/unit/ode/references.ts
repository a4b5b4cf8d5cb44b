import { readFileSync } from 'node:fs';
import type { Derivative, Tolerance } from '../../../models/ode/solver.ts';
import { times } from './carry.ts';

/** The problems of test/vectors/ode/generate.py, written again. */
export const RIGHT_HAND_SIDES = {
  'lotka-volterra': (_, y, dy) => { [dy[0], dy[1]] = [1.5 * y[0]! - y[0]! * y[1]!, y[0]! * y[1]! - 3 * y[1]!]; },
  'van-der-pol': (_, y, dy) => { [dy[0], dy[1]] = [y[1]!, 5 * (1 - y[0]! ** 2) * y[1]! - y[0]!]; },
  'rigid-body': (_, y, dy) => { [dy[0], dy[1], dy[2]] = [y[1]! * y[2]!, -y[0]! * y[2]!, -0.51 * y[0]! * y[1]!]; },
  lorenz: (_, y, dy) => { [dy[0], dy[1], dy[2]] = [10 * (y[1]! - y[0]!), y[0]! * (28 - y[2]!) - y[1]!, y[0]! * y[1]! - (8 / 3) * y[2]!]; },
  forced: (t, y, dy) => { [dy[0], dy[1]] = [-2 * (y[0]! - Math.cos(t)), y[0]! - y[1]!]; },
} satisfies Readonly<Record<string, Derivative>>;

type Problem = Readonly<{ start: readonly number[]; end: number; points: number; values: readonly (readonly number[])[]; rk45: Tolerance & Readonly<{ error: number; evaluations: number }> }>;
const { problems } = JSON.parse(readFileSync(new URL('../../vectors/ode/references.json', import.meta.url), 'utf8')) as { problems: Readonly<Record<keyof typeof RIGHT_HAND_SIDES, Problem>> };

/** `values` one line a time. */
export const REFERENCES = (Object.keys(RIGHT_HAND_SIDES) as (keyof typeof RIGHT_HAND_SIDES)[]).map((name) => {
  const { start, end, points, values, rk45 } = problems[name];
  const grid = times(0, end, points);
  return { name, rates: RIGHT_HAND_SIDES[name], start, grid, rk45, values: grid.map((_, g) => values.map((component) => component[g]!)) };
});
