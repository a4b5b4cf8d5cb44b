import type { Births } from '../_platform/births.ts';
import type { Clock, ObjectStore, OperationsStore } from '../_platform/ports.ts';

export type IngestPorts = Readonly<{
  nodeId: string;
  objects: Pick<ObjectStore, 'put'>;
  operations: Pick<OperationsStore, 'put'>;
  births: Births;
  /** Ask an edge node to be born again (NCMD, Node Control/Rebirth). */
  askRebirth(edgeNodeId: string): Promise<void>;
  /** Count into the node's metrics; alarms stand on them. */
  count(name: 'QuarantinedMessages' | 'IngestedMessages' | 'RebirthsAsked', value: number): void;
  now: Clock;
}>;
