import type { LogStore } from '../../shared/audit-log/log-store.ts';
import type { LogIdentity } from '../../shared/audit-log/publish.ts';
import type { StreamId } from '../../shared/record/envelope.ts';
import type { StoredLeaf } from '../_platform/dynamodb-leaves.ts';
import type { Clock, OperationsStore } from '../_platform/ports.ts';

export type SequencerPorts = Readonly<{
  store: LogStore;
  operations: Pick<OperationsStore, 'list' | 'delete'>;
  /** Events of one stream, both versions included, in order. */
  leaves(stream: StreamId, fromVersion: number, toVersion: number): Promise<readonly StoredLeaf[]>;
  identity(): Promise<LogIdentity>;
  /** Count into the node's metrics. */
  count(name: 'LogEntries' | 'CheckpointsWaiting' | 'WitnessesMissing' | 'LogBehind', value: number): void;
  now: Clock;
}>;
