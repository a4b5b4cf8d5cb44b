import { describe, expect, it } from 'vitest';
import type { BatchEvent } from '../../../shared/batch/events.ts';
import { foldBatch } from '../../../shared/batch/fold.ts';
import { byCopy, inPlace, type Growth } from '../../../shared/batch/growth.ts';
import type { Batch } from '../../../shared/batch/state.ts';
import type { Recorded } from '../../../shared/record/envelope.ts';
import { NOW, TestBatch, signature } from '../../support/batch-fixtures.ts';

type Work = { steps: number; copied: number };
/** What growing tables and lists costs: steps taken, and entries that a step copied. Counted, because a time fails on a busy machine and passes on a fast one. */
const counted = ({ entry, item }: Growth, work: Work): Growth => {
  const noted = <Whole extends object>(before: object, after: Whole): Whole => {
    work.steps += 1;
    if (after !== before) work.copied += Object.keys(before).length;
    return after;
  };
  return { entry: (table, key, value) => noted(table, entry(table, key, value)), item: (list, one) => noted(list, item(list, one)) };
};

const AT = new Date(NOW).toISOString();
const BEGUN: readonly BatchEvent[] = [...new TestBatch().events, { type: 'batch-started' }, { type: 'phase-started', phaseId: 'culture' }];
/** One more entry of each table and list that a long batch fills. */
const GROWING: readonly ((n: number) => BatchEvent)[] = [
  (n) => ({ type: 'telemetry-alarm-raised', alarmId: `ALM-${n}`, metric: 'Temperature', value: 38.4, limit: 38, side: 'high', at: AT }),
  (n) => ({ type: 'telemetry-gap-recorded', gapId: `GAP-${n}`, edgeNodeId: 'e', deviceId: 'd', from: AT, to: AT, lostMessages: 3, cause: 'sequence', critical: true }),
  (n) => ({ type: 'deviation-raised', deviationId: `DEV-${n}`, severity: 'minor', title: 't', detail: 'd' }),
  (n) => ({ type: 'custody-offered', transferId: `T-${n}`, phaseId: 'culture', toPersonId: 'op-2', location: 'Room 1', signature: signature('op-1', 'responsibility') }),
  (n) => ({ type: 'material-added', phaseId: 'culture', materialId: 'medium', lotId: `MED-${n}`, quantity: 1, unit: 'mL', label: 'L', expiresAt: AT }),
  (n) => ({ type: 'value-recorded', phaseId: 'culture', valueId: `v-${n}`, value: n, unit: '%', origin: { kind: 'entered' } }),
  (n) => ({ type: 'phase-signed', phaseId: 'culture', signature: signature(`op-${n}`, 'performed') }),
  (n) => ({ type: 'certificate-issued', certificateId: `C-${n}`, jsonSha256: 'a', pdfSha256: 'b', objectKey: 'k' }),
];
const recordOf = (events: readonly BatchEvent[]): readonly Recorded<BatchEvent>[] =>
  events.map((event, i) => ({ stream: { kind: 'batch', id: 'b' }, version: i + 1, recordedAt: AT, actor: { kind: 'system', id: 's', version: '1' }, event, previousHash: '', hash: String(i) }));
const longRecord = (event: (n: number) => BatchEvent, count: number): readonly Recorded<BatchEvent>[] => recordOf([...BEGUN, ...Array.from({ length: count }, (_, n) => event(n))]);
const workOf = (events: readonly Recorded<BatchEvent>[], after?: Batch, grow: Growth = inPlace()): Readonly<Work> => {
  const work: Work = { steps: 0, copied: 0 };
  foldBatch(events, after, counted(grow, work));
  return work;
};
/** Entries that were put into a table in place while something runs. */
const putInPlace = (run: () => unknown): number => {
  const { defineProperty } = Object;
  let count = 0;
  Object.defineProperty = <Target>(target: Target, key: PropertyKey, attributes: PropertyDescriptor): Target => {
    count += 1;
    return defineProperty(target, key, attributes);
  };
  try {
    run();
  } finally {
    Object.defineProperty = defineProperty;
  }
  return count;
};

const COUNT = 2_000;
const CASES = GROWING.map((event) => [event(0).type, event] as const);

describe('the work of a fold', () => {
  it.each(CASES)('grows with the number of events and no faster: %s', (_, event) => {
    const { steps, copied } = workOf(longRecord(event, COUNT));
    expect(steps - workOf(recordOf(BEGUN)).steps).toBeGreaterThanOrEqual(COUNT);
    expect(copied).toBeLessThan(10);
  });
  it.each(CASES)('that goes on from a state copies what is there once: %s', (_, event) => {
    const record = longRecord(event, COUNT);
    expect(workOf(record.slice(-100), foldBatch(record.slice(0, -100))).copied).toBeLessThanOrEqual(COUNT + 10);
  });
  it('is the square of the number of events where each step copies', () => {
    for (const [, event] of CASES) expect(workOf(longRecord(event, 200), undefined, byCopy).copied).toBeGreaterThanOrEqual(200 * 199 / 2);
  });
  it('is that in place where nothing else is asked for', () => {
    for (const [, event] of CASES.slice(0, 4)) expect(putInPlace(() => foldBatch(longRecord(event, COUNT)))).toBeGreaterThanOrEqual(COUNT);
  });
});
