import type { OpenPoint, BatchState, DeviationSeverity, Disposition, ValueOrigin, ValueResult } from './events.ts';
import type { Signature } from '../record/envelope.ts';
import type { PersonalField } from '../personal-data/fields.ts';
import type { ControlRecipe } from '../master-batch-record/model.ts';

/** The state of a batch: a fold of its events. `version` is the number of events seen. */
export type Batch = Readonly<{
  batchId: string;
  nodeId: string;
  productId: string;
  chainOfIdentityId: string;
  recipe: ControlRecipe;
  version: number;
  /** SHA-256 of the last event. */
  hash: string;
  state: BatchState;
  createdAt: string;
  startedAt?: string;
  completedAt?: string;
  /** By phase id; a phase not started is absent. */
  phases: Readonly<Record<string, PhaseExecution>>;
  /** Each use of a piece of equipment in the order begun, for the time the batch has it; the same piece may be used again. */
  equipment: readonly EquipmentUse[];
  custody: Readonly<Record<string, CustodyTransfer>>;
  /** Who took the patient material over last; absent before the first hand-over. */
  custodianId?: string;
  deviations: Readonly<Record<string, Deviation>>;
  gaps: Readonly<Record<string, TelemetryGap>>;
  alarms: Readonly<Record<string, TelemetryAlarm>>;
  /** Telemetry chunks the record names, and up to when it names all; the names are in the events, for they are many. */
  sealed?: SealedTelemetry;
  /** All results by test id, in the order recorded; which of them counts says `results.ts`. */
  results: Readonly<Record<string, readonly TestResult[]>>;
  predictions: readonly Prediction[];
  /** Of the features of its first days, once they are on record. */
  featuresHash?: string;
  /** Of its whole culture as process monitoring sees it, once that is on record. */
  trajectoryHash?: string;
  /** Artefacts of the monitoring models whose answer on the whole culture is on record. */
  monitoringConcludedBy?: readonly string[];
  /** Recommendations of models that a person has to decide on and has not, in the order made. */
  undecidedRecommendations: readonly string[];
  review?: Review;
  disposition?: DispositionTaken;
  /** The last certification of results that came after a staged release. */
  stagedResults?: Readonly<{ signature: Signature; /** Of its event. */ atVersion: number }>;
  /** Absent while nothing was recorded of the patient. */
  personalData?: PersonalDataHeld;
  certificates: readonly Certificate[];
  refusalCount: number;
}>;

/** Commitments in the order they were recorded, corrected ones among them; `version` of the last event that added some, 0 when there is none. */
export type PersonalDataHeld = Readonly<{ version: number; commitments: readonly Readonly<{ field: PersonalField; commitment: string; version: number }>[]; erasedAt?: string }>;

export type PhaseExecution = Readonly<{
  phaseId: string;
  startedAt: string;
  completedAt?: string;
  equipmentIds: readonly string[];
  materials: readonly MaterialUse[];
  values: Readonly<Record<string, ValueHeld>>;
  signatures: readonly Signature[];
}>;
/** A scan with its quantity after all corrections; 0 when it was not used. */
export type MaterialUse = Readonly<{ materialId: string; lotId: string; quantity: number; unit: string; addedAt: string; /** Of its event. */ version: number; /** Of the lot's record, where that counts it. */ lotVersion?: number }>;
export type ValueHeld = Readonly<{ value: ValueResult; unit: string; origin: ValueOrigin; recordedAt: string; firstRecordedAt: string; /** Of its sample, as a person or device says it. */ drawnAt?: string; correctionCount: number }>;
export type EquipmentUse = Readonly<{
  equipmentId: string; equipmentClassId: string; from: string; to?: string; device?: Readonly<{ edgeNodeId: string; deviceId: string }>;
}>;
export type CustodyTransfer = Readonly<{ transferId: string; phaseId: string; fromPersonId: string; toPersonId: string; offeredAt: string; acceptedAt?: string; withdrawnAt?: string }>;
export type Deviation = Readonly<{
  deviationId: string; severity: DeviationSeverity; title: string; state: 'open' | 'assessed' | 'closed'; phaseId?: string; rule?: string; conclusion?: string;
  /** The result it is about. */
  testId?: string; resultVersion?: number;
  /** Of its event. */
  raisedAtVersion: number; assessedBy?: string;
}>;
export type TelemetryGap = Readonly<{ gapId: string; deviceId: string; from: string; to: string; lostMessages: number; critical: boolean; assessed: boolean }>;
export type TelemetryAlarm = Readonly<{ alarmId: string; metric: string; at: string }>;
export type SealedTelemetry = Readonly<{ chunkCount: number; through?: string }>;
export type TestResult = Readonly<{ testId: string; value: number | string; unit: string; method: string; recordedAt: string; /** Of its event. */ version: number; deviationId?: string; isInvalid: boolean }>;
export type Prediction = Readonly<{ predictionId: string; probability: number; modelName: string; modelHash: string; caution: string }>;
export type Review = Readonly<{ reviewedVersion: number; atVersion: number; openPoints: readonly OpenPoint[]; ruleSetVersion: string }>;
export type DispositionTaken = Readonly<{ disposition: Disposition; staged: boolean; reason: string; signature: Signature; atVersion: number }>;
export type Certificate = Readonly<{ certificateId: string; objectKey: string; jsonSha256: string; pdfSha256: string }>;
