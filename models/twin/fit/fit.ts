import type { World } from '../worlds/world.ts';
import { baselineOf, type Baseline } from './baseline.ts';

/** One fitted figure: where it is in the world, between what it may move, and the statistic of the baseline it has to bring to a target. */
export type Knob = Readonly<{ path: readonly [string, ...string[]]; low: number; high: number; statistic: string; target: number; read: (baseline: Baseline) => number; rising: boolean }>;
/** What became of a figure: what it was before the fit, and after it; in the unit of its name. */
export type Fitted = Readonly<{ path: string; from: number; value: number; statistic: string; target: number; reached: number }>;

type Tree = { [key: string]: Tree | number };

/** The world with one figure changed; the rest is shared. */
export const withFigure = (world: World, path: readonly string[], value: number): World => {
  const change = (tree: Tree, [key, ...rest]: readonly string[]): Tree => {
    if (key === undefined || !(key in tree)) throw new RangeError(`path: got ${path.join('.')}, want a figure of the world`);
    return { ...tree, [key]: rest.length === 0 ? value : change(tree[key] as Tree, rest) };
  };
  return change(world as unknown as Tree, path) as unknown as World;
};

const HALVINGS = 9;

/** Bisect one knob with all others held; the statistic moves one way with it. */
const turn = (world: World, knob: Knob, around: number, width: number, evaluate: (world: World) => Baseline): number => {
  let low = Math.max(knob.low, around - width);
  let high = Math.min(knob.high, around + width);
  for (let i = 0; i < HALVINGS; i += 1) {
    const middle = (low + high) / 2;
    const above = knob.read(evaluate(withFigure(world, knob.path, middle))) > knob.target;
    if (above === knob.rising) high = middle; else low = middle;
  }
  return (low + high) / 2;
};

export const figureOf = (world: World, path: readonly string[]): number => path.reduce<Tree | number>((tree, key) => (tree as Tree)[key] ?? Number.NaN, world as unknown as Tree) as number;

/**
 * Fit a world's baseline, and nothing else: the arms that intervene are never run here.
 *
 * Each sweep bisects every knob in turn on the same batches (common random numbers), in a window that narrows from sweep to sweep.
 *
 * @param seed   of the fitting batches; reports use other seeds; `window` is the share of each knob's range the first sweep looks at, 1 for all of it
 * @param onKnob told of each knob as it is set
 */
export const fitBaseline = (start: World, knobs: readonly Knob[], { seed, batches, sweeps, window }: Readonly<{ seed: number; batches: number; sweeps: number; window: number }>, onKnob: (sweep: number, path: string, value: number) => void): Readonly<{ world: World; fitted: readonly Fitted[]; baseline: Baseline }> => {
  let world = start;
  const evaluate = (candidate: World): Baseline => baselineOf(candidate, seed, batches);
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    for (const knob of knobs) {
      const value = turn(world, knob, figureOf(world, knob.path), (knob.high - knob.low) * window * 0.55 ** sweep, evaluate);
      world = withFigure(world, knob.path, Number(value.toPrecision(4)));
      onKnob(sweep, knob.path.join('.'), value);
    }
  }
  const baseline = evaluate(world);
  return { world, baseline, fitted: knobs.map(({ path, statistic, target, read }) => ({ path: path.join('.'), from: figureOf(start, path), value: figureOf(world, path), statistic, target, reached: read(baseline) })) };
};
