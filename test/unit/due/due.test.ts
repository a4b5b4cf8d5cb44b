import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DUE_HORIZON_DAYS, whatFallsDue } from '../../../shared/due/what-falls-due.ts';

const NOW = Date.parse('2026-03-02T00:00:00.000Z');
const HORIZON = NOW + DUE_HORIZON_DAYS * 86_400_000;
const iso = (epochMs: number): string => new Date(epochMs).toISOString();
const scale = (equipmentId: string, dueAt?: number) => ({ equipmentId, equipmentClassId: 'scale', title: `Scale ${equipmentId}`, ...(dueAt === undefined ? {} : { calibrationDueAt: iso(dueAt) }) });
const lot = (lotId: string, status: 'quarantine' | 'released' | 'rejected', expiresAt: number) => ({ lotId, materialId: 'medium', unit: 'mL', quantity: 1, drawn: 0, expiresAt: iso(expiresAt), status });
const NOTHING = { equipment: [], people: [], lots: [] };

describe('what falls due', () => {
  it('is announced to the horizon and not past it, and overdue from its very time', () => {
    const due = whatFallsDue({ ...NOTHING, equipment: [scale('past', HORIZON + 1), scale('last', HORIZON), scale('soon', NOW + 1), scale('now', NOW), scale('over', NOW - 1), scale('never')] }, NOW);
    expect(due.map(({ subject, overdue }) => [subject, overdue])).toEqual([['over', true], ['now', true], ['soon', false], ['last', false]]);
  });
  it('is no calibration of what is out of use', () => { expect(whatFallsDue({ ...NOTHING, equipment: [{ ...scale('broken', NOW), outOfUse: { since: iso(NOW - 5), reason: 'broken' } }] }, NOW)).toEqual([]); });
  it('is each course of each person, and each lot somebody might still use', () => {
    const person = { personId: 'op-1', printedName: 'Anna Operator', roles: ['operator'], standing: 'active', trainingValidUntil: { aseptic: iso(NOW), fire: iso(NOW + 2), other: iso(HORIZON + 1) } } as const;
    const people = [person, { ...person, personId: 'op-2', standing: 'revoked' } as const];
    const due = whatFallsDue({ ...NOTHING, people, lots: [lot('a', 'released', NOW + 1), lot('b', 'quarantine', NOW + 3), lot('c', 'rejected', NOW)] }, NOW);
    expect(due.map(({ kind, subject, roles }) => [kind, subject, roles])).toEqual([
      ['training', 'op-1/aseptic', ['operator', 'master-data-steward']], ['lot-expiry', 'a', ['master-data-steward', 'quality-reviewer']], ['training', 'op-1/fire', ['operator', 'master-data-steward']], ['lot-expiry', 'b', ['master-data-steward', 'quality-reviewer']],
    ]);
  });
  it('is no lot that is used up, and none that expired longer ago than things are announced ahead', () => {
    const past = NOW - DUE_HORIZON_DAYS * 86_400_000;
    const lots = [lot('last', 'released', past + 1), lot('gone', 'released', past), { ...lot('used-up', 'released', NOW), drawn: 1 }, { ...lot('begun', 'released', NOW), drawn: 0.999 }];
    expect(whatFallsDue({ ...NOTHING, lots }, NOW).map(({ subject, overdue }) => [subject, overdue])).toEqual([['last', true], ['begun', true]]);
  });
  it('stands in one order, however the registers are read', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.record({ id: fc.stringMatching(/^[a-z]{1,4}$/), at: fc.integer({ min: -3, max: 3 }) }), { selector: ({ id }) => id }), (entries) => {
      const equipment = entries.map(({ id, at }) => scale(id, NOW + at));
      expect(whatFallsDue({ ...NOTHING, equipment: equipment.toReversed() }, NOW)).toEqual(whatFallsDue({ ...NOTHING, equipment }, NOW));
    }));
  });
});
