import type { Role } from '../record/envelope.ts';

/**
 * The model file as it is before any test: what the model is for, how bad a wrong answer is, and what it must show. Its hash is signed before test data is
 * opened. The schema that checks foreign input lives in `schema.ts`; these are its shapes.
 *
 * @see FDA, Considerations for the Use of Artificial Intelligence to Support Regulatory Decision-Making (draft, January 2025), steps 1 to 4 and 7
 * @see EU GMP Annex 22 (draft, 2025-07-07), 2 to 5, 9, 10
 */
export type ModelPlan = Readonly<{
  productId: string;
  title: string;
  output: PredictionOutput;
  /** Step 1. */
  question: string;
  /** Step 2. */
  contextOfUse: ContextOfUse;
  inputs: readonly ModelInput[];
  /** Groups the test reports beside all cases and each hospital. */
  subgroups: readonly Subgroup[];
  /** Step 3. */
  risk: Risk;
  design: Design;
  /** Score, 0 to 1, from which the model says yes: in the test, in use, and where drift is judged. Absent in plans signed before it was asked for; under such a plan every answer is undecided. */
  threshold?: number;
  undecided: Undecided;
  /** Step 4. */
  test: TestPlan;
  /** Step 7: what the model must go on to show. */
  monitoring: MonitoringPlan;
  prePlannedChange?: PrePlannedChange;
}>;

/** What a model can say about a running batch. Each is one row of the governance table. */
export const PREDICTION_OUTPUTS = ['early-failure', 'process-monitoring-alarm', 'set-point-advice', 'harvest-advice'] as const;
export type PredictionOutput = (typeof PREDICTION_OUTPUTS)[number];

export type ContextOfUse = Readonly<{
  /** What the output is used for, and by whom. */
  description: string;
  users: readonly Role[];
  /** The decision it informs; a person takes it. */
  decision: string;
  /** Evidence that stands beside the output when the decision is taken. */
  otherEvidence: readonly string[];
}>;

/** What a model says of one case, by the rule of its plan. */
export const VERDICTS = ['positive', 'negative', 'undecided'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** `low` and `high` inclusive, in `unit`: outside them the model was not tested. */
export type ModelInput = Readonly<{ name: string; title: string; unit: string; low: number; high: number; mayBeMissing: boolean }>;
export type Subgroup = Readonly<{ id: string; title: string; rule: string }>;

export const RISK_LEVELS = ['low', 'medium', 'high'] as const;
export type RiskLevel = (typeof RISK_LEVELS)[number];
/** `riskId` is the entry of the hospital network's own risk register. */
export type Risk = Readonly<{ riskId: string; influence: RiskLevel; consequence: RiskLevel; rationale: string }>;

export type Design = Readonly<{
  algorithm: string;
  /** Learns nothing while in use, and gives equal outputs for equal inputs. No other model fits the schema. */
  static: true;
  deterministic: true;
  explanation: 'tree-shap' | 'contributions';
  /** Who trains it: they neither open test data nor judge the result. */
  developerIds: readonly string[];
}>;

/** Conformal sets at this error rate; a set of both outcomes or of none is undecided, and so is one that contradicts the threshold. */
export type Undecided = Readonly<{ errorRate: number; handling: string }>;

export const METRICS = ['sensitivity', 'specificity', 'precision', 'negative-predictive-value', 'accuracy', 'f1', 'decided'] as const;
export type Metric = (typeof METRICS)[number];
export type Criterion = Readonly<{
  id: string;
  metric: Metric;
  /** `all`, `each-site`, `each-subgroup`, or the id of one subgroup. */
  stratum: string;
  /** `estimate`, or the lower end of its exact 95 % interval. */
  measure: 'estimate' | 'lower-limit';
  /** 0 to 1, inclusive. */
  minimum: number;
}>;
export type TestPlan = Readonly<{
  protocol: string;
  criteria: readonly Criterion[];
  /** How the decision was taken without the model, and how good that was. */
  baseline: Readonly<{ description: string; values: readonly Readonly<{ metric: Metric; value: number }>[] }>;
  /** What test data must be to stand for the input space. */
  dataRequirement: string;
  minimumCasesPerStratum: number;
  /** Share of labels a second person or method verified, 0 to 1. */
  minimumLabelVerifiedFraction: number;
}>;

/**
 * Population stability index that opens a deviation or suspends; counts below `minimumCases` judge nothing. `suspension` says who suspends where drift is that large: the rule at once, which is also meant
 * where it is absent, or people, whom a deviation asks for it.
 */
export type MonitoringPlan = Readonly<{ suspension?: 'by-rule' | 'by-people';  stabilityAlarm: number; stabilitySuspension: number; significance: number; minimumCases: number; performance: readonly Readonly<{ metric: Metric; minimum: number }>[] }>;

/**
 * A retraining planned and signed with the model: within it a new version needs no new question, only a new test.
 *
 * @see FDA, Marketing Submission Recommendations for a Predetermined Change Control Plan (December 2024): description, protocol, impact assessment
 */
export type PrePlannedChange = Readonly<{
  description: string;
  protocol: string;
  impactAssessment: string;
  /** Bounds a machine can check. Inputs and algorithm stay those of the plan. */
  minimumRows: number;
  minimumSites: number;
  /** How many versions may come of it before the question is asked anew. */
  maximumVersions: number;
}>;

const LEVEL_VALUE: Readonly<Record<RiskLevel, number>> = { low: 1, medium: 2, high: 3 };

/** Model risk of influence and consequence together: their product from 1 to 9; 1 and 2 are low, 3 and 4 medium, 6 and 9 high. @see FDA draft guidance, step 3 */
export const modelRisk = ({ influence, consequence }: Pick<Risk, 'influence' | 'consequence'>): RiskLevel => {
  const product = LEVEL_VALUE[influence] * LEVEL_VALUE[consequence];
  if (product >= 6) return 'high';
  return product >= 3 ? 'medium' : 'low';
};
