import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../shared/errors.ts';
import type { ModelRecord } from '../../../shared/model-registry/may-run.ts';
import { activeTwice, evolveNodeModel, nodeModelSummary, takeModelRecords, type ModelRecordEvent, type NodeModel } from '../../../shared/model-registry/node-record.ts';
import { ARTEFACT, MODEL_ID } from '../../support/model-fixtures.ts';

const record = (version: number, state: ModelRecord['state'], own: Partial<ModelRecord> = {}): ModelRecord => ({ modelId: MODEL_ID, version, productId: 'test-product', output: 'early-failure', artefactSha256: ARTEFACT, state, inputs: [], undecided: { errorRate: 0.1 }, ...own });
const onRecord = (event: ModelRecordEvent) => ({ event, recordedAt: '2026-03-05T00:00:00.000Z', actor: { kind: 'system', id: 'model-intake', version: '1' } } as const);
const taken = (...told: readonly (readonly ModelRecord[])[]): NodeModel | undefined =>
  told.reduce<NodeModel | undefined>((held, records) => takeModelRecords(held, records).taken.reduce<NodeModel | undefined>((model, event) => evolveNodeModel(model, onRecord(event)), held), undefined);

describe('what a hospital puts on its record of a model', () => {
  it('is each version it is told of, in the order of the versions, and then only what changed', () => {
    const first = [record(2, 'active', { artefactSha256: 'b'.repeat(64) }), record(1, 'retired')];
    const held = taken(first);
    expect(held).toEqual({ modelId: MODEL_ID, productId: 'test-product', records: [record(1, 'retired'), first[0]] });
    expect(takeModelRecords(held, first)).toEqual({ taken: [], faults: [] });
    expect(takeModelRecords(held, [record(1, 'retired'), { ...first[0]!, state: 'suspended' }])).toEqual({ taken: [{ type: 'model-record-taken', record: { ...first[0]!, state: 'suspended' } }], faults: [] });
  });
  it('is listed by its product, without anything but names, states and hashes', () => {
    expect(nodeModelSummary(taken([record(1, 'active')])!)).toEqual({ modelId: MODEL_ID, productId: 'test-product', versions: [{ version: 1, state: 'active', artefactSha256: ARTEFACT }] });
  });
  it.each<readonly [string, readonly ModelRecord[], ErrorCode]>([
    ['another artefact for a version', [record(1, 'active', { artefactSha256: 'c'.repeat(64) }), record(2, 'retired')], 'model-hash-mismatch'],
    ['another product', [record(1, 'active', { productId: 'other-product' }), record(2, 'retired')], 'model-hash-mismatch'], ['another output', [record(1, 'active', { output: 'harvest-advice' }), record(2, 'retired')], 'model-hash-mismatch'],
    ['another threshold', [record(1, 'active', { threshold: 0.2 }), record(2, 'retired')], 'model-hash-mismatch'], ['another error rate', [record(1, 'active', { undecided: { errorRate: 0.2 } }), record(2, 'retired')], 'model-hash-mismatch'],
    ['other inputs', [record(1, 'active', { inputs: [{ name: 'a', unit: '', low: 0, high: 1, mayBeMissing: true }] }), record(2, 'retired')], 'model-hash-mismatch'],
    ['a retired version that is active again', [record(1, 'active'), record(2, 'active')], 'model-state-wrong'], ['a version left out', [record(2, 'retired')], 'model-not-found'],
    ['a version twice', [record(1, 'active'), record(1, 'suspended'), record(2, 'retired')], 'model-file-malformed'],
  ])('is not %s', (_, told, code) => {
    const { taken: events, faults } = takeModelRecords(taken([record(1, 'active'), record(2, 'retired')]), told);
    expect(faults.map((fault) => fault.code)).toContain(code);
    expect(events.filter((event) => event.record.state !== 'suspended' || JSON.stringify({ ...event.record, state: 'active' }) !== JSON.stringify(record(1, 'active')))).toEqual([]);
  });
  it('never changes an artefact, whatever is told', () => {
    const told = fc.array(fc.record({ version: fc.integer({ min: 1, max: 3 }), state: fc.constantFrom('active', 'suspended', 'retired'), artefactSha256: fc.constantFrom('a', 'b').map((letter) => letter.repeat(64)) }), { maxLength: 4 });
    fc.assert(fc.property(fc.array(told, { maxLength: 8 }), (tellings) => {
      const frozen = new Map<number, string>();
      let held: NodeModel | undefined;
      for (const telling of tellings) {
        for (const event of takeModelRecords(held, telling.map(({ version, state, artefactSha256 }) => record(version, state, { artefactSha256 }))).taken) held = evolveNodeModel(held, onRecord(event));
        for (const { version, artefactSha256 } of held?.records ?? []) expect(frozen.set(version, frozen.get(version) ?? artefactSha256).get(version)).toBe(artefactSha256);
      }
    }));
  });
});

