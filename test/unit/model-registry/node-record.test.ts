import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../shared/errors.ts';
import type { ModelRecord } from '../../../shared/model-registry/may-run.ts';
import { activeTwice, evolveNodeModel, nodeModelSummary, takeModelRecords, type NodeModel } from '../../../shared/model-registry/node-record.ts';
import { ARTEFACT, MODEL_ID } from '../../support/model-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';

const record = (version: number, state: ModelRecord['state'], own: Partial<ModelRecord> = {}): ModelRecord => ({ modelId: MODEL_ID, version, productId: 'test-product', output: 'early-failure', artefactSha256: ARTEFACT, state, inputs: [], undecided: { errorRate: 0.1 }, ...own });
const taken = (...told: readonly (readonly ModelRecord[])[]): NodeModel | undefined =>
  told.reduce<NodeModel | undefined>((held, records) => takeModelRecords(held, records).reduce<NodeModel | undefined>((model, event) => evolveNodeModel(model, { event }), held), undefined);

describe('what a hospital puts on its record of a model', () => {
  it('is each version it is told of, in the order of the versions, and then only what changed', () => {
    const first = [record(2, 'active', { artefactSha256: 'b'.repeat(64) }), record(1, 'retired')];
    const held = taken(first);
    expect(held).toEqual({ modelId: MODEL_ID, productId: 'test-product', records: [record(1, 'retired'), first[0]] });
    expect(takeModelRecords(held, first)).toEqual([]);
    expect(takeModelRecords(held, [record(1, 'retired'), { ...first[0]!, state: 'suspended' }])).toEqual([{ type: 'model-record-taken', record: { ...first[0]!, state: 'suspended' } }]);
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
    expect(codeOf(() => takeModelRecords(taken([record(1, 'active'), record(2, 'retired')]), told))).toBe(code);
  });
  it('never changes an artefact, whatever is told', () => {
    const told = fc.array(fc.record({ version: fc.integer({ min: 1, max: 3 }), state: fc.constantFrom('active', 'suspended', 'retired'), artefactSha256: fc.constantFrom('a', 'b').map((letter) => letter.repeat(64)) }), { maxLength: 4 });
    fc.assert(fc.property(fc.array(told, { maxLength: 8 }), (tellings) => {
      const frozen = new Map<number, string>();
      let held: NodeModel | undefined;
      for (const telling of tellings) {
        try {
          for (const event of takeModelRecords(held, telling.map(({ version, state, artefactSha256 }) => record(version, state, { artefactSha256 })))) held = evolveNodeModel(held, { event });
        } catch { /* refused whole: what is held stays */ }
        for (const { version, artefactSha256 } of held?.records ?? []) expect(frozen.set(version, frozen.get(version) ?? artefactSha256).get(version)).toBe(artefactSha256);
      }
    }));
  });
});

describe('two active models for one use', () => {
  it('are found, whichever models they are of', () => {
    expect(activeTwice([record(1, 'active'), record(2, 'retired'), record(1, 'active', { modelId: 'other', output: 'harvest-advice' })])).toEqual([]);
    expect(activeTwice([record(1, 'active'), record(1, 'active', { modelId: 'other' })])).toEqual([{ productId: 'test-product', output: 'early-failure' }]);
  });
});
