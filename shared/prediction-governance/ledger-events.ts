import type { PredictionOutput, Verdict } from '../model-registry/model-plan.ts';
import type { Role, Signature } from '../record/envelope.ts';

/** One feature's share in an output, as it was shown: exact TreeSHAP, in the model's own units (log-odds or probability). */
export type Contribution = Readonly<{ feature: string; value: number | null; contribution: number }>;
/** A value to write to equipment by Sparkplug: DCMD where a device is named, else NCMD. */
export type Action = Readonly<{ edgeNodeId: string; deviceId?: string; metric: string; value: number; unit: string }>;
/** `expected` says what each choice would lead to, as the person saw it; doing nothing is one of them. `actions` is what would be sent if it were chosen; what people do by hand is in the title. */
export type Alternative = Readonly<{ id: string; title: string; expected: string; actions?: readonly Action[] }>;

/**
 * What an alarm of process monitoring is about: an excursion from one hour of culture to another, and how far the batch was beyond the limits of 99 % at the last of them.
 *
 * With `seenToHour` that hour was not over: T² and Q are what they come to if the rest goes as expected, `t2AtLeast` and `qAtLeast` what they come to at least in 95 of 100 normal batches, which is what `probability` is of.
 */
export type MonitoringAlarm = Readonly<{ fromHour: number; hour: number; t2: number; t2Limit: number; q: number; qLimit: number; seenToHour?: number; t2AtLeast?: number; qAtLeast?: number }>;

/**
 * What made the alternatives, and with them what is proposed: the digital twin is no registered model, so its record is here. `world` is the name of the world its guesses are drawn from; `twinSha256` of the constants of the
 * mechanism and that world, as reports of trials and data sets name it; `codeSha256` of the bundle that played them. All hex.
 */
export type Twin = Readonly<{ world: string; twinSha256: string; codeSha256: string }>;

export type Recommendation = Readonly<{
  recommendationId: string;
  output: PredictionOutput;
  modelId: string;
  modelVersion: number;
  modelHash: string;
  /** SHA-256 of the canonical JSON of what went in. */
  inputsHash: string;
  /** Bin of each input in the range of the model's plan, one character each, for drift. @see shared/model-registry/distributions.ts */
  inputBins?: string;
  /** The model's score, which thresholds are about. */
  probability: number;
  /** How often calibration cases of such a score came true; absent where no calibration is on record. */
  calibratedProbability?: number;
  /** What the model says by the rule of its signed plan, whatever the hospital's table asks for. Absent in records from before. */
  verdict?: Verdict;
  undecided: boolean;
  /** Of `process-monitoring-alarm` alone. `probability` is then the share of normal batches that are closer. */
  monitoring?: MonitoringAlarm;
  /** Why it is undecided: inputs by name, or the score. */
  undecidedBecause?: readonly string[];
  explanation: readonly Contribution[];
  alternatives: readonly Alternative[];
  /** Absent where there are no alternatives, and in records from before it was asked for. */
  twin?: Twin;
  actions: readonly Action[];
}>;

/**
 * What the table in force made of it, kept with it, so that the record alone says who has to look: one of `askedOf`; nobody where it is empty, because the output is for
 * awareness or below `threshold`.
 */
export type Asked = Readonly<{ threshold: number; askedOf: readonly Role[] }>;

/**
 * The intervention ledger: events of the batch record itself, so that its audit trail, its chain and its signatures are theirs too. The batch's own fold leaves them
 * alone; `ledger.ts` is the second fold over the same stream.
 */
export type LedgerEvent =
  | (Recommendation & Asked & Readonly<{ type: 'recommendation-made'; tableVersion: number; tableHash: string; validUntil: string }>)
  | Readonly<{ type: 'recommendation-decided'; recommendationId: string; decision: 'accept' | 'refuse'; reason: string; alternativeId?: string; signature: Signature }>
  | (Action & Readonly<{ type: 'intervention-sent'; interventionId: string; recommendationId: string; command: 'NCMD' | 'DCMD'; acknowledgeBy: string }>)
  /** An accepted action that may no longer be sent, with the rule that forbids it. */
  | Readonly<{ type: 'intervention-given-up'; interventionId: string; recommendationId: string; code: string; detail: string }>
  | Readonly<{ type: 'intervention-acknowledged'; interventionId: string; observedValue: number; observedAt: string; matches: boolean }>
  | Readonly<{ type: 'intervention-timed-out'; interventionId: string; acknowledgeBy: string }>
  | Readonly<{ type: 'intervention-effect-observed'; interventionId: string; metric: string; unit: string; before: number; after: number; note: string }>
  | Readonly<{ type: 'assistance-stopped'; reason: string }>
  | Readonly<{ type: 'assistance-resumed'; reason: string; signature: Signature }>;
