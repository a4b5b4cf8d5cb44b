import type { ModelRecordEvent, NodeModel } from '../../shared/model-registry/node-record.ts';
import type { GovernanceTableEvent, TableRecord } from '../../shared/prediction-governance/table.ts';
import type { CommandPorts } from '../_platform/command.ts';
import type { GovernancePorts } from '../_platform/governed-batches.ts';
import type { OperationsStore } from '../_platform/ports.ts';
import type { RefusalLog } from '../_platform/refusals.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';

export type GovernanceApiPorts = CommandPorts & Omit<GovernancePorts, 'tables'> & Readonly<{
  tables: StreamRecords<TableRecord, GovernanceTableEvent>;
  /** What this hospital's record says of models, and of their use here. */
  modelUse: StreamRecords<NodeModel, ModelRecordEvent>;
  operations: OperationsStore;
  /** Have what was accepted sent now. The commander's next run does it anyway. */
  wakeCommander(batchId: string): Promise<void>;
  refusals?: RefusalLog;
}>;
