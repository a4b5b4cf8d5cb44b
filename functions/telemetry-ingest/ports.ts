import type { Births } from '../_platform/births.ts';
import type { NodeRecords } from '../_platform/node-records.ts';
import type { Clock, ObjectStore, OperationsStore } from '../_platform/ports.ts';

export type IngestPorts = Readonly<{
  nodeId: string;
  /** By which the clock of a gateway may differ from the broker's. */
  clockToleranceMs: number;
  objects: Pick<ObjectStore, 'put'>;
  operations: Pick<OperationsStore, 'get' | 'put' | 'list'>;
  batches: NodeRecords['batches'];
  births: Births;
  /** Ask an edge node to be born again (NCMD, Node Control/Rebirth). */
  askRebirth(edgeNodeId: string): Promise<void>;
  /** Count into the node's metrics; alarms stand on them. */
  count(name: 'QuarantinedMessages' | 'IngestedMessages' | 'RebirthsAsked' | 'AlarmsLeftToSealing', value: number): void;
  now: Clock;
}>;
