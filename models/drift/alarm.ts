import { metricOf, type CaseCounts } from '../../shared/model-registry/test-report.ts';
import type { MonitoringPlan } from '../../shared/model-registry/model-plan.ts';
import { shiftOf, type Histogram, type Shift } from './histogram.ts';

/** What is known now, against what was known at the test. `outcomes` counts predictions whose truth has arrived; absent before any has. */
export type Monitored = Readonly<{ pairs: readonly Readonly<{ reference: Histogram; current: Histogram }>[]; outcomes?: CaseCounts }>;

export type DriftAlarm = Readonly<{
  decision: 'none' | 'alarm' | 'suspend';
  /** `input-drift` stands for inputs and score. */
  rule: 'none' | 'input-drift' | 'performance';
  detail: string;
  shifts: readonly Shift[];
  /** How many rules had cases enough: each metric is one, and each input or score. Where it is 0, `none` is no answer. */
  judged: number;
  /** Too few cases to judge by: said, so that nobody takes silence for an answer. */
  notJudged: readonly string[];
}>;

const RANK = { none: 0, alarm: 1, suspend: 2 } as const;
type Finding = Readonly<Pick<DriftAlarm, 'decision' | 'rule' | 'detail'>>;
const NOTHING: Finding = { decision: 'none', rule: 'none', detail: '' };

const judgeShift = ({ name, stabilityIndex, significance }: Shift, plan: MonitoringPlan, tests: number): Finding => {
  // Bonferroni: many inputs are looked at, each look is a chance to be wrong.
  const isChance = significance > plan.significance / tests;
  if (isChance || stabilityIndex < plan.stabilityAlarm) return NOTHING;
  const decision = stabilityIndex >= plan.stabilitySuspension ? 'suspend' : 'alarm';
  return { decision, rule: 'input-drift', detail: `${name}: stability index ${stabilityIndex.toFixed(3)}, significance ${significance.toExponential(1)}` };
};

/** Below the plan by its estimate: alarm. Below it by the whole 95 % interval: suspended. */
const judgePerformance = (outcomes: CaseCounts, { performance, minimumCases }: MonitoringPlan): Readonly<{ findings: readonly Finding[]; judged: number; notJudged: readonly string[] }> => {
  const { truePositive, falsePositive, trueNegative, falseNegative, undecidedPositive, undecidedNegative } = outcomes;
  const cases = truePositive + falsePositive + trueNegative + falseNegative + undecidedPositive + undecidedNegative;
  if (cases < minimumCases) return { findings: [], judged: 0, notJudged: [`performance: ${cases} outcomes, want ${minimumCases}`] };
  const metrics = performance.map(({ metric, minimum }) => ({ metric, minimum, ...metricOf(outcomes, metric) }));
  const without = metrics.filter(({ value }) => Number.isNaN(value));
  return {
    findings: metrics.filter(({ value, minimum }) => value < minimum).map(({ metric, minimum, value, low, high }) => ({
      decision: high < minimum ? 'suspend' : 'alarm', rule: 'performance', detail: `${metric}: got ${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}), want ${minimum}`,
    })),
    judged: metrics.length - without.length, notJudged: without.map(({ metric }) => `${metric}: no case`),
  };
};

/**
 * What drift asks for: nothing, a deviation, or suspension. The worst finding decides; all of that rank and rule are named.
 *
 * @param plan the monitoring signed with the model
 * @throws DomainError `histogram-malformed`
 * @see EU GMP Annex 22 (draft), 10.3 (performance), 10.4 (input space); FDA draft guidance 2025, life cycle maintenance
 */
export const driftAlarm = (plan: MonitoringPlan, { pairs, outcomes }: Monitored): DriftAlarm => {
  const shifts = pairs.map(({ reference, current }) => shiftOf(reference, current));
  const large = shifts.filter(({ currentCases, referenceCases }) => Math.min(currentCases, referenceCases) >= plan.minimumCases);
  const performance = outcomes === undefined ? { findings: [], judged: 0, notJudged: ['performance: no outcome yet'] } : judgePerformance(outcomes, plan);
  const findings = [...performance.findings, ...large.map((shift) => judgeShift(shift, plan, large.length))];
  const worst = findings.reduce((one, other) => (RANK[other.decision] > RANK[one.decision] ? other : one), NOTHING);
  const alike = findings.filter(({ decision, rule }) => decision === worst.decision && rule === worst.rule && decision !== 'none');
  return {
    decision: worst.decision, rule: worst.rule, detail: alike.map(({ detail }) => detail).join('; '), shifts, judged: performance.judged + large.length,
    notJudged: [...performance.notJudged, ...shifts.filter((shift) => !large.includes(shift)).map(({ name, currentCases, referenceCases }) => `${name}: ${referenceCases} and ${currentCases} cases, want ${plan.minimumCases}`)],
  };
};

/** What is put on record: a finding, or that there were too few cases for every rule, which is not that all is well. */
export type DriftStatement = Readonly<{ decision: DriftAlarm['decision'] | 'no-statement'; rule: DriftAlarm['rule']; detail: string; notJudged: readonly string[] }>;

/**
 * As `driftAlarm`, for the record. One rule that had cases enough is a statement, however many had not: what alarms or suspends is never among those that had not.
 *
 * @throws DomainError `histogram-malformed`
 */
export const driftStatement = (plan: MonitoringPlan, monitored: Monitored): DriftStatement => {
  const { decision, rule, detail, judged, notJudged } = driftAlarm(plan, monitored);
  return judged > 0 ? { decision, rule, detail, notJudged } : { decision: 'no-statement', rule, detail: 'too few cases to judge by', notJudged };
};
