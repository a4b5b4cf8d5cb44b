/** A polynomial c0 + c1 θ + c2 θ² + c3 θ³ + c4 θ⁴. */
export type Quartic = Readonly<{ c0: number; c1: number; c2: number; c3: number; c4: number }>;
/** Indices of `values` from `from` up to, not including, `to`. */
export type Stretch = Readonly<{ values: Float64Array; from: number; to: number }>;

/**
 * Values of a quartic at θ = start, start + stride, … along a stretch.
 *
 * By forward differences: four additions a point, where Horner's scheme takes eight operations. The differences come from the coefficients, not from values,
 * so that n points round by some n · 10^-16 of the change over them and no more.
 *
 * @see Knuth 1997, The Art of Computer Programming 2, 4.6.4 (tabulating polynomial values)
 */
export const fillQuartic = ({ c0, c1, c2, c3, c4 }: Quartic, start: number, stride: number, { values, from, to }: Stretch): void => {
  // coefficients in the index of the point
  const p1 = stride * (c1 + start * (2 * c2 + start * (3 * c3 + start * 4 * c4)));
  const p2 = stride ** 2 * (c2 + start * (3 * c3 + start * 6 * c4));
  const p3 = stride ** 3 * (c3 + start * 4 * c4);
  const p4 = stride ** 4 * c4;
  let value = c0 + start * (c1 + start * (c2 + start * (c3 + start * c4)));
  let first = p1 + p2 + p3 + p4;
  let second = 2 * p2 + 6 * p3 + 14 * p4;
  let third = 6 * p3 + 36 * p4;
  const fourth = 24 * p4;
  for (let g = from; g < to; g += 1) {
    values[g] = value;
    value += first;
    first += second;
    second += third;
    third += fourth;
  }
};
