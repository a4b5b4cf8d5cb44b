import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatewayStates, type Heard } from '../../../shared/telemetry/gateways.ts';
import { MINUTE } from '../../support/telemetry/sparkplug-writer.ts';

const heard = (edgeNodeId: string, state: Partial<Heard['state']> = {}): Heard => ({ edgeNodeId, state: { timeEpochMs: MINUTE, deadDevices: {}, ...state } });
const speaks = (equipmentId: string, edgeNodeId: string, deviceId: string) => ({ equipmentId, edgeNodeId, deviceId });

describe('the gateways of a hospital', () => {
  it('are those that were heard and those that equipment names, each once and by name', () => {
    expect(gatewayStates([heard('g-2'), heard('g-1', { bdSeq: 7 })], [speaks('BIO-1', 'g-1', 'b-1'), speaks('BIO-3', 'g-3', 'b-3')])).toEqual([
      { edgeNodeId: 'g-1', lastHeardEpochMs: MINUTE, bdSeq: 7, devices: [{ deviceId: 'b-1', equipmentId: 'BIO-1' }] },
      { edgeNodeId: 'g-2', lastHeardEpochMs: MINUTE, devices: [] },
      { edgeNodeId: 'g-3', devices: [{ deviceId: 'b-3', equipmentId: 'BIO-3' }] },
    ]);
  });
  it('have devices that died, also such as no equipment names', () => {
    expect(gatewayStates([heard('g-1', { deadDevices: { 'b-2': MINUTE - 5, 'b-0': MINUTE - 9 } })], [speaks('BIO-1', 'g-1', 'b-1'), speaks('BIO-2', 'g-1', 'b-2')])[0]?.devices).toEqual([
      { deviceId: 'b-0', offlineSinceEpochMs: MINUTE - 9 }, { deviceId: 'b-1', equipmentId: 'BIO-1' }, { deviceId: 'b-2', equipmentId: 'BIO-2', offlineSinceEpochMs: MINUTE - 5 },
    ]);
  });
  it('take their devices with them when they die; one that died before is offline since then', () => {
    const [gateway] = gatewayStates([heard('g-1', { deadSinceEpochMs: MINUTE, deadDevices: { 'b-2': MINUTE - 5 } })], [speaks('BIO-1', 'g-1', 'b-1'), speaks('BIO-2', 'g-1', 'b-2')]);
    expect([gateway?.offlineSinceEpochMs, gateway?.devices.map(({ offlineSinceEpochMs }) => offlineSinceEpochMs)]).toEqual([MINUTE, [MINUTE, MINUTE - 5]]);
  });
  it('are the same in whatever order they were read', () => {
    const name = fc.constantFrom('a', 'b', 'B', 'a-1', '__proto__');
    const states = fc.uniqueArray(name.map((edgeNodeId) => heard(edgeNodeId)), { selector: ({ edgeNodeId }) => edgeNodeId });
    const speakers = fc.uniqueArray(fc.tuple(name, name).map(([edgeNodeId, deviceId]) => speaks(`EQ-${edgeNodeId}-${deviceId}`, edgeNodeId, deviceId)), { selector: ({ equipmentId }) => equipmentId });
    fc.assert(fc.property(states, speakers, (some, named) => {
      const all = gatewayStates(some, named);
      expect(gatewayStates(some.toReversed(), named.toReversed())).toEqual(all);
      expect(all.flatMap(({ edgeNodeId, devices }) => devices.map(({ deviceId }) => `${edgeNodeId}/${deviceId}`)).toSorted()).toEqual(named.map(({ edgeNodeId, deviceId }) => `${edgeNodeId}/${deviceId}`).toSorted());
    }));
  });
});
