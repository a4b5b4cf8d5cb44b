import type { ControlRecipe } from '../../shared/master-batch-record/model.ts';
import type { LabelCodec } from '../../shared/identity/label.ts';
import type { ValueOrigin } from '../../shared/batch/events.ts';
import type { EquipmentUse } from '../../shared/batch/state.ts';
import type { CommandPorts } from '../_platform/command.ts';
import type { ProductionRecords } from '../_platform/production-records.ts';
import type { IsPublished } from '../_platform/log-coverage.ts';
import type { Clock, OperationsStore, RecordStore } from '../_platform/ports.ts';
import type { RefusalLog } from '../_platform/refusals.ts';

/** A statistic over stored telemetry, with where it came from. */
export type TelemetryValue = Readonly<{ value: number; origin: Extract<ValueOrigin, { kind: 'telemetry' }> }>;
export type TelemetryQuestion = Readonly<{
  metric: string; statistic: 'last' | 'mean' | 'minimum' | 'maximum'; devices: readonly EquipmentUse[]; fromEpochMs: number; toEpochMs: number;
}>;

export type BatchApiPorts = CommandPorts & Readonly<{
  nodeId: string;
  records: ProductionRecords;
  operations: OperationsStore;
  plan: RecordStore['plan'];
  /** The effective master batch record of a product, or undefined when there is none. */
  effectiveRecipe(productId: string): Promise<ControlRecipe | undefined>;
  /** undefined when no sample lies in the window. */
  telemetryStatistic(question: TelemetryQuestion): Promise<TelemetryValue | undefined>;
  isPublished: IsPublished;
  labels: LabelCodec;
  randomBytes(count: number): Uint8Array;
  now: Clock;
  refusals?: RefusalLog;
}>;
