import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeBatchRecord } from '../../../shared/audit/compose-batch-record.ts';
import { sealTelemetry, telemetryEnd } from '../../../shared/batch/commands/telemetry.ts';
import { describeEvent } from '../../../shared/batch/describe.ts';
import type { BatchEvent, SealedChunk } from '../../../shared/batch/events.ts';
import { requireEntryLength } from '../../../shared/audit-log/entry-bundle.ts';
import { canonicalJson } from '../../../shared/record/canonical-json.ts';
import { chainEvents } from '../../../shared/record/chain.ts';
import { GENESIS_HASH } from '../../../shared/record/envelope.ts';
import { reviewRecord } from '../../../shared/release/review.ts';
import { objectKeyOf, placeOfChunk } from '../../../shared/telemetry/minute.ts';
import { completed } from '../../support/batch-execution.ts';
import { NOW, TestBatch } from '../../support/batch-fixtures.ts';
import { MINUTE } from '../../support/telemetry/sparkplug-writer.ts';

type Sealed = Extract<BatchEvent, { type: 'telemetry-sealed' }>;
const sealed = (chunks: readonly SealedChunk[], through?: string): readonly Sealed[] => sealTelemetry(chunks, through) as readonly Sealed[];
const chunkAt = (device: string | undefined, minute: number, hash = 'a'): SealedChunk => ({ key: objectKeyOf.chunk('gateway-1', device, MINUTE + minute * 60_000), sha256: hash.repeat(64) });
const iso = (minute: number): string => new Date(MINUTE + minute * 60_000).toISOString();
const entryOf = (event: BatchEvent): Uint8Array => {
  const [recorded] = chainEvents(GENESIS_HASH, [{ stream: { kind: 'batch', id: 'north-20260302-TEST01' }, version: 999_999_999, recordedAt: iso(0), actor: { kind: 'system', id: 'telemetry-seal', version: '1.0.0' }, event }]);
  return Buffer.from(canonicalJson(recorded));
};

