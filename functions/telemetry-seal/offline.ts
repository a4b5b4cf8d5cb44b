import { keyOf } from '../../shared/storage/keys.ts';
import { gapOf, type SequenceState } from '../../shared/telemetry/sequence.ts';
import { assignmentsOf, endOf, listAll, recordGaps } from './assignments.ts';
import type { SealPorts } from './ports.ts';

/** A gateway that died and has not come back leaves no later message to end its gap at: where a batch has let its device go meanwhile, the gap ends there. */
export const endOpenOffline = async (ports: SealPorts): Promise<void> => {
  const gateways = await listAll<Readonly<{ sk: string; state: SequenceState }>>(ports.operations, keyOf.lastSequence('-').pk);
  for (const { sk: edgeNodeId, state: { deadSinceEpochMs } } of gateways) {
    if (deadSinceEpochMs === undefined) continue;
    const ended = (await assignmentsOf(ports, edgeNodeId)).filter((each) => Number.isFinite(endOf(each)) && endOf(each) > deadSinceEpochMs);
    await recordGaps(ports, edgeNodeId, ended.map((each) => gapOf({ edgeNodeId, deviceId: each.deviceId, fromEpochMs: deadSinceEpochMs, toEpochMs: endOf(each), lostMessages: 0, cause: 'offline' })));
  }
};
