import { outsideInputSpace } from '../../shared/model-registry/input-space.ts';
import type { DecisionRule } from '../../shared/model-registry/may-run.ts';
import type { Verdict } from '../../shared/model-registry/model-plan.ts';
import { conformal } from './conformal.ts';

/** `because` says why it is undecided, by input or by score; empty where it is decided. */
export type Said = Readonly<{ verdict: Verdict; because: readonly string[] }>;

const missingThreshold = (threshold: number | undefined): readonly string[] => (threshold === undefined ? ['the signed plan names no threshold'] : []);

/** What the calibration cases leave open, and where they and the threshold say the opposite. */
const openByScore = ({ undecided: { errorRate, calibration } }: DecisionRule, isPositive: boolean, score: number): readonly string[] => {
  if (calibration === undefined) return [];
  const { verdict } = conformal(calibration, errorRate, score);
  if (verdict === 'undecided') return [`score ${score.toFixed(3)}: the calibration cases leave it open at error rate ${errorRate}`];
  const byThreshold = isPositive ? 'positive' : 'negative';
  return verdict === byThreshold ? [] : [`score ${score.toFixed(3)}: ${byThreshold} by the threshold, ${verdict} by the calibration cases at error rate ${errorRate}`];
};

/**
 * What a model says of one case. The one rule: tests count by it, recommendations go out by it, drift is judged by it. Inputs outside the space of the plan, a score that the calibration cases leave open, and a
 * threshold they contradict are undecided. A monitoring model's score is its own alarm rule's, which skips hours it knows too little of: for it the threshold alone decides, and a batch it has no score of is undecided.
 *
 * @param names  inputs in the model's order; `values` of them, NaN where missing
 * @param score  0 to 1; undefined where too little is known of the case for the model to have one
 * @see EU GMP Annex 22 (draft), 3.1 (input space), 9.1, 9.2 (undecided)
 */
export const sayOf = (rule: DecisionRule, names: readonly string[], values: readonly number[], score: number | undefined): Said => {
  if (score === undefined) return { verdict: 'undecided', because: ['too little is known of the case to judge it by'] };
  const { threshold, output, inputs } = rule;
  const isPositive = threshold !== undefined && score >= threshold;
  const byInputs = output === 'process-monitoring-alarm' ? [] : [...outsideInputSpace({ inputs }, Object.fromEntries(names.map((name, i) => [name, values[i] ?? null]))), ...openByScore(rule, isPositive, score)];
  const because = [...missingThreshold(threshold), ...byInputs];
  if (because.length > 0) return { verdict: 'undecided', because };
  return { verdict: isPositive ? 'positive' : 'negative', because };
};
