import { auditTrailJson, recordJson } from '../../functions/inspection-pack/assemble.ts';
import { composeBatchRecord } from '../../shared/audit/compose-batch-record.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { foldBatch } from '../../shared/batch/fold.ts';
import { chainEvents, verifyChain } from '../../shared/record/chain.ts';
import { GENESIS_HASH, type Recorded } from '../../shared/record/envelope.ts';
import { NOW, signature, TestBatch } from '../support/batch-fixtures.ts';
import { composeSigners } from '../../shared/audit/signers.ts';
import { renderBatchRecord } from '../support/render.ts';
import { percentile, row, type Row } from './row.ts';

const EVENTS = 5_000;
const WANTED_MS = 300;
const RUNS = 9;
const STREAM = { kind: 'batch', id: 'north-20260302-TEST01' } as const;
const AT = new Date(NOW).toISOString();

/** What makes a record long: changes, alarms and refusals, in turn. */
const KINDS: readonly ((i: number) => BatchEvent)[] = [
  (i) => ({ type: 'value-corrected', phaseId: 'culture', valueId: 'viability', oldValue: i, newValue: i + 1, unit: '%', reason: `counted again, ${i}`, signature: signature('op-1', 'responsibility') }),
  (i) => ({ type: 'telemetry-alarm-raised', alarmId: `ALARM-${i}`, metric: 'Temperature', value: 38.4, limit: 38, side: 'high', at: AT }),
  (i) => ({ type: 'action-refused', attempted: 'startPhase', code: 'phase-out-of-order', detail: `phase filling comes after culture, ${i}` }),
];

/** What makes a state large: each of them another alarm, gap or deviation, in turn. */
const WORST_KINDS: typeof KINDS = [
  (i) => ({ type: 'telemetry-alarm-raised', alarmId: `ALARM-${i}`, metric: 'Temperature', value: 38.4, limit: 38, side: 'high', at: AT }),
  (i) => ({ type: 'telemetry-gap-recorded', gapId: `GAP-${i}`, edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1', from: AT, to: AT, lostMessages: 3, cause: 'sequence', critical: true }),
  (i) => ({ type: 'deviation-raised', deviationId: `DEV-${i}`, severity: 'major', title: 'Temperature out of its alarm limits', detail: 'got 38.4, want at most 38', rule: 'telemetry-alarm' }),
];

/** A record as the table holds it: one text an event. */
const storedRecord = (kinds = KINDS): readonly string[] => {
  const begun: readonly BatchEvent[] = [...new TestBatch().events, { type: 'batch-started' }, { type: 'phase-started', phaseId: 'culture' }];
  const events = Array.from({ length: EVENTS }, (_, i) => begun[i] ?? kinds[i % kinds.length]?.(i)).filter((event) => event !== undefined);
  const actor = { kind: 'person', id: 'op-1', printedName: 'Anna Operator', roles: ['operator'] } as const;
  return chainEvents(GENESIS_HASH, events.map((event, i) => ({ stream: STREAM, version: i + 1, recordedAt: AT, actor, event }))).map((recorded) => JSON.stringify(recorded));
};

/** From stored texts, verified, to the state a command decides on. */
const load = (stored: readonly string[]) => {
  const events = stored.map((text) => JSON.parse(text) as Recorded<BatchEvent>);
  verifyChain(STREAM, events);
  return foldBatch(events);
};

/** From stored texts, verified, to the document a person reads and the two files a machine reads. */
const assemble = (stored: readonly string[]) => {
  const events = stored.map((text) => JSON.parse(text) as Recorded<BatchEvent>);
  verifyChain(STREAM, events);
  const document = composeBatchRecord(events);
  return { document, bytes: recordJson(document, events).length + auditTrailJson(document, events).length };
};

const millisecondsOf = async (run: () => unknown): Promise<number> => {
  const began = performance.now();
  await run();
  return performance.now() - began;
};

const medianOf = async (run: () => unknown): Promise<number> => {
  const times: number[] = [];
  for (let i = 0; i < RUNS; i += 1) times.push(await millisecondsOf(run));
  return percentile(times, 0.5);
};

/** A long batch record, assembled; one that is long by what makes its state large, loaded; and the first drawn as a PDF, which another function does. */
export const measureRecord = async (): Promise<readonly Row[]> => {
  const stored = storedRecord();
  const worst = storedRecord(WORST_KINDS);
  const assembled = await medianOf(() => assemble(stored));
  const loaded = await medianOf(() => load(worst));
  const { document } = assemble(stored);
  const drawn = await millisecondsOf(() => renderBatchRecord({ document, signers: composeSigners([], []) }));
  return [
    row(`record: ${EVENTS} events assembled`, assembled, 'ms', WANTED_MS, 'target'), row(`record: ${EVENTS} alarms, gaps and deviations folded`, loaded, 'ms', WANTED_MS, 'target'),
    row(`record: ${EVENTS} events drawn as PDF`, drawn, 'ms', assembled, 'assembled'),
  ];
};
