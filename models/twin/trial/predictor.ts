import { boost } from '../../forest/boost.ts';
import { predict } from '../../forest/evaluate.ts';
import type { Forest } from '../../forest/tree.ts';
import { streamOf } from '../../random/streams.ts';
import { featuresAt72, FEATURES_AT_72 } from '../assist/features.ts';
import { advance, ifSolved, recordFor, startOf, type Record as Recorded } from '../culture/culture.ts';
import { drawBatch, type Batch } from '../draw/batch.ts';
import { timelineOf } from '../recipe/timeline.ts';
import { knownOf } from '../seen/known.ts';
import { openWatch, readAt } from '../seen/reading.ts';
import type { Reading } from '../seen/sensors.ts';
import { FIRST_HOURS } from '../seen/rounds.ts';
import type { World } from '../worlds/world.ts';
import { causesUntouched, UNSOLVED } from './finish.ts';

/** One row of training: what was known at hour 72 of an untouched batch, and whether it failed; `isUnsolved` when because its equations have no solution. */
export type Row = Readonly<{ features: readonly number[]; failed: 0 | 1; isUnsolved?: boolean }>;

/** Chance of failure at 72 h, and from which chance an alert is given; beside it the simple rule it has to beat: few cells at 72 h. */
export type Predictor = Readonly<{ forest: Forest; threshold: number; densityRuleMillionPerMl: number }>;

const BOOST = { treeCount: 60, depth: 3, learningRate: 0.1, minimumCover: 4, regularisation: 1 } as const;
const DENSITY_AT_72 = FEATURES_AT_72.indexOf('density at 72 h');

/** What was known at hour 72 of a batch whose equations have no solution up to then: nothing. */
const NOTHING: readonly number[] = FEATURES_AT_72.map(() => Number.NaN);

/** Grow a batch to hour 72, recorded, and look at it as it goes. */
const firstDays = (world: World, batch: Batch, record: Recorded): readonly number[] => {
  const culture = startOf(world, batch);
  advance(culture, batch.donor.traits, timelineOf(world, batch, []), FIRST_HOURS[4], record);
  const watch = openWatch(world, batch, record);
  return featuresAt72(knownOf(world, batch), FIRST_HOURS.map((hour): Reading => readAt(watch, [], hour)));
};

/** Untouched batches as rows. Their outcome is that of the baseline arm, to the last bit; a batch whose equations can not be solved failed, as there. */
export const rowsOf = (world: World, seed: number, from: number, to: number): readonly Row[] => {
  const record = recordFor(FIRST_HOURS[4]);
  return Array.from({ length: to - from }, (_, i) => {
    const batch = drawBatch(world, seed, from + i);
    const features = ifSolved(() => firstDays(world, batch, record));
    if (features === undefined) return { features: NOTHING, failed: 1, isUnsolved: true };
    const [cause] = causesUntouched(world, batch, startOf(world, batch));
    return { features, failed: cause === undefined ? 0 : 1, isUnsolved: cause === UNSOLVED[0] };
  });
};

/** The cut with the best F1 on rows the forest has not seen; a score at or above the cut is an alert. A row without a score is never alerted. */
const bestCut = (scores: readonly number[], rows: readonly Row[]): number => {
  const failures = rows.reduce((sum, { failed }) => sum + failed, 0);
  const order = scores.map((score, i) => ({ score, failed: rows[i]?.failed ?? 0 })).filter(({ score }) => !Number.isNaN(score)).sort((a, b) => b.score - a.score);
  let [found, best, cut] = [0, -1, 1];
  order.forEach(({ score, failed }, i) => {
    found += failed;
    const f1 = (2 * found) / (i + 1 + failures);
    if (score !== order[i + 1]?.score && f1 > best) [best, cut] = [f1, score];
  });
  return cut;
};

/**
 * Learn from untouched batches: two thirds grow the forest, the last third sets both cuts.
 *
 * @param rows of a seed no trial uses; at least 90, with both outcomes
 * @throws RangeError otherwise
 */
export const trainPredictor = (rows: readonly Row[]): Predictor => {
  const failures = rows.filter(({ failed }) => failed === 1).length;
  if (rows.length < 90 || failures === 0 || failures === rows.length) throw new RangeError(`rows: got ${rows.length} with ${failures} failures, ${rows.filter(({ isUnsolved }) => isUnsolved === true).length} of them with cause solver, want at least 90 with both outcomes`);
  const [learn, check] = [rows.slice(0, Math.floor((2 * rows.length) / 3)), rows.slice(Math.floor((2 * rows.length) / 3))];
  const forest = boost(learn.map(({ features }) => features), learn.map(({ failed }) => failed), FEATURES_AT_72, BOOST);
  return {
    forest, threshold: bestCut(check.map(({ features }) => predict(forest, features)), check),
    densityRuleMillionPerMl: -bestCut(check.map(({ features }) => -densityAt72(features)), check),
  };
};

export const chanceOfFailure = ({ forest }: Predictor, features: readonly number[]): number => predict(forest, features);
/** 10^6 viable cells/mL; NaN when the sensor was silent. */
export const densityAt72 = (features: readonly number[]): number => features[DENSITY_AT_72] ?? Number.NaN;
/** The simple threshold rule: an alert when there are few cells at hour 72; none when nobody knows how many. */
export const densityAlert = ({ densityRuleMillionPerMl }: Predictor, features: readonly number[]): boolean => densityAt72(features) <= densityRuleMillionPerMl;

/** Rows with their outcomes dealt out anew: what a model learns from them must be nothing. */
export const permuted = (rows: readonly Row[], seed: number): readonly Row[] => {
  const random = streamOf(seed, 0, 'permuted labels');
  const outcomes = rows.map(({ failed }) => failed);
  for (let i = outcomes.length - 1; i > 0; i -= 1) {
    const j = random.below(i + 1);
    [outcomes[i], outcomes[j]] = [outcomes[j] ?? 0, outcomes[i] ?? 0];
  }
  return rows.map(({ features }, i) => ({ features, failed: outcomes[i] ?? 0 }));
};
