import type { Batch } from '../batch/state.ts';
import { DomainError } from '../errors.ts';
import type { Action } from './ledger-events.ts';

/** Devices known behind each edge node that was asked about: born there, registered there, or in use there. */
export type Gateways = ReadonlyMap<string, readonly string[]>;

const devicesOf = ({ equipment }: Batch) => equipment.flatMap(({ device, to }) => (device === undefined || to !== undefined ? [] : [device]));

/**
 * Equipment is written to only while this batch has it: another patient's culture may be in it next.
 *
 * @throws DomainError `action-equipment-wrong`
 */
export const requireOwnEquipment = (batch: Batch, asked: readonly Action[]): void => {
  const devices = devicesOf(batch);
  for (const { edgeNodeId, deviceId } of asked) {
    if (devices.some((own) => own.edgeNodeId === edgeNodeId && (deviceId === undefined || own.deviceId === deviceId))) continue;
    throw new DomainError('action-equipment-wrong', `got equipment ${edgeNodeId}/${deviceId ?? '-'}, want one in use by batch ${batch.batchId}: ${devices.map((own) => `${own.edgeNodeId}/${own.deviceId}`).join(', ') || 'none'}`, { edgeNodeId });
  }
};

/**
 * A command to an edge node itself may reach whatever is behind it. It is sent only where every device known there is in use by this batch: one that stands idle or is switched
 * off may have another patient's culture in it when the setting takes effect. Not knowing what is behind it counts as not its own.
 *
 * @throws DomainError `action-equipment-wrong` when nobody looked behind the edge node, `gateway-shared`
 */
export const requireOwnGateway = (batch: Batch, gateways: Gateways, asked: readonly Action[]): void => {
  const own = devicesOf(batch);
  for (const { edgeNodeId, deviceId } of asked) {
    if (deviceId !== undefined) continue;
    const behind = gateways.get(edgeNodeId);
    if (behind === undefined) throw new DomainError('action-equipment-wrong', `got edge node ${edgeNodeId} with unknown devices behind it, want them known`, { edgeNodeId });
    const others = behind.filter((device) => !own.some((each) => each.edgeNodeId === edgeNodeId && each.deviceId === device));
    if (others.length === 0) continue;
    throw new DomainError('gateway-shared', `got a command to edge node ${edgeNodeId} with ${others.length} device(s) behind it that batch ${batch.batchId} does not use: ${others.slice(0, 5).join(', ')}; want all of them its own, or a command to one device`, { edgeNodeId });
  }
};
