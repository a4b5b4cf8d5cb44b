import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BatchEvent } from '../../../shared/batch/events.ts';
import { evolveBatch, foldBatch } from '../../../shared/batch/fold.ts';
import { byCopy, inPlace } from '../../../shared/batch/growth.ts';
import type { Batch } from '../../../shared/batch/state.ts';
import type { Recorded } from '../../../shared/record/envelope.ts';
import { NOW, TestBatch, signature } from '../../support/batch-fixtures.ts';

const AT = new Date(NOW).toISOString();
const BEGUN: readonly BatchEvent[] = [...new TestBatch().events, { type: 'batch-started' }, { type: 'phase-started', phaseId: 'culture' }];

/** Few names, so that what is there is changed as often as something new comes; one of them means something to JavaScript. */
const id = fc.constantFrom('A', 'B', 'C', '7', '__proto__');
const anyEvent = fc.oneof(
  id.map((alarmId): BatchEvent => ({ type: 'telemetry-alarm-raised', alarmId, metric: 'Temperature', value: 38.4, limit: 38, side: 'high', at: AT })),
  fc.tuple(id, fc.boolean()).map(([gapId, critical]): BatchEvent => ({ type: 'telemetry-gap-recorded', gapId, edgeNodeId: 'e', deviceId: 'd', from: AT, to: AT, lostMessages: 3, cause: 'sequence', critical })),
  id.map((gapId): BatchEvent => ({ type: 'telemetry-gap-assessed', gapId, assessment: 'none', signature: signature('qr-1', 'review') })),
  id.map((deviationId): BatchEvent => ({ type: 'deviation-raised', deviationId, severity: 'minor', title: 't', detail: 'd' })),
  id.map((deviationId): BatchEvent => ({ type: 'deviation-closed', deviationId, conclusion: 'c', signature: signature('qr-1', 'approval') })),
  id.map((transferId): BatchEvent => ({ type: 'custody-offered', transferId, phaseId: 'culture', toPersonId: 'op-2', location: 'Room 1', signature: signature('op-1', 'responsibility') })),
  id.map((transferId): BatchEvent => ({ type: 'custody-accepted', transferId, condition: 'intact', signature: signature('op-2', 'responsibility') })),
  id.map((lotId): BatchEvent => ({ type: 'material-added', phaseId: 'culture', materialId: 'medium', lotId, quantity: 1, unit: 'mL', label: 'L', expiresAt: AT })),
  fc.tuple(id, fc.integer()).map(([valueId, value]): BatchEvent => ({ type: 'value-recorded', phaseId: 'culture', valueId, value, unit: '%', origin: { kind: 'entered' } })),
  id.map((equipmentId): BatchEvent => ({ type: 'equipment-assigned', phaseId: 'culture', equipmentId, equipmentClassId: 'bioreactor' })),
  id.map((equipmentId): BatchEvent => ({ type: 'equipment-released', equipmentId })),
  id.map((signer): BatchEvent => ({ type: 'phase-signed', phaseId: 'culture', signature: signature(signer, 'performed') })),
  id.map((certificateId): BatchEvent => ({ type: 'certificate-issued', certificateId, jsonSha256: 'a', pdfSha256: 'b', objectKey: 'k' })),
);
const recorded = (events: readonly BatchEvent[]): readonly Recorded<BatchEvent>[] =>
  events.map((event, i) => ({ stream: { kind: 'batch', id: 'b' }, version: i + 1, recordedAt: AT, actor: { kind: 'system', id: 's', version: '1' }, event, previousHash: '', hash: String(i) }));
const oneByOne = (events: readonly Recorded<BatchEvent>[]): Batch | undefined => events.reduce<Batch | undefined>((batch, each) => evolveBatch(batch, each), undefined);
/** Values with their order, and own members only. */
const textOf = (batch: Batch | undefined): string => JSON.stringify(batch);
const anyEvents = fc.array(anyEvent, { maxLength: 40 }).map((events) => recorded([...BEGUN, ...events]));

describe('the fold of many events', () => {
  it('is that of one after another, to the order of its entries', () => {
    fc.assert(fc.property(anyEvents, (events) => { expect(textOf(foldBatch(events))).toBe(textOf(oneByOne(events))); }));
  });
  it('goes on from a state, and leaves that state as it was', () => {
    fc.assert(fc.property(anyEvents, fc.nat(), (events, at) => {
      const cut = 1 + at % events.length;
      const before = foldBatch(events.slice(0, cut));
      const asItWas = textOf(before);
      expect(textOf(foldBatch(events.slice(cut), before))).toBe(textOf(oneByOne(events)));
      expect(textOf(before)).toBe(asItWas);
    }));
  });
});

describe('a table and a list that grow', () => {
  it.each([['by copy', byCopy], ['in place', inPlace()]])('%s take one more, and leave what they began with', (_, grow) => {
    const [table, list] = [Object.freeze({ a: 1 }), Object.freeze([1])];
    const larger = grow.entry(grow.entry(table, 'b', 2), '__proto__', 3);
    expect(Object.entries(larger)).toEqual([['a', 1], ['b', 2], ['__proto__', 3]]);
    expect(Object.getPrototypeOf(larger)).toBe(Object.prototype);
    expect(grow.item(grow.item(list, 2), 3)).toEqual([1, 2, 3]);
    expect([table, list]).toEqual([{ a: 1 }, [1]]);
  });
});
