import type { LogStore } from '../../shared/audit-log/log-store.ts';
import type { LogIdentity } from '../../shared/audit-log/publish.ts';
import type { LeafReader } from '../_platform/dynamodb-leaves.ts';
import type { LogPlaces } from '../_platform/log-places.ts';
import type { Clock, ManyItems, OperationsStore } from '../_platform/ports.ts';

export type SequencerPorts = Readonly<{
  store: LogStore;
  operations: Pick<OperationsStore, 'list'> & Pick<ManyItems, 'deleteMany'>;
  leaves: LeafReader;
  places: LogPlaces;
  identity(): Promise<LogIdentity>;
  /** Count into the node's metrics. */
  count(name: 'LogEntries' | 'CheckpointsWaiting' | 'WitnessesMissing' | 'LogBehind' | 'AppendsHeld', value: number): void;
  now: Clock;
}>;