describe('chunks of telemetry on record', () => {
  it('are grouped by device, with the first and the last minute of each', () => {
    const [event] = sealed([chunkAt('bioreactor-1', 2), chunkAt(undefined, 0), chunkAt('bioreactor-1', 0)], iso(3));
    expect(event?.devices).toEqual([
      { edgeNodeId: 'gateway-1', firstMinute: iso(0), lastMinute: iso(0), chunkCount: 1 },
      { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1', firstMinute: iso(0), lastMinute: iso(2), chunkCount: 2 },
    ]);
    expect(describeEvent(event!).what).toBe(`Telemetry sealed: 3 chunk(s); gateway-1 ${iso(0)} to ${iso(0)}; gateway-1/bioreactor-1 ${iso(0)} to ${iso(2)}; all of it up to ${iso(3)} is named`);
  });
  it('are no event when there are none, but for saying that all is named', () => { expect([sealed([]), sealed([], iso(0))]).toEqual([[], [{ type: 'telemetry-sealed', devices: [], chunks: [], through: iso(0) }]]); });
  it('fill as few events as fit in a leaf of the log, whatever the names; only the last ends it', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((text) => /^[^+#/\p{Cc}]+$/u.test(text) && !['-', '.', '..'].includes(text));
    fc.assert(fc.property(fc.array(fc.tuple(name, name), { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 1500 }), (devices, count) => {
      const chunks = Array.from({ length: count }, (_, i) => ({ key: objectKeyOf.chunk(devices[i % devices.length]![0], devices[i % devices.length]![1], MINUTE + i * 60_000), sha256: String(i).padStart(64, '0') }));
      const events = sealed(chunks, iso(0));
      for (const event of events) requireEntryLength(entryOf(event));
      expect(events.flatMap((event) => event.chunks).map(({ sha256 }) => sha256).toSorted()).toEqual(chunks.map(({ sha256 }) => sha256).toSorted());
      expect(events.map(({ through }) => through)).toEqual(events.map((_, i) => (i === events.length - 1 ? iso(0) : undefined)));
      for (const event of events.slice(0, -1)) expect(entryOf(event).length).toBeGreaterThan(54_000);
    }), { numRuns: 25 });
  });
  it('hold to a leaf with a device of its own for each, of the longest names', () => {
    const chunks = Array.from({ length: 900 }, (_, i) => ({ key: objectKeyOf.chunk('g'.repeat(128), `${'d'.repeat(124)}${String(i).padStart(4, '0')}`, MINUTE), sha256: 'a'.repeat(64) }));
    for (const event of sealed(chunks)) requireEntryLength(entryOf(event));
  });
  it('have keys that name device and minute, and nothing else has', () => {
    expect(placeOfChunk(chunkAt('bioreactor-1', 1).key)).toEqual({ edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1', minuteEpochMs: Date.parse(iso(1).slice(0, 16) + ':00Z') });
    expect(placeOfChunk(chunkAt(undefined, 1).key).deviceId).toBeUndefined();
    for (const key of ['sealed/a/b/2026-03-02/2026-03-03T1405.chunk', 'hours/a/b/2026-03-02T1400.chunk', 'open/2026-03-02T1405/x.seg', '']) expect(() => placeOfChunk(key)).toThrow(RangeError);
  });
});

describe('the batch record to read', () => {
  it('has one line for all sealed telemetry, however many events name it', () => {
    const events = [...new TestBatch().events, ...sealed([chunkAt('bioreactor-1', 0)]), ...sealed([chunkAt('bioreactor-1', 60), chunkAt(undefined, 60)]), ...sealed([], iso(61))];
    const recorded = chainEvents(GENESIS_HASH, events.map((event, i) => ({ stream: { kind: 'batch', id: 'b' } as const, version: i + 1, recordedAt: iso(0), actor: { kind: 'system', id: 'telemetry-seal', version: '1.0.0' } as const, event })));
    const { telemetry, history } = composeBatchRecord(recorded);
    expect(telemetry.map(({ what }) => what)).toEqual([`Telemetry sealed: 3 chunk(s) named by 3 event(s), versions 2 to 4, minutes ${iso(0)} to ${iso(60)}; all of it up to ${iso(61)} is named`]);
    expect(history.filter(({ what }) => what.includes('elemetry'))).toEqual([]);
  });
});

describe('a batch whose equipment measures', () => {
  const measured = () => {
    const device = { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1' };
    return new TestBatch().do(() => [{ type: 'batch-started' }, { type: 'phase-started', phaseId: 'culture' }, { type: 'equipment-assigned', phaseId: 'culture', equipmentId: 'BIO-1', equipmentClassId: 'bioreactor', device }]);
  };
  const over = () => measured().do(() => [{ type: 'equipment-released', equipmentId: 'BIO-1' }, { type: 'batch-completed' }]);
  const at = (offset: number): string => new Date(NOW + offset).toISOString();
  const rules = (test: TestBatch): readonly string[] => reviewRecord(test.batch).map(({ rule }) => rule).filter((rule) => rule === 'telemetry-not-sealed');

  it('is not ready for release before the record names all its telemetry, to the millisecond', () => {
    expect(rules(over())).toEqual(['telemetry-not-sealed']);
    expect(rules(over().do(() => sealTelemetry([], at(-1))))).toEqual(['telemetry-not-sealed']);
    expect(rules(over().do(() => sealTelemetry([], at(0))))).toEqual([]);
  });
  it('stays ready when late chunks are named later', () => {
    const test = over().do(() => sealTelemetry([chunkAt('bioreactor-1', 0)], at(0))).do(() => sealTelemetry([chunkAt('bioreactor-1', 0, 'b')]));
    expect([rules(test), test.batch.sealed]).toEqual([[], { chunkCount: 2, through: at(0) }]);
  });
  it('has an end of its telemetry once nothing of it is in use, and what measured nothing has none', () => {
    expect([telemetryEnd(measured().batch), telemetryEnd(over().batch), telemetryEnd(measured().do(() => [{ type: 'batch-completed' }]).batch), telemetryEnd(completed().batch)]).toEqual([undefined, at(0), at(0), undefined]);
  });
});
