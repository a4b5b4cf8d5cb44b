import type { Training, TrainingEvent } from '../../../models/federated/workflow/coordination.ts';
import type { ModelEvent } from '../../../shared/model-registry/events.ts';
import type { Model } from '../../../shared/model-registry/model.ts';
import type { Clock, ObjectStore, OperationsStore } from '../../_platform/ports.ts';
import type { StreamRecords } from '../../_platform/stream-records.ts';

export type WatchDriftPorts = Readonly<{
  models: StreamRecords<Model, ModelEvent>;
  trainings: StreamRecords<Training, TrainingEvent>;
  operations: Pick<OperationsStore, 'list'>;
  /** The control site's bucket of models, with the sums. */
  bucket: Pick<ObjectStore, 'get' | 'put'>;
  /** Hospitals of the directory, without the control site. */
  hospitals(): Promise<readonly string[]>;
  /** Start the workflow of a run under a name, once. */
  startWorkflow(runId: string, name: string): Promise<void>;
  /** Tell the hospitals what is active. */
  publish(): Promise<boolean>;
  count(name: 'ModelsDrifted', value: number): void;
  /** Days from one look at a model to the next. */
  everyDays: number;
  now: Clock;
}>;

export const ACTOR = { kind: 'system', id: 'federated-watch-drift', version: '1' } as const;
