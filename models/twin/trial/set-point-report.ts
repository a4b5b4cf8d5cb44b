import { streamOf } from '../../random/streams.ts';
import { drawBatch } from '../draw/batch.ts';
import type { World } from '../worlds/world.ts';
import { exposureOf, type Exposure } from './exposure.ts';
import { proportion, type Estimate } from '../../../shared/statistics/exact-interval.ts';
import { coefficientOfVariation } from '../../../shared/statistics/variation.ts';
import { bootstrap } from './interval.ts';
import type { Arm, BatchResult } from './result.ts';

/** What set-points are compared by. Cells: 10^6 viable CAR+ at harvest; viability: share; potency in % of reference, of batches that pass; medium in L; lactate: hours above 20 mmol/L; cost: the controllers' own measure, of the true end. */
export const SET_POINT_FIGURES = ['failureRate', 'carPositiveCells', 'viability', 'potency', 'potencyCv', 'mediumLitres', 'lactateHours', 'cost'] as const;
export type SetPointFigure = (typeof SET_POINT_FIGURES)[number];
type Figures = Readonly<Record<SetPointFigure, Estimate>>;

/** One arm: its figures, what it is against the fixed recipe (arm minus recipe, paired), and how often a person was asked. */
export type SetPointArm = Readonly<{ figures: Figures; againstRecipe?: Figures; setPointChanges: number; signaturesAsked: number; signaturesRefused: number }>;
export type SetPointReport = Readonly<{ world: string; seed: number; batches: number; arms: Readonly<Partial<Record<Arm, SetPointArm>>> }>;

type Row = Readonly<{ result: BatchResult; exposure: Exposure | undefined }>;

/** Each figure of one batch; NaN where it has none, and then it is left out of means. */
const VALUE = {
  failureRate: ({ result }) => (result.failed ? 1 : 0),
  carPositiveCells: ({ result }) => result.measured?.carPositiveCellsMillion ?? Number.NaN,
  viability: ({ result }) => result.measured?.viability ?? Number.NaN,
  potency: ({ result }) => (result.failed ? Number.NaN : result.measured?.potencyPercent ?? Number.NaN),
  mediumLitres: ({ exposure }) => (exposure?.mediumMl ?? Number.NaN) / 1000,
  lactateHours: ({ exposure }) => exposure?.lactateHours ?? Number.NaN,
  cost: ({ exposure }) => exposure?.cost ?? Number.NaN,
} as const satisfies Readonly<Record<Exclude<SetPointFigure, 'potencyCv'>, (row: Row) => number>>;

/** The values of one figure, batch by batch; means and variations are taken over them. */
const valuesOf = (rows: readonly Row[], figure: SetPointFigure): Float64Array => Float64Array.from(rows, VALUE[figure === 'potencyCv' ? 'potency' : figure]);

const statistic = (figure: SetPointFigure, values: Float64Array, indices: Int32Array): number => {
  if (figure === 'potencyCv') return coefficientOfVariation(Float64Array.from(indices, (i) => values[i] ?? Number.NaN));
  let [count, sum] = [0, 0];
  for (const i of indices) {
    const value = values[i] ?? Number.NaN;
    if (!Number.isNaN(value)) { count += 1; sum += value; }
  }
  return sum / count;
};

const BOOTSTRAP_SEED = 0xb008;
const overFigures = (estimate: (figure: SetPointFigure) => Estimate): Figures => Object.fromEntries(SET_POINT_FIGURES.map((figure) => [figure, estimate(figure)])) as Record<SetPointFigure, Estimate>;

const figuresOf = (rows: readonly Row[]): Figures => overFigures((figure) => {
  if (figure === 'failureRate') return proportion(rows.filter(({ result }) => result.failed).length, rows.length);
  const values = valuesOf(rows, figure);
  return bootstrap(rows.length, (indices) => statistic(figure, values, indices), streamOf(BOOTSTRAP_SEED, 0, figure));
});

const differencesOf = (recipe: readonly Row[], arm: readonly Row[]): Figures => overFigures((figure) => {
  const [from, to] = [valuesOf(recipe, figure), valuesOf(arm, figure)];
  return bootstrap(recipe.length, (indices) => statistic(figure, to, indices) - statistic(figure, from, indices), streamOf(BOOTSTRAP_SEED, 1, figure));
});

const rowsOf = (world: World, seed: number, results: readonly BatchResult[]): readonly Row[] => results.map((result) => ({
  result, exposure: result.measured === undefined ? undefined : exposureOf(world, drawBatch(world, seed, result.index), result.actions, result.harvestHour),
}));

const armOf = (rows: readonly Row[], recipe: readonly Row[] | undefined): SetPointArm => {
  const asked = rows.flatMap(({ result }) => result.recommendations);
  const changes = rows.reduce((sum, { result }) => sum + result.actions.filter(({ type }) => type === 'set-feed-rate' || type === 'set-oxygen').length, 0);
  return {
    figures: figuresOf(rows), ...(recipe === undefined || recipe === rows ? {} : { againstRecipe: differencesOf(recipe, rows) }),
    setPointChanges: changes / rows.length, signaturesAsked: asked.length / rows.length, signaturesRefused: asked.filter(({ signed }) => !signed).length / rows.length,
  };
};

/**
 * Compare ways of setting feed and oxygen on the same batches. Intervals are 95 %, by resampling batches; differences from the fixed recipe (`baseline`) are paired.
 *
 * @param results by arm, each over the same batches in the same order
 * @throws RangeError when arms have other batches than the first, or none
 */
export const compareSetPoints = (world: World, seed: number, results: ReadonlyMap<Arm, readonly BatchResult[]>): SetPointReport => {
  const first = [...results.values()][0] ?? [];
  if (first.length === 0) throw new RangeError('results: got no batch, want 1 or more');
  for (const [arm, each] of results) {
    if (each.length !== first.length || each.some(({ index }, i) => index !== first[i]?.index)) throw new RangeError(`results: got other batches in arm ${arm}, want the same in every arm`);
  }
  const rows = new Map([...results].map(([arm, each]) => [arm, rowsOf(world, seed, each)] as const));
  const recipe = rows.get('baseline');
  return { world: world.name, seed, batches: first.length, arms: Object.fromEntries([...rows].map(([arm, each]) => [arm, armOf(each, recipe)])) };
};
