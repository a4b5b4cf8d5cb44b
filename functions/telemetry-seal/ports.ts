import type { BirthReader } from '../_platform/births.ts';
import type { NodeRecords } from '../_platform/node-records.ts';
import type { Clock, ManyItems, ObjectStore, OperationsStore } from '../_platform/ports.ts';

export type SealPorts = Readonly<{
  nodeId: string;
  objects: ObjectStore;
  operations: Pick<OperationsStore, 'get' | 'put' | 'list'> & Pick<ManyItems, 'putMany'>;
  births: BirthReader;
  batches: NodeRecords['batches'];
  now: Clock;
}>;

export type NamingPorts = Readonly<{
  objects: Pick<ObjectStore, 'get' | 'list'>;
  operations: Pick<OperationsStore, 'get' | 'put' | 'list' | 'delete'>;
  births: BirthReader;
  batches: NodeRecords['batches'];
  now: Clock;
}>;

/** Late messages are waited for this long before a minute is sealed; later ones seal it again. */
export const GRACE_MS = 120_000;
