import type { Gateways } from '../../shared/prediction-governance/own-equipment.ts';
import type { Equipment } from '../../shared/registers/equipment.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { OperationsStore } from './ports.ts';
import { walk } from './walk.ts';

/** What is known to be behind edge nodes. */
export type GatewayReader = (edgeNodeIds: readonly string[]) => Promise<Gateways>;

/**
 * Devices behind edge nodes, from the three places that name them: the births they sent, the register of equipment, and what a batch has now. A device that was seen once counts
 * for good: that it is silent does not say that nobody's cells are in it.
 */
export const createGatewayReader = (operations: Pick<OperationsStore, 'list'>): GatewayReader => async (edgeNodeIds) => {
  const behind = new Map([...new Set(edgeNodeIds)].map((edgeNodeId) => [edgeNodeId, new Set<string>()]));
  for (const [edgeNodeId, devices] of behind) {
    for await (const { deviceId } of walk<Readonly<{ deviceId?: string }>>(operations, keyOf.births(edgeNodeId).pk)) if (deviceId !== undefined) devices.add(deviceId);
    for await (const { sk } of walk<Readonly<{ sk: string }>>(operations, keyOf.device(edgeNodeId, '-').pk)) devices.add(sk);
  }
  if (behind.size > 0) for await (const { device } of walk<Equipment>(operations, keyOf.summary('equipment', '-').pk)) if (device !== undefined) behind.get(device.edgeNodeId)?.add(device.deviceId);
  return new Map([...behind].map(([edgeNodeId, devices]) => [edgeNodeId, [...devices].sort()]));
};
