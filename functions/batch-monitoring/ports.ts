import type { GovernancePorts } from '../_platform/governed-batches.ts';
import type { NodeModels } from '../_platform/node-models.ts';
import type { OperationsStore } from '../_platform/ports.ts';
import type { TelemetryReader } from '../_platform/telemetry-reader.ts';

export type MonitoringPorts = GovernancePorts & Readonly<{
  models: Pick<NodeModels, 'records' | 'monitoring'>;
  operations: Pick<OperationsStore, 'get' | 'put' | 'list' | 'delete'>;
  reader: TelemetryReader;
  count(name: string, value: number): void;
}>;

/** A batch in culture, as the list of batches has it. */
export type Cultured = Readonly<{ batchId: string; productId: string; startEpochMs: number }>;
