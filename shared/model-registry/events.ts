import type { Recorded, Signature } from '../record/envelope.ts';
import type { DriftJudgement } from './drift-judgement.ts';
import type { ModelPlan } from './model-plan.ts';
import type { TestReport } from './test-report.ts';
import type { UseAtHospital } from './use-at-hospital.ts';

/** What a fold needs of a recorded event. */
export type Fact<Event> = Pick<Recorded<Event>, 'event' | 'version' | 'recordedAt'> & Readonly<{ stream: Readonly<{ id: string }> }>;

/** Why there is a version: a question asked anew, or a retraining that was planned and signed with an accepted version. */
export type Basis = Readonly<{ kind: 'new-question' }> | Readonly<{ kind: 'pre-planned-change'; ofVersion: number; rationale: string }>;

/** What was trained, as it was handed in. The artefact is frozen by its hash; its documents too, whoever supplied them. */
export type Training = Readonly<{
  artefactSha256: string;
  documentationSha256: string;
  trainingManifestSha256: string;
  algorithm: string;
  /** Names, in the order the model takes them. */
  inputs: readonly string[];
  rows: number;
  nodeIds: readonly string[];
  codeVersion: string;
  seed: number;
  /** Cases that were held out of training to say what is undecided: by equal bins of the score from 0 to 1, how many came true and how many did not. Absent: no answer is undecided by its score. */
  calibration?: Readonly<{ positives: readonly number[]; negatives: readonly number[] }>;
  /** Of the manifest of those cases: hashes of each hospital's rows and records. Absent in records from before it was asked for. */
  calibrationManifestSha256?: string;
}>;

/** Stopping is never made to wait for a signature: a rule may suspend, and so may a person; coming back takes signatures. */
export type SuspendedBy = Readonly<{ kind: 'person'; signature: Signature }> | Readonly<{ kind: 'rule'; rule: string; evidenceSha256: string }>;

/** Life of one model. One stream holds all its versions, so that activating one retires the last in the same event. */
export type ModelEvent =
  | Readonly<{ type: 'model-version-drafted'; modelId: string; version: number; plan: ModelPlan; planHash: string; basis: Basis }>
  | Readonly<{ type: 'model-plan-approved'; version: number; planHash: string; signature: Signature }>
  | Readonly<{ type: 'model-candidate-submitted'; version: number; training: Training; signature: Signature }>
  | Readonly<{ type: 'model-test-recorded'; version: number; report: TestReport; signature: Signature }>
  | Readonly<{ type: 'model-deviation-raised'; deviationId: string; version: number; rule: string; criterionIds: readonly string[]; detail: string; /** By the plan people decide on suspension, and are asked for it. */ asks?: 'suspension' }>
  | (DriftJudgement & Readonly<{ type: 'model-drift-judged'; version: number }>)
  /** What a hospital found of the model's use there, itself. */
  | (UseAtHospital & Readonly<{ type: 'model-use-told' }>)
  | Readonly<{ type: 'model-deviation-assessed'; deviationId: string; acceptable: boolean; impact: string; rootCause: string; signature: Signature }>
  | Readonly<{ type: 'model-accepted'; version: number; artefactSha256: string; planHash: string; testDataId: string; adequacy: string; signature: Signature }>
  | Readonly<{ type: 'model-activated'; version: number; artefactSha256: string; supersededVersion?: number; signature: Signature }>
  /** Also of a version that is suspended: each stop is on record. */
  | Readonly<{ type: 'model-suspended'; version: number; reason: string; by: SuspendedBy; /** That asks about this stop; absent in records from before it was named. */ deviationId?: string }>
  | Readonly<{ type: 'model-reinstated'; version: number; reason: string; signature: Signature }>
  | Readonly<{ type: 'model-retired'; version: number; reason: string; signature: Signature }>;
