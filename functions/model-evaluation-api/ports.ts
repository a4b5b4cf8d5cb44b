import type { TrainingData, TrainingDataEvent } from '../../shared/training-data/dataset.ts';
import type { CommandPorts } from '../_platform/command.ts';
import type { StatementPorts } from '../_platform/hospital-statements.ts';
import type { OperationsStore, RecordStore } from '../_platform/ports.ts';
import type { RefusalLog } from '../_platform/refusals.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import type { TrainingRows } from '../_platform/training-rows.ts';
import type { Scorer } from './scorer.ts';

export type ModelEvaluationPorts = CommandPorts & StatementPorts & Readonly<{
  nodeId: string;
  datasets: StreamRecords<TrainingData, TrainingDataEvent>;
  operations: OperationsStore;
  record: Pick<RecordStore, 'load'>;
  rows: TrainingRows;
  /** Rows that are counted over, at least, by this hospital's rule. */
  leastCohort: number;
  /** A model by the hash of its file. @throws DomainError `model-not-found`, `model-tampered` */
  artefact(sha256: string): Promise<Scorer>;
  refusals?: RefusalLog;
}>;
