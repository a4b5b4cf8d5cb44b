import type { ErrorCode } from '../errors.ts';
import type { Verdict } from '../model-registry/model-plan.ts';
import type { PersonalField } from '../personal-data/fields.ts';
import type { Signature } from '../record/envelope.ts';
import type { ControlRecipe } from '../master-batch-record/model.ts';
import type { GapCause } from '../telemetry/sequence.ts';
import type { LedgerEvent } from '../prediction-governance/ledger-events.ts';

/** ISA-88 / BatchML states of a batch. */
export const BATCH_STATES = ['idle', 'running', 'held', 'stopped', 'aborted', 'complete'] as const;
export type BatchState = (typeof BATCH_STATES)[number];
export const DISPOSITIONS = ['release', 'reject'] as const;
export type Disposition = (typeof DISPOSITIONS)[number];
export const DEVIATION_SEVERITIES = ['minor', 'major', 'critical'] as const;
/** What an investigation found of a test result. */
export const INVESTIGATED_RESULTS = ['stands', 'invalid'] as const;
export type InvestigatedResult = (typeof INVESTIGATED_RESULTS)[number];
export type DeviationSeverity = (typeof DEVIATION_SEVERITIES)[number];

export type ValueResult = number | string | boolean;

/** Where a value came from: typed in, or read from stored telemetry (the statistic's window and the hash of its samples). */
export type ValueOrigin =
  | Readonly<{ kind: 'entered' }>
  | Readonly<{ kind: 'telemetry'; metric: string; statistic: string; from: string; to: string; sampleCount: number; samplesHash: string }>;

/** By field, the salted commitment to its value (64 hex); see `shared/personal-data/commitment.ts`. */
export type Commitments = Readonly<Partial<Record<PersonalField, string>>>;

/** Why, and both signatures; each is of the chain-of-identity record at the version it names, where the signed event stands. `reason` holds no personal data. */
export type ErasureOrder = Readonly<{ chainOfIdentityId: string; reason: string; request: Signature; confirmation: Signature }>;

/** What somebody tried to use, as the request named it; `refusedLabelLotId` is the lot on the scanned label, where that is another. */
export type RefusedThings = Readonly<{ refusedLotId?: string; refusedLabelLotId?: string; refusedEquipmentId?: string }>;

type Is<Type extends string, Body = object> = Readonly<{ type: Type } & Body>;

