import { proportion, type Estimate } from '../../../shared/statistics/exact-interval.ts';

/**
 * How well scores told failures from the rest, at the prevalence they were met with.
 *
 * `unscored`: batches without a score (a sensor was silent). They are not alerted and count as such; AUC, Brier score and calibration are of the others. A score that ranks but is no chance has neither: `brier` is NaN, `calibration` empty.
 */
export type Discrimination = Readonly<{
  batches: number; failures: number; prevalence: Estimate; alerts: number; unscored: number; precision: Estimate; recall: Estimate; falseAlertRate: Estimate; auc: Estimate; brier: number;
  /** Mean predicted chance against the share that failed, in bins of equal size; as many bins as batches when those are fewer than five. */
  calibration: readonly Readonly<{ predicted: number; observed: Estimate }>[];
}>;

const BINS = 5;
const Z = 1.959964;

/**
 * Area under the ROC curve by ranks, ties counting half.
 *
 * @returns NaN without both outcomes
 * @throws RangeError for a score that is no number: it has no rank
 * @see Mann, Whitney 1947
 */
export const aucOf = (scores: readonly number[], failed: readonly boolean[]): number => {
  const wrong = scores.findIndex((score) => Number.isNaN(score));
  if (wrong !== -1) throw new RangeError(`scores: got NaN at place ${wrong}, want a number for every batch`);
  const order = scores.map((score, i) => ({ score, failed: failed[i] === true })).sort((a, b) => a.score - b.score);
  let [rankSum, failures, i] = [0, 0, 0];
  while (i < order.length) {
    let j = i;
    while (j < order.length && order[j]?.score === order[i]?.score) j += 1;
    for (let k = i; k < j; k += 1) if (order[k]?.failed === true) { rankSum += (i + 1 + j) / 2; failures += 1; }
    i = j;
  }
  return (rankSum - (failures * (failures + 1)) / 2) / (failures * (order.length - failures));
};

/**
 * AUC with the interval of Hanley and McNeil 1982, Radiology 143(1). Without both outcomes nothing is known: NaN, 0 to 1.
 *
 * Their formula has no error at 1 and at 0, however few the cases. There the interval is exact, whatever the scores' distributions: each case of the smaller outcome with one of its own of the other
 * makes pairs that know nothing of each other, each won with the chance that the AUC is (ties half, so at most), and all of them were won. More can not be said: were the larger outcome's scores all
 * equal, and the smaller one's beyond them with that chance, every pair would be won as often as these are.
 *
 * @see Clopper, Pearson 1934, Biometrika 26(4), as many of as many; independent pairs: Hoeffding 1963, Journal of the American Statistical Association 58(301), section 5
 */
const aucEstimate = (scores: readonly number[], failed: readonly boolean[]): Estimate => {
  const value = aucOf(scores, failed);
  const failures = failed.filter(Boolean).length;
  const others = failed.length - failures;
  if (failures === 0 || others === 0) return { value, low: 0, high: 1 };
  const pairs = Math.min(failures, others);
  if (value === 1 || value === 0) return proportion(value * pairs, pairs);
  const [q1, q2] = [value / (2 - value), (2 * value * value) / (1 + value)];
  const error = Math.sqrt((value * (1 - value) + (failures - 1) * (q1 - value * value) + (others - 1) * (q2 - value * value)) / (failures * others));
  return { value, low: Math.max(0, value - Z * error), high: Math.min(1, value + Z * error) };
};

const brierOf = (scores: readonly number[], failed: readonly boolean[]): number => scores.reduce((sum, score, i) => sum + (score - (failed[i] === true ? 1 : 0)) ** 2, 0) / scores.length;

const calibrationOf = (scores: readonly number[], failed: readonly boolean[]): Discrimination['calibration'] => {
  const order = scores.map((score, i) => ({ score, failed: failed[i] === true })).sort((a, b) => a.score - b.score);
  const bins = Math.min(BINS, order.length);
  return Array.from({ length: bins }, (_, bin) => {
    const members = order.slice(Math.floor((bin * order.length) / bins), Math.floor(((bin + 1) * order.length) / bins));
    return { predicted: members.reduce((sum, { score }) => sum + score, 0) / members.length, observed: proportion(members.filter((each) => each.failed).length, members.length) };
  });
};

/** Scores that are numbers, with the outcomes that belong to them. */
const scoredOf = (scores: readonly number[], failed: readonly boolean[]): Readonly<{ scores: readonly number[]; failed: readonly boolean[] }> => {
  const isScored = (_: unknown, i: number): boolean => !Number.isNaN(scores[i]);
  return { scores: scores.filter(isScored), failed: failed.filter(isScored) };
};

/**
 * @param scores chance of failure, or any score that rises with it; NaN where there is none
 * @param alerts what was alerted; an alert without a score is none
 * @param failed whether the untouched batch failed
 * @param areChances whether scores are chances of failure, 0 to 1, or only rise with it
 * @throws RangeError for lists of different lengths
 */
export const discriminate = (scores: readonly number[], alerts: readonly boolean[], failed: readonly boolean[], areChances = true): Discrimination => {
  if (scores.length !== failed.length || alerts.length !== failed.length) throw new RangeError(`scores: got ${scores.length} with ${alerts.length} alerts and ${failed.length} outcomes, want as many of each`);
  const isAlerted = (i: number): boolean => alerts[i] === true && !Number.isNaN(scores[i]);
  const failures = failed.filter(Boolean).length;
  const alerted = alerts.filter((_, i) => isAlerted(i)).length;
  const hits = failed.filter((each, i) => each && isAlerted(i)).length;
  const scored = scoredOf(scores, failed);
  return {
    batches: failed.length, failures, prevalence: proportion(failures, failed.length), alerts: alerted, unscored: scores.length - scored.scores.length,
    precision: proportion(hits, alerted), recall: proportion(hits, failures), falseAlertRate: proportion(alerted - hits, failed.length - failures),
    auc: aucEstimate(scored.scores, scored.failed), brier: areChances ? brierOf(scored.scores, scored.failed) : Number.NaN, calibration: areChances ? calibrationOf(scored.scores, scored.failed) : [],
  };
};
