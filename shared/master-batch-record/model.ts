import type { Role, SignatureMeaning } from '../record/envelope.ts';

/**
 * A master batch record: the approved instructions for one product, ISA-88 procedure › unit procedure › operation › phase.
 * The schema that checks foreign input lives in `schema.ts`; these are its shapes.
 */
export type MasterBatchRecordContent = Readonly<{
  productId: string;
  title: string;
  /** Published description of the process, for the reader. */
  source: string;
  materials: readonly MaterialSpecification[];
  equipmentClasses: readonly EquipmentClass[];
  /** Telemetry that belongs in the record; a gap in a `critical` one blocks release. */
  parameters: readonly ParameterSpecification[];
  procedure: readonly UnitProcedure[];
  releaseSpecification: readonly TestSpecification[];
}>;

export type MaterialSpecification = Readonly<{
  id: string;
  title: string;
  /** `patient` material is made from one patient's cells: its label must carry the batch's chain-of-identity identifier. */
  kind: 'patient' | 'reagent' | 'consumable' | 'vector';
  unit: string;
}>;
export type EquipmentClass = Readonly<{
  id: string;
  title: string;
  calibrated: boolean;
  /**
   * How long a batch occupies a piece of it. `phase`: until the phase is complete, after which another patient's batch may use it (a scale, a sealer). `until-last-phase`, and when absent: until no phase
   * to come wants the class, because the culture stays in it.
   *
   * @see ISA-88.01, 6.2 (allocation and arbitration of exclusive-use resources)
   */
  occupied?: 'phase' | 'until-last-phase';
  /** `false`: no telemetry is wanted of it, and people read its critical parameters. Otherwise equipment without a telemetry device that measures a critical one is a deviation. */
  monitored?: boolean;
}>;

/** Alarm and limit values are in `unit`; absent means no limit on that side. */
export type Limits = Readonly<{ low?: number; high?: number }>;
export type ParameterSpecification = Readonly<{
  /** Sparkplug metric name. */
  metric: string;
  title: string;
  unit: string;
  /** Equipment class whose device publishes it. */
  equipmentClassId: string;
  critical: boolean;
  alarm: Limits;
  /** Longest time without a good sample of a critical one that is no gap, minutes; 15 when absent. */
  longestSilenceMinutes?: number;
}>;

export type UnitProcedure = Readonly<{
  id: string;
  title: string;
  /** Unit procedures that must be complete first; those that share predecessors run in parallel. */
  after: readonly string[];
  operations: readonly Operation[];
}>;
export type Operation = Readonly<{ id: string; title: string; phases: readonly Phase[] }>;
export type Phase = Readonly<{
  /** Unique in the whole master batch record. */
  id: string;
  title: string;
  instruction: string;
  role: Role;
  /** Course ids; the person's training must be current at the moment of work. */
  training: readonly string[];
  equipmentClassIds: readonly string[];
  materials: readonly PhaseMaterial[];
  values: readonly ValueSpecification[];
  /** Signatures needed to complete it, in order; a second `verified` is given by another person. */
  signatures: readonly Extract<SignatureMeaning, 'performed' | 'verified'>[];
  /** A hand-over of the patient material must be accepted by the receiving person before this phase completes. */
  custodyTransfer: boolean;
}>;
export type PhaseMaterial = Readonly<{ materialId: string; quantity?: Limits }>;

export type ValueSpecification = Readonly<{
  id: string;
  title: string;
  unit: string;
  type: 'number' | 'text' | 'boolean';
  /** Outside, or another answer than `equals`: `refuse` does not store it as a result, `deviation` stores it and raises a deviation by rule. */
  limits?: Limits;
  /** The answer wanted of a text or a yes-or-no value. Where a yes-or-no value has none, yes is wanted; see `conformity.ts`. */
  equals?: string | boolean;
  outOfLimits: 'refuse' | 'deviation';
  source: Readonly<{ kind: 'entered' }> | Readonly<{ kind: 'telemetry'; metric: string; statistic: 'last' | 'mean' | 'minimum' | 'maximum' }>;
}>;

/** `low`/`high` inclusive; `equals` for qualitative results such as `no growth`. */
export type TestSpecification = Readonly<{
  id: string;
  title: string;
  unit: string;
  type: 'number' | 'text';
  limits?: Limits;
  equals?: string;
  /** `staged`: may arrive after a first, conditional release (sterility still running). */
  timing: 'before-release' | 'staged';
}>;

export const MASTER_BATCH_RECORD_STATES = ['draft', 'in-review', 'approved', 'effective', 'superseded'] as const;
export type MasterBatchRecordState = (typeof MASTER_BATCH_RECORD_STATES)[number];

/** Frozen copy inside a batch: the control recipe. `contentHash` is the SHA-256 of the canonical JSON of `content`. */
export type ControlRecipe = Readonly<{
  masterBatchRecordId: string;
  masterBatchRecordVersion: number;
  contentHash: string;
  content: MasterBatchRecordContent;
}>;
