import { describe, expect, it } from 'vitest';
import { equipmentCompanions } from '../../functions/_platform/equipment-companions.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { keyOf } from '../../shared/storage/keys.ts';

const device = { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1' };
const parameters = [{ metric: 'Temperature', title: 'Temperature', unit: 'Cel', equipmentClassId: 'bioreactor', critical: true, alarm: { low: 36, high: 38 } }];
const batchWith = (equipment: Batch['equipment']): Batch => ({ batchId: 'B-1', equipment, recipe: { content: { parameters } } }) as unknown as Batch;
const now = new Date('2026-03-05T10:00:00.000Z');

describe('equipment a batch lets go', () => {
  it('is free for another, and is remembered for telemetry that comes late', () => {
    const use = { equipmentId: 'EQ-1', equipmentClassId: 'bioreactor', from: '2026-03-02T14:00:00.000Z', device };
    expect(equipmentCompanions(batchWith([use]), [{ type: 'equipment-released', equipmentId: 'EQ-1' }], now)).toEqual([
      { type: 'delete', key: keyOf.device('gateway-1', 'bioreactor-1'), onlyIf: { batchId: 'B-1' } },
      {
        type: 'put', key: keyOf.deviceBefore('gateway-1', 'bioreactor-1', use.from), onlyIfAbsent: false,
        attributes: {
          batchId: 'B-1', equipmentId: 'EQ-1', deviceId: 'bioreactor-1', from: use.from, to: now.toISOString(), criticalMetrics: ['Temperature'], alarms: [{ metric: 'Temperature', low: 36, high: 38 }],
          expiresAtEpochSeconds: now.getTime() / 1000 + 30 * 86_400,
        },
      },
    ]);
  });

  it('without a telemetry device leaves nothing to remember', () => {
    const use = { equipmentId: 'EQ-2', equipmentClassId: 'centrifuge', from: '2026-03-02T14:00:00.000Z' };
    expect(equipmentCompanions(batchWith([use]), [{ type: 'equipment-released', equipmentId: 'EQ-2' }], now)).toHaveLength(1);
  });
});
