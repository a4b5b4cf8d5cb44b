import type { SequenceState } from './sequence.ts';

/** A gateway as its numbering stands. */
export type Heard = Readonly<{ edgeNodeId: string; state: SequenceState }>;
/** Which equipment of the register a device speaks for. */
export type Speaker = Readonly<{ equipmentId: string; edgeNodeId: string; deviceId: string }>;
export type GatewayDevice = Readonly<{ deviceId: string; equipmentId?: string; /** Since it died, or its gateway did, and was not heard again. */ offlineSinceEpochMs?: number }>;
/** What is known of a gateway: as far as minutes are sealed. */
export type GatewayState = Readonly<{
  edgeNodeId: string;
  /** Its last message, or the broker's word that it is gone; absent while it was never heard. */
  lastHeardEpochMs?: number;
  offlineSinceEpochMs?: number;
  /** Session of its last birth. */
  bdSeq?: number;
  devices: readonly GatewayDevice[];
}>;

const earliest = (...times: readonly (number | undefined)[]): number | undefined => {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
};

const offline = (sinceEpochMs: number | undefined) => (sinceEpochMs === undefined ? {} : { offlineSinceEpochMs: sinceEpochMs });

const byText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

const devicesOf = (state: SequenceState | undefined, speakers: readonly Speaker[]): readonly GatewayDevice[] => {
  const equipment = new Map(speakers.map(({ deviceId, equipmentId }) => [deviceId, equipmentId]));
  const dead = new Map(Object.entries(state?.deadDevices ?? {}));
  // A device is as dead as its gateway: nobody else speaks for it.
  return [...new Set([...equipment.keys(), ...dead.keys()])].toSorted(byText).map((deviceId) => {
    const equipmentId = equipment.get(deviceId);
    return { deviceId, ...(equipmentId === undefined ? {} : { equipmentId }), ...offline(earliest(dead.get(deviceId), state?.deadSinceEpochMs)) };
  });
};

/**
 * Every gateway that was heard or that equipment of the register names, by name. A device is listed that equipment names, or that died: of others the numbering keeps nothing.
 *
 * @see Sparkplug 3.0, tck-id-operational-behavior-edge-node-termination-host-action-ndeath-devices-offline (with a gateway its devices are offline)
 */
export const gatewayStates = (heard: readonly Heard[], speakers: readonly Speaker[]): readonly GatewayState[] => {
  const states = new Map(heard.map(({ edgeNodeId, state }) => [edgeNodeId, state]));
  const named = Map.groupBy(speakers, ({ edgeNodeId }) => edgeNodeId);
  return [...new Set([...states.keys(), ...named.keys()])].toSorted(byText).map((edgeNodeId) => {
    const state = states.get(edgeNodeId);
    return {
      edgeNodeId, ...(state === undefined ? {} : { lastHeardEpochMs: state.timeEpochMs }), ...offline(state?.deadSinceEpochMs), ...(state?.bdSeq === undefined ? {} : { bdSeq: state.bdSeq }),
      devices: devicesOf(state, named.get(edgeNodeId) ?? []),
    };
  });
};
