import type { PlaneModel } from './pca.ts';
import { apply, dot, type Projection, type Regression } from './projection.ts';
import { naturalOf } from './moments.ts';
import { windowOf } from './trajectory.ts';

/** A variable in whose window a batch is: `value` is its mean so far, `share` how much of the window that is the mean of, above 0 and at most 1. `place`: its number in the model. */
export type Part = Readonly<{ place: number; value: number; share: number }>;
/** A part with its value off the mean of the whole window, in its deviations. */
type ScaledPart = Part & Readonly<{ scaled: number }>;

/** What is said of a window before its end is true at its end at least this often, while the process goes as it always went. */
export const ASSURANCE = 0.95;
/** Quantile of the standard normal distribution at ASSURANCE. */
const QUANTILE = 1.644_853_626_951_472_2;
/** No direction is taken of a statistic below this. */
const LEAST_STATISTIC = 1e-12;

/** @throws RangeError for a place that is none, or a share that is no part of a window */
export const requireParts = ({ variables }: PlaneModel, parts: readonly Part[]): void => {
  const wrong = parts.find(({ place, value, share }) => variables[place] === undefined || !Number.isFinite(value) || !(share > 0 && share <= 1));
  if (wrong !== undefined) throw new RangeError(`part: got place ${wrong.place}, value ${wrong.value}, share ${wrong.share}; want one of ${variables.length} variables, a finite value, and a share above 0 and at most 1`);
};

/** How a normal batch goes within a window, in deviations of its mean: how far from its start to its end, and how bent. */
export type Course = Readonly<{ slope: number; curvature: number }>;
const FLAT: Course = { slope: 0, curvature: 0 };

/**
 * Course of each variable: the parabola that has the means of its window and of those beside it. A culture that doubles each day is below its window's mean at first, and that is no fault.
 *
 * @see Colella, Woodward 1984, J. Comput. Phys. 54(1), section 1: a parabola from cell averages
 */
export const coursesOf = ({ variables, means, deviations }: PlaneModel): readonly Course[] => {
  const windows = variables.map(({ name }) => windowOf(name));
  const nameOf = (metric: string, fromHour: number, toHour: number): string => `${metric} ${fromHour} ${toHour}`;
  const meanByWindow = new Map(windows.flatMap((window, i) => {
    const variable = variables[i];
    return window === undefined || variable === undefined ? [] : [[nameOf(window.metric, window.fromHour, window.toHour), naturalOf(variable, means[i] ?? 0)] as const];
  }));
  return variables.map((variable, i): Course => {
    const window = windows[i];
    if (window === undefined) return FLAT;
    const { metric, fromHour, toHour } = window;
    const [before, mean = 0, after] = [fromHour - toHour, 0, toHour - fromHour].map((by) => meanByWindow.get(nameOf(metric, fromHour + by, toHour + by)));
    const deviation = naturalOf(variable, deviations[i] ?? 1) - variable.low;
    if (before === undefined || after === undefined) return { slope: ((after ?? mean) - (before ?? mean)) / deviation, curvature: 0 };
    return { slope: (after - before) / 2 / deviation, curvature: (before - 2 * mean + after) / deviation };
  });
};

/** What the course of a window leaves for its end: its integral from `share` to 1, less this part of the window's mean. */
export const courseLeft = ({ slope, curvature }: Course, share: number): number => (slope * (share - share * share)) / 2 + (curvature / 2) * ((1 / 8 - (share - 0.5) ** 3) / 3 - (1 - share) / 12);

/**
 * Windows filled up: what was seen, and for the rest what a normal batch with this past would do.
 *
 * @param past values of the variables `before` knows, scaled
 * @returns by place, scaled
 * @see Nelson, Taylor, MacGregor 1996, Chemom. Intell. Lab. Syst. 35(1), conditional mean replacement
 */
export const filledOf = ({ loadings }: PlaneModel, courses: readonly Course[], before: Regression, past: readonly number[], parts: readonly ScaledPart[]): ReadonlyMap<number, number> => {
  const scores = apply(before.completion, loadings.map((loading) => before.known.reduce((sum, i, k) => sum + (loading[i] ?? 0) * (past[k] ?? 0), 0)));
  return new Map(parts.map(({ place, scaled, share }) => [place, share * scaled + (1 - share) * dot(loadings.map((loading) => loading[place] ?? 0), scores) + courseLeft(courses[place] ?? FLAT, share)]));
};

/** A judgement with the windows filled up: T², Q, weights of the trimmed scores in T², residuals of the newest variables. */
type Filled = Readonly<{ t2: number; q: number; weights: readonly number[]; residuals: readonly number[] }>;

/** Directions, of length one in the statistic's own metric, in which the newest variables raise √T² and √Q. */
const directionsOf = ({ loadings }: PlaneModel, { newest, completion }: Projection, { t2, q, weights, residuals }: Filled): Readonly<{ t2: readonly number[]; q: readonly number[] }> => {
  const placeOf = (i: number): readonly number[] => loadings.map((loading) => loading[i] ?? 0);
  const unit = residuals.map((residual) => residual / Math.sqrt(Math.max(LEAST_STATISTIC, q)));
  const drawn = loadings.map((loading) => newest.reduce((sum, i, k) => sum + (loading[i] ?? 0) * (unit[k] ?? 0), 0));
  const back = completion.map((_, column) => dot(completion.map((row) => row[column] ?? 0), drawn));
  return {
    t2: newest.map((i) => dot(placeOf(i), weights) / Math.sqrt(Math.max(LEAST_STATISTIC, t2))),
    q: newest.map((i, k) => (unit[k] ?? 0) - dot(placeOf(i), back)),
  };
};

/**
 * T² and Q that a batch comes to at the end of its windows with probability ASSURANCE or more, if the rest of them goes as it does in normal batches.
 *
 * The rest of a window adds something normal to the newest variables, of no more than (1 − share) of the covariance they have given the past: more only if what a window begins with were undone by its end as a rule. √T² and √Q are
 * distances, and a distance is no shorter than its part in one direction; so each ends no lower than it is, less QUANTILE deviations of the rest in its own direction.
 */
export const leastOf = (plane: PlaneModel, projection: Projection, before: Regression, filled: Filled, parts: readonly Part[]): Readonly<{ t2: number; q: number }> => {
  const { newest } = projection;
  const shares = new Map(parts.map(({ place, share }) => [place, share]));
  const left = newest.map((i) => Math.sqrt(1 - (shares.get(i) ?? 1)));
  const covariance = before.residual(newest).map((row, i) => row.map((value, j) => value * (left[i] ?? 0) * (left[j] ?? 0)));
  const directions = directionsOf(plane, projection, filled);
  const least = (which: 't2' | 'q'): number => {
    const deviation = Math.sqrt(Math.max(0, dot(directions[which], apply(covariance, directions[which]))));
    return deviation === 0 ? filled[which] : Math.max(0, Math.sqrt(filled[which]) - QUANTILE * deviation) ** 2;
  };
  return { t2: least('t2'), q: least('q') };
};
