import type { Gateways } from '../../shared/prediction-governance/own-equipment.ts';
import type { Equipment } from '../../shared/registers/equipment.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { silentDevices } from '../../shared/telemetry/silent-devices.ts';
import type { Clock, OperationsStore } from './ports.ts';
import { walk } from './walk.ts';

/** What is known to be behind edge nodes. */
export type GatewayReader = (edgeNodeIds: readonly string[]) => Promise<Gateways>;

type Born = Readonly<{ deviceId?: string; timestampEpochMs: number }>;

/** Devices that were born there, but those that certainly said nothing for as long as a culture may last. */
const bornBehind = async (operations: Pick<OperationsStore, 'list'>, edgeNodeId: string, nowEpochMs: number): Promise<readonly string[]> => {
  const births: Born[] = [];
  for await (const { deviceId, timestampEpochMs } of walk<Born>(operations, keyOf.births(edgeNodeId).pk)) births.push({ timestampEpochMs, ...(deviceId !== undefined && { deviceId }) });
  const silent = silentDevices(births, nowEpochMs);
  return births.flatMap(({ deviceId }) => (deviceId === undefined || silent.has(deviceId) ? [] : [deviceId]));
};

/**
 * Devices behind edge nodes, from the three places that name them: the births they sent, the register of equipment, and what a batch has now. A device that is only quiet counts: that it is silent does not say that
 * nobody's cells are in it. One that was not born in any session of its edge node for 60 days counts no more, unless it is registered or a batch has it.
 */
export const createGatewayReader = (operations: Pick<OperationsStore, 'list'>, now: Clock): GatewayReader => async (edgeNodeIds) => {
  const behind = new Map([...new Set(edgeNodeIds)].map((edgeNodeId) => [edgeNodeId, new Set<string>()]));
  for (const [edgeNodeId, devices] of behind) {
    for (const deviceId of await bornBehind(operations, edgeNodeId, now().getTime())) devices.add(deviceId);
    for await (const { sk } of walk<Readonly<{ sk: string }>>(operations, keyOf.device(edgeNodeId, '-').pk)) devices.add(sk);
  }
  if (behind.size > 0) for await (const { device } of walk<Equipment>(operations, keyOf.summary('equipment', '-').pk)) if (device !== undefined) behind.get(device.edgeNodeId)?.add(device.deviceId);
  return new Map([...behind].map(([edgeNodeId, devices]) => [edgeNodeId, [...devices].sort()]));
};