/** Every fact a batch record can hold. A new kind is one line here, one case in `fold.ts`, one in `describe.ts`. */
export type BatchEvent =
  | Is<'batch-created', { batchId: string; nodeId: string; productId: string; chainOfIdentityId: string; recipe: ControlRecipe }>
  | Is<'batch-started'>
  | Is<'batch-held', { reason: string }>
  | Is<'batch-resumed', { reason: string }>
  | Is<'batch-stopped', { reason: string; signature: Signature }>
  | Is<'batch-aborted', { reason: string; signature: Signature }>
  | Is<'batch-completed'>
  // work
  | Is<'phase-started', { phaseId: string }>
  | Is<'equipment-assigned', { phaseId: string; equipmentId: string; equipmentClassId: string; calibrationDueAt?: string; device?: Readonly<{ edgeNodeId: string; deviceId: string }> }>
  | Is<'equipment-released', { equipmentId: string }>
  /** Taken out before its time, because it broke; its release follows. `replacementId` is assigned in its place in the phases under way. */
  | Is<'equipment-withdrawn', { equipmentId: string; replacementId?: string; reason: string }>
  | Is<'material-added', { phaseId: string; materialId: string; lotId: string; quantity: number; unit: string; label: string; expiresAt: string; /** Version of the lot's record that counts it; absent where none does. */ lotVersion?: number }>
  /** `scanVersion` is that of the `material-added` it corrects; a `newQuantity` of 0 says that it was not used. */
  | Is<'material-corrected', { phaseId: string; materialId: string; lotId: string; scanVersion: number; oldQuantity: number; newQuantity: number; unit: string; reason: string; signature: Signature }>
  | Is<'value-recorded', { phaseId: string; valueId: string; value: ValueResult; unit: string; origin: ValueOrigin; /** When its sample was drawn, as a person or device says it; UTC. */ drawnAt?: string }>
  | Is<'value-corrected', { phaseId: string; valueId: string; oldValue: ValueResult; newValue: ValueResult; unit: string; /** Only where the moment of the sample is corrected too. */ oldDrawnAt?: string; newDrawnAt?: string; reason: string; signature: Signature }>
  | Is<'phase-signed', { phaseId: string; signature: Signature }>
  /** Work went on after a signature: what was signed is not what is there, and everybody signs again. */
  | Is<'phase-signatures-voided', { phaseId: string }>
  | Is<'phase-completed', { phaseId: string }>
  /** An attempt the rules refused: on record, changes nothing else. `attempted` names the command; `facts` hold identifiers only. */
  | Is<'action-refused', Readonly<{ attempted: string; code: ErrorCode; detail: string; phaseId?: string }> & RefusedThings>
  // custody
  | Is<'custody-offered', { transferId: string; phaseId: string; toPersonId: string; location: string; temperatureCelsius?: number; /** Who held the material, where another person offers it for them, and why. */ onBehalfOf?: string; reason?: string; signature: Signature }>
  | Is<'custody-accepted', { transferId: string; condition: string; /** Text of the scanned label. */ label?: string; signature: Signature }>
  | Is<'custody-withdrawn', { transferId: string; reason: string; signature: Signature }>
  // deviations
  | Is<'deviation-raised', { deviationId: string; severity: DeviationSeverity; title: string; detail: string; phaseId?: string; rule?: string; /** The test whose result it is about. */ testId?: string; /** Found of a batch that was released already. */ afterRelease?: true }>
  | Is<'deviation-assessed', { deviationId: string; impact: string; rootCause: string; signature: Signature }>
  /** `testResult`, of a deviation about a result: whether that result stands, or was found invalid with a cause in the laboratory. */
  | Is<'deviation-closed', { deviationId: string; conclusion: string; testResult?: InvestigatedResult; signature: Signature }>
  // personal data: commitments only, never a value or a salt
  | Is<'personal-data-recorded', { commitments: Commitments }>
  | Is<'personal-data-corrected', { commitments: Commitments; reason: string; signature: Signature }>
  | Is<'personal-data-erased', ErasureOrder & { erased: readonly Readonly<{ field: PersonalField; commitment: string }>[] }>
  // telemetry
  | Is<'telemetry-gap-recorded', { gapId: string; edgeNodeId: string; deviceId: string; from: string; to: string; lostMessages: number; cause: GapCause; /** Critical parameters without a good sample, where that is the cause. */ metrics?: readonly string[]; critical: boolean }>
  | Is<'telemetry-gap-assessed', { gapId: string; assessment: string; signature: Signature }>
  | Is<'telemetry-alarm-raised', { alarmId: string; metric: string; value: number; limit: number; side: 'low' | 'high'; at: string }>
  /** Chunks of telemetry as they were sealed. A chunk that changed afterwards is named again, and its earlier bytes are kept; `through` says that all telemetry up to then is named. */
  | Is<'telemetry-sealed', { devices: readonly SealedDevice[]; chunks: readonly SealedChunk[]; through?: string }>
  // quality control and release
  | Is<'test-result-recorded', { testId: string; value: number | string; unit: string; method: string; sampleId: string; /** Why the test was done again; absent at the first. */ reason?: string; signature: Signature }>
  | Is<'prediction-recorded', { predictionId: string; probability: number; threshold: number; modelHash: string; modelName: string; featuresHash: string; features: Readonly<Record<string, number>>; caution: string; /** By the model that comes with the software, which nobody put to use. */ isExample?: true }>
  /** Of the first days of culture, whatever a model says of them: what models are trained on once the batch is decided. */
  | Is<'features-recorded', { featuresHash: string; features: Readonly<Record<string, number>> }>
  /** Of the whole culture, each sensor over windows of so many hours, by its word; null where nobody measured. What process monitoring is trained on once the batch is decided. */
  | Is<'trajectory-recorded', { windowHours: number; sensors: Readonly<Record<string, readonly (number | null)[]>>; trajectoryHash: string }>
  /** What process monitoring says of the whole culture, by the rule of the model's plan: one answer a batch, alarm or none, for drift to be judged by. Nobody is asked to act on it. */
  | Is<'monitoring-concluded', { modelId: string; modelVersion: number; modelHash: string; /** Absent where too few hours could be judged; it is undecided then. */ score?: number; verdict: Verdict; inputBins: string; judgedHours: number }>
  | Is<'review-performed', { runId: string; ruleSetVersion: string; reviewedVersion: number; openPoints: readonly OpenPoint[] }>
  | Is<'disposition-recorded', { disposition: Disposition; reason: string; staged: boolean; signature: Signature }>
  /** The results of a staged release that came after it, all within specification; with the certificate of the release, and the SHA-256 of its JSON. */
  | Is<'staged-results-certified', { certificateId: string; certificateSha256: string; signature: Signature }>
  | Is<'certificate-issued', { certificateId: string; jsonSha256: string; pdfSha256: string; objectKey: string }>
  // predictions, what people made of them and what followed; folded in `prediction-governance/ledger.ts`
  | LedgerEvent;

/** A telemetry object: its key, and the SHA-256 (hex) of its bytes. */
export type SealedChunk = Readonly<{ key: string; sha256: string }>;
/** What an event's chunks are of: a device, or the gateway itself (its messages' numbering) where there is none. Minutes are their starts, UTC. */
export type SealedDevice = Readonly<{ edgeNodeId: string; deviceId?: string; firstMinute: string; lastMinute: string; chunkCount: number }>;

/** Something a person must settle before release. `subject` is the id of the phase, deviation, gap, or test. */
export type OpenPoint = Readonly<{ rule: string; subject: string; detail: string }>;
