import type { Directory } from '../../models/federated/secure/keys.ts';
import type { ModelEvent } from '../../shared/model-registry/events.ts';
import type { Model } from '../../shared/model-registry/model.ts';
import type { TestData, TestDataEvent } from '../../shared/model-registry/test-data.ts';
import type { CommandPorts } from '../_platform/command.ts';
import type { ObjectStore, OperationsStore, RecordStore } from '../_platform/ports.ts';
import type { ReadLog } from '../_platform/read-log.ts';
import type { RefusalLog } from '../_platform/refusals.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';

/** Hospitals in the sums of a training, and when it was planned. */
export type FinishedRun = Readonly<{ siteIds: readonly string[]; startedAtEpochMs: number }>;

export type RegistryPorts = CommandPorts & Readonly<{
  refusals?: RefusalLog;
  models: StreamRecords<Model, ModelEvent>;
  testData: StreamRecords<TestData, TestDataEvent>;
  history: Pick<RecordStore, 'load'>;
  operations: Pick<OperationsStore, 'get' | 'list'>;
  readLog: ReadLog;
  /** The control site's bucket of models. */
  bucket: Pick<ObjectStore, 'get' | 'put'>;
  /** The hospitals' identities, from the directory this site holds. */
  identities(): Promise<Directory>;
  /** A finished training, by this site's record; undefined of any other. */
  runOf(runId: string): Promise<FinishedRun | undefined>;
  /** Tell the hospitals which test data are open. */
  publishTests(): Promise<boolean>;
  /** Tell the hospitals what is active. */
  publish(): Promise<boolean>;
}>;
