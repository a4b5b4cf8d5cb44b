/** Where a dense solution goes: component i at grid point g is `values[i * points + offset + g]`, g-th point at `first + g * every`. */
export type Grid = Readonly<{ values: Float64Array; points: number; offset: number; first: number; every: number; count: number }>;

/** A grid point this share of a spacing past the end is at the end: times on a grid carry rounding of their own. */
export const SAME_POINT = 1e-9;

/** @throws RangeError naming what of the grid does not fit a solution of this dimension that begins at `from` */
export const checkGrid = ({ values, points, offset, first, every, count }: Grid, dimension: number, from: number): void => {
  if (count < 1) return;
  if (!(every > 0)) throw new RangeError(`grid.every: got ${every}, want above 0`);
  if (!(first >= from - 2 * SAME_POINT * every)) throw new RangeError(`grid.first: got ${first}, want at least ${from}`);
  if (!(offset >= 0 && offset + count <= points)) throw new RangeError(`grid.count: got ${count} from ${offset}, want within ${points} points`);
  if (values.length < dimension * points) throw new RangeError(`grid.values: got room for ${values.length}, want ${dimension * points}`);
};

/** The grid of a stretch too short to be one: its one point at most. */
export const still = ({ values, points, offset, first, every, count }: Grid, y: Float64Array, at: number): void => {
  if (count < 1 || first > at + SAME_POINT * every) return;
  y.forEach((value, i) => { values[i * points + offset] = value; });
};
