import type { LogStore } from '../../../shared/audit-log/log-store.ts';
import type { Birth } from '../../../shared/telemetry/birth.ts';
import type { LeafReader } from '../dynamodb-leaves.ts';
import type { LogPlaces } from '../log-places.ts';
import type { Clock, ObjectStore, OperationsStore } from '../ports.ts';
import type { RecordItem } from '../record-items.ts';
import type { Views } from './views.ts';

/** Objects of a log: `checkpoint` and `tile/…`, in a bucket or a folder. */
export type LogObjects = Pick<ObjectStore, 'get' | 'list'>;

/** The record table as its items. */
export type RecordTable = Readonly<{
  /** Every item, in no order. */
  scan(): AsyncIterable<RecordItem>;
  get(key: Readonly<{ pk: string; sk: string }>): Promise<RecordItem | undefined>;
  /** @returns false when the key is there already */
  put(item: RecordItem): Promise<boolean>;
}>;

export type Step = 'verify' | 'look' | 'events' | 'views' | 'births' | 'index';

export type RestorePorts = Readonly<{
  objects: LogObjects;
  /** The log bucket of the site itself, where it goes on. */
  own: LogObjects;
  table: RecordTable;
  /** Events as their bytes stand in the record table. */
  leaves: LeafReader;
  operations: Pick<OperationsStore, 'get' | 'put' | 'list'>;
  log: Pick<LogStore, 'readHead' | 'moveHead' | 'indexLeaves' | 'putTile' | 'getObject'>;
  places: Pick<LogPlaces, 'note'>;
  /** What the operations table holds because of one stream. */
  views: Views;
  /** Birth certificates kept beside the telemetry. */
  births(): AsyncIterable<Birth>;
  now: Clock;
  progress(step: Step, done: number, of: number): void;
}>;