describe('a stop that comes with a fault', () => {
  const HELD = [record(1, 'retired'), record(2, 'active'), record(3, 'active', { output: 'harvest-advice' })];
  const stopped = { type: 'model-record-taken', record: record(2, 'suspended') };
  it.each<readonly [string, readonly ModelRecord[], ErrorCode]>([
    ['another version is left out', [record(2, 'suspended'), HELD[2]!], 'model-not-found'], ['another has another artefact', [record(1, 'retired', { artefactSha256: 'c'.repeat(64) }), record(2, 'suspended'), HELD[2]!], 'model-hash-mismatch'],
    ['another comes back that was retired', [record(1, 'active'), record(2, 'suspended'), HELD[2]!], 'model-state-wrong'], ['another stands twice', [HELD[0]!, record(2, 'suspended'), HELD[2]!, HELD[2]!], 'model-file-malformed'],
    ['it is itself of another artefact', [HELD[0]!, record(2, 'suspended', { artefactSha256: 'c'.repeat(64) }), HELD[2]!], 'model-hash-mismatch'], ['it is itself of another artefact and retired', [HELD[0]!, record(2, 'retired', { threshold: 0.1 }), HELD[2]!], 'model-hash-mismatch'],
    ['it stands beside its contrary', [HELD[0]!, HELD[1]!, record(2, 'suspended'), HELD[2]!], 'model-file-malformed'],
  ])('is taken though %s, and nothing else is; the fault is told', (_, told, code) => {
    const { taken: events, faults } = takeModelRecords(taken(HELD), told);
    expect([events, faults.map((fault) => fault.code)]).toEqual([[stopped], [code]]);
    expect(takeModelRecords(taken(HELD, told), told)).toMatchObject({ taken: [], faults: [{ code }] });
  });
  it('is taken for good where its own entry is sound, and of an entry that can not be read', () => {
    expect(takeModelRecords(taken(HELD), [record(2, 'retired'), HELD[2]!]).taken).toEqual([{ type: 'model-record-taken', record: record(2, 'retired') }]);
    const { taken: events, faults } = takeModelRecords(taken(HELD), [HELD[0]!, HELD[2]!], [{ modelId: MODEL_ID, version: 2 }]);
    expect([events, faults.map(({ code }) => code)]).toEqual([[stopped], ['model-file-malformed']]);
  });
  it('does not keep a version from coming back when it is told whole again', () => {
    expect(takeModelRecords(taken(HELD, [HELD[0]!, record(2, 'suspended', { threshold: 0.1 }), HELD[2]!]), HELD).taken).toEqual([{ type: 'model-record-taken', record: record(2, 'active') }]);
  });
  it('never leaves active what any entry says is stopped, and puts nothing to use beside a fault, whatever is told', () => {
    const state = fc.constantFrom('active' as const, 'suspended' as const, 'retired' as const);
    const entryOf = (version: number, states = state) => fc.record({ version: fc.constant(version), state: states, artefactSha256: fc.constantFrom(ARTEFACT, ARTEFACT, ARTEFACT, ARTEFACT, 'a'.repeat(64)) });
    const telling = fc.tuple(fc.tuple(entryOf(1, fc.constant('retired')), entryOf(2), entryOf(3)), fc.array(fc.integer({ min: 1, max: 4 }).chain((version) => entryOf(version)), { maxLength: 2 }), fc.constantFrom(0, 0, 1)).map(([base, more, left]) => [...base.slice(left), ...more]);
    let [faulty, whole] = [0, 0];
    fc.assert(fc.property(telling, (entries) => {
      const told = entries.map(({ version, state, artefactSha256 }) => record(version, state, { artefactSha256, ...(version === 3 && { output: 'harvest-advice' }) }));
      const { taken: events, faults } = takeModelRecords(taken(HELD), told);
      const after = events.reduce<NodeModel | undefined>((model, event) => evolveNodeModel(model, onRecord(event)), taken(HELD))!;
      for (const { version, state } of told) if (state !== 'active') expect(after.records.find((each) => each.version === version)?.state ?? 'unknown').not.toBe('active');
      if (faults.length === 0) whole += 1; else faulty += 1;
      if (faults.length > 0) expect(events.every((event) => event.record.state !== 'active' && event.record.artefactSha256 === ARTEFACT)).toBe(true);
    }), { numRuns: 500 });
    expect(Math.min(faulty, whole)).toBeGreaterThan(20);
  });
});

describe('two active models for one use', () => {
  it('are found, whichever models they are of', () => {
    expect(activeTwice([record(1, 'active'), record(2, 'retired'), record(1, 'active', { modelId: 'other', output: 'harvest-advice' })])).toEqual([]);
    expect(activeTwice([record(1, 'active'), record(1, 'active', { modelId: 'other' })])).toEqual([{ productId: 'test-product', output: 'early-failure' }]);
  });
});
