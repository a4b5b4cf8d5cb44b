import type { BatchState, OpenPoint } from '../batch/events.ts';
import type { BatchIdentity } from '../batch/identity.ts';

/**
 * A batch record as a person reads it: the master batch record's phases with what was done in each. Everything in it follows from the events; the
 * machine-readable record beside it is the events themselves. Times are RFC 3339 UTC.
 *
 * @see 21 CFR 211.188 (content of a batch record), 11.10(b) (human-readable copies), 11.50 (name, time and meaning of signatures)
 */
export type BatchRecordDocument = BatchIdentity & Readonly<{
  formatVersion: 1;
  state: BatchState;
  createdAt: string;
  startedAt?: string;
  completedAt?: string;
  /** The version of the record this speaks of, and the hash of its last event. */
  record: Readonly<{ version: number; hash: string; recordedAt: string }>;
  /** In the order of the master batch record; those not begun are there too, without times. */
  phases: readonly PhaseSection[];
  /** Holds, resumptions, stop, abort: what happened to the batch as a whole. */
  history: readonly HistoryLine[];
  /** Facts about the patient that the record has commitments to; never a value. */
  personalData: readonly PersonalDataLine[];
  deviations: readonly DeviationSection[];
  tests: readonly TestLine[];
  telemetry: readonly HistoryLine[];
  /** Attempts the rules refused. */
  refusals: readonly HistoryLine[];
  reviews: readonly Readonly<{ at: string; by: string; reviewedVersion: number; ruleSetVersion: string; openPoints: readonly OpenPoint[] }>[];
  decisions: readonly Readonly<{ what: string; reason: string; signature: SignatureLine }>[];
  certificateIds: readonly string[];
  /** Every change of a recorded value or of the quantity of a scan, over all phases, in order. */
  changes: readonly (ChangeLine & Readonly<{ phaseId: string; title: string; unit: string }>)[];
  signatures: readonly SignatureLine[];
}>;

/** Who did it, when by the server, and when by the device where it said so. */
export type Stamp = Readonly<{ by: string; at: string; deviceTime?: string; version: number }>;

export type PhaseSection = Readonly<{
  phaseId: string;
  title: string;
  /** Unit procedure and operation above it. */
  path: readonly string[];
  instruction: string;
  started?: Stamp;
  completed?: Stamp;
  values: readonly ValueLine[];
  materials: readonly MaterialLine[];
  equipment: readonly EquipmentLine[];
  custody: readonly CustodyLine[];
  signatures: readonly SignatureLine[];
}>;

export type ValueLine = Readonly<{
  valueId: string; title: string; unit: string; limits: string;
  /** As it stands after all changes; absent when it was not recorded. */
  value?: string;
  isWithinLimits?: boolean;
  source?: string;
  /** When its sample was drawn, after all changes, as a person or device says it. */
  drawnAt?: string;
  recorded?: Stamp;
  changes: readonly ChangeLine[];
}>;
/** 21 CFR 11.10(e): a change does not obscure what was recorded before. */
export type ChangeLine = Readonly<{ oldValue: string; newValue: string; /** Where the moment of the sample was changed too. */ newDrawnAt?: string; oldDrawnAt?: string; reason: string; stamp: Stamp; signature: SignatureLine }>;
/** `quantity` as it stands after all changes, with its unit. */
export type MaterialLine = Readonly<{ materialId: string; title: string; lotId: string; quantity: string; unit: string; expiresAt: string; stamp: Stamp; changes: readonly ChangeLine[] }>;
export type EquipmentLine = Readonly<{ equipmentId: string; title: string; calibrationDueAt?: string; stamp: Stamp; /** When the batch let it go; absent while it has it. */ until?: string; /** Why it was taken out before its time. */ withdrawn?: string }>;
export type CustodyLine = Readonly<{ transferId: string; location: string; temperatureCelsius?: number; toPersonId: string; offered: SignatureLine; condition?: string; accepted?: SignatureLine }>;
export type DeviationSection = Readonly<{
  deviationId: string; severity: string; title: string; detail: string; phaseId?: string; rule?: string; raised: Stamp;
  assessment?: Readonly<{ impact: string; rootCause: string; signature: SignatureLine }>;
  closure?: Readonly<{ conclusion: string; signature: SignatureLine }>;
}>;
export type PersonalDataLine = Readonly<{ field: string; commitment: string; state: 'recorded' | 'corrected since' | 'erased'; stamp: Stamp }>;
export type TestLine = Readonly<{ testId: string; title: string; specification: string; result: string; method: string; sampleId: string; signature: SignatureLine }>;
export type HistoryLine = Readonly<{ what: string; why?: string; stamp: Stamp }>;
/** 21 CFR 11.50(a): printed name, date and time, meaning; and of what. */
export type SignatureLine = Readonly<{ printedName: string; signedAt: string; meaning: string; subject: string; signedVersion: number }>;
