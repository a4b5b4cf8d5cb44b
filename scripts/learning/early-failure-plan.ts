import { FEATURE_NAMES } from '../../models/early-prediction/features.ts';
import type { ModelInput, ModelPlan } from '../../shared/model-registry/model-plan.ts';
import { CD19_CAR_T_ID } from '../../shared/master-batch-record/cd19-car-t/content.ts';

/** Ends are those of the sensors' and assays' usable ranges, inclusive: outside them the model says nothing. */
const INPUTS: Readonly<Record<string, Omit<ModelInput, 'name' | 'mayBeMissing'>>> = {
  'density-mean-0-24': { title: 'Viable cell density, mean of the first day', unit: '10^6/mL', low: 0.1, high: 5 },
  'density-mean-48-72': { title: 'Viable cell density, mean of the third day', unit: '10^6/mL', low: 0.1, high: 20 },
  'growth-rate-24-72-per-hour': { title: 'Growth rate, second and third day', unit: '1/h', low: -0.1, high: 0.1 },
  'growth-rate-48-72-per-hour': { title: 'Growth rate, third day', unit: '1/h', low: -0.1, high: 0.1 },
  'glucose-slope-24-72': { title: 'Change of glucose, second and third day', unit: 'mmol/L/h', low: -1, high: 1 },
  'glucose-mean-48-72': { title: 'Glucose, mean of the third day', unit: 'mmol/L', low: 0, high: 40 },
  'lactate-slope-48-72': { title: 'Change of lactate, third day', unit: 'mmol/L/h', low: -1, high: 2 },
  'lactate-maximum': { title: 'Highest lactate', unit: 'mmol/L', low: 0, high: 40 },
  'ph-minimum': { title: 'Lowest pH', unit: '', low: 6.5, high: 8 },
  'oxygen-minimum': { title: 'Lowest dissolved oxygen', unit: '% air saturation', low: 0, high: 250 },
  'oxygen-mean-48-72': { title: 'Dissolved oxygen, mean of the third day', unit: '% air saturation', low: 0, high: 250 },
  'temperature-mean': { title: 'Temperature, mean', unit: '°C', low: 30, high: 42 },
  'starting-viability-percent': { title: 'Viability of the starting material', unit: '%', low: 50, high: 100 },
  'cd4-cd8-ratio': { title: 'CD4 to CD8', unit: '', low: 0.05, high: 20 },
  'hours-since-collection': { title: 'Time since collection', unit: 'h', low: 0, high: 96 },
  'starting-t-cells': { title: 'T cells collected', unit: '10^6', low: 100, high: 50_000 },
  'selected-purity-percent': { title: 'Purity after selection', unit: '%', low: 20, high: 100 },
  'seeded-cells': { title: 'Cells seeded', unit: '10^6', low: 10, high: 500 },
};

const inputOf = (name: string): ModelInput => {
  const known = INPUTS[name];
  if (known === undefined) throw new Error(`the plan knows no input ${name}`);
  return { name, ...known, mayBeMissing: true };
};

/** Ranges of the inputs, in their order. */
export const INPUT_RANGES = FEATURE_NAMES.map((name) => { const { low, high } = inputOf(name); return { low, high }; });

/** By whose starting material a case is counted apart; `belongs` says it of a value in percent. */
export const LOW_VIABILITY = { id: 'low-starting-viability', title: 'Starting viability below 92 %', rule: 'starting-viability-percent < 92', belongs: (percent: number): boolean => percent < 92 } as const;
/** From which probability a culture is said to be at risk. Low: a second look costs little, a failure that was missed costs a dose. Found on batches of other seeds. */
const THRESHOLD = 0.3;

/** The plan of the example: a question the twin can answer. What it asks for was written before its test data was drawn. */
export const earlyFailurePlan = (developerIds: readonly string[]): ModelPlan => ({
  productId: CD19_CAR_T_ID, title: 'Early failure of an expansion (simulated data)', output: 'early-failure', question: 'Will this culture end without meeting its release criteria, judged at 72 hours, if nobody acts?',
  contextOfUse: {
    description: 'Shown once for each batch at 72 hours of culture, with what contributed and what each corrective action would lead to.', users: ['process-scientist'],
    decision: 'Whether to correct the culture, and how', otherEvidence: ['in-process tests of day three', 'the telemetry itself'],
  },
  inputs: FEATURE_NAMES.map(inputOf), subgroups: [{ id: LOW_VIABILITY.id, title: LOW_VIABILITY.title, rule: LOW_VIABILITY.rule }],
  risk: { riskId: 'EXAMPLE-RISK-1', influence: 'medium', consequence: 'medium', rationale: 'A scientist decides and signs, with in-process tests beside the output; a wrong correction can cost a dose.' },
  design: { algorithm: 'federated-forest', static: true, deterministic: true, explanation: 'tree-shap', developerIds: [...developerIds] },
  // Many failures begin after hour 72 and can not be seen by then: at an error rate of one in ten nearly every answer would be undecided, at this one about a third (0.34 on the mean of a hundred networks). Found on batches of another seed.
  threshold: THRESHOLD, undecided: { errorRate: 0.45, handling: 'Shown as undecided; the culture is sampled as planned.' },
  test: {
    protocol: 'Each hospital scores its own test cases once, and tells counts.', dataRequirement: 'Batches of every hospital, none of them used in training.', minimumCasesPerStratum: 20, minimumLabelVerifiedFraction: 0.9,
    criteria: [
      { id: 'finds-failures', metric: 'sensitivity', stratum: 'all', measure: 'estimate', minimum: 0.4 },
      { id: 'spares-good-ones', metric: 'specificity', stratum: 'all', measure: 'lower-limit', minimum: 0.8 },
      { id: 'accurate-everywhere', metric: 'accuracy', stratum: 'each-site', measure: 'estimate', minimum: 0.75 },
      { id: 'accurate-in-groups', metric: 'accuracy', stratum: 'each-subgroup', measure: 'estimate', minimum: 0.7 },
      { id: 'decides', metric: 'decided', stratum: 'all', measure: 'estimate', minimum: 0.5 },
    ],
    baseline: { description: 'In-process tests of day three alone, read against their limits.', values: [{ metric: 'sensitivity', value: 0.3 }] },
  },
  monitoring: { stabilityAlarm: 0.2, stabilitySuspension: 0.5, significance: 0.01, minimumCases: 30, performance: [{ metric: 'sensitivity', minimum: 0.3 }] },
});
