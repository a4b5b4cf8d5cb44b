import { beforeEach, describe, expect, it } from 'vitest';
import { createNodeModels } from '../../functions/_platform/node-models.ts';
import { driftRowsHere } from '../../functions/_platform/drift-rows.ts';
import { driftPlan } from '../../models/federated/plan.ts';
import { codeOfAsync } from '../support/error-code.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { FILE, HASH } from '../support/training-data.ts';

const { scientist, operator } = PEOPLE;
let node: TestNode;
beforeEach(() => { node = createNode(); });

describe('what a model said lately', () => {
  const MADE = { type: 'recommendation-made', recommendationId: 'REC', output: 'early-failure', modelId: 'm', modelVersion: 1, modelHash: HASH, inputsHash: 'x', probability: 0.8, verdict: 'positive', undecided: false, explanation: [], alternatives: [], actions: [], threshold: 0.5, askedOf: [], tableVersion: 1, tableHash: 'x', validUntil: '2026-03-02T00:00:00Z' };
  const said = async (batchId: string, answers: readonly object[], disposition?: string): Promise<void> => {
    await node.store.write(node.store.plan({ stream: { kind: 'batch', id: batchId }, expectedVersion: 0, previousHash: '0'.repeat(64), previousRecordedAt: undefined, events: answers.map((own) => ({ ...MADE, inputBins: '5-', ...own })), actor: { kind: 'system', id: 'test', version: '1' } }), []);
    await node.operations.put({ pk: 'SUMMARY#BATCH', sk: batchId }, { batchId, ...(disposition !== undefined && { disposition }) });
  };
  const asking = (query: Record<string, string> = {}, person = scientist) => node.call(person, 'GET /v1/model-distributions/{artefactSha256}', { path: { artefactSha256: HASH }, query });
  beforeEach(() => { node.artefacts.set(HASH, FILE); });
  it('is counted once a batch, by its last answer, in the bins of the test, with the outcomes that are known', async () => {
    for (let i = 0; i < 6; i += 1) await said(`north-${i}`, [{ probability: 0.1 }, i === 0 ? { probability: 0.3, verdict: 'negative', inputBins: 'b0' } : {}], i < 2 ? 'release' : 'reject');
    await said('north-6', [{ modelHash: 'another' }]);
    await said('north-8', [{ inputBins: '5-' }, { type: 'intervention-sent', interventionId: 'I-1' }], 'reject');
    await said('north-7', [{ verdict: 'undecided', undecided: true }]);
    // Of a batch without an alarm there is none, so that alarms are no answers.
    await said('north-9', [{ output: 'process-monitoring-alarm' }]);
    const { status, body } = await asking();
    expect([status, body['cases'], body['outcomes']]).toEqual([200, 8, { truePositive: 4, falsePositive: 1, trueNegative: 1, falseNegative: 0, undecidedPositive: 0, undecidedNegative: 0 }]);
    expect(body['distributions']).toEqual([
      { name: 'a', counts: [0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 1], missing: 0 }, { name: 'b', counts: [1, ...new Array<number>(11).fill(0)], missing: 7 }, { name: '(score)', counts: [0, 0, 0, 1, 0, 0, 0, 0, 7, 0], missing: 0 },
    ]);
  });
  it('is counted for the network by keyed digests, whatever times are asked for, with outcomes once five are known; of a known model with its own inputs only', async () => {
    const bounds = { unit: '', low: 0, high: 1, mayBeMissing: true };
    await node.records.models.change('m', () => [{ type: 'model-record-taken', record: { modelId: 'm', version: 1, productId: 'p', output: 'early-failure', inputs: [{ name: 'a', ...bounds }, { name: 'b', ...bounds }], undecided: { errorRate: 0.1 }, artefactSha256: HASH, state: 'active' } }], { actor: { kind: 'system', id: 'test', version: '1' } });
    const { records } = createNodeModels({ models: node.records.models, operations: node.operations, bucket: node.trainingBucket });
    const rowsFor = (inputs: readonly string[], artefactSha256 = HASH, label = 'not-releasable') => driftRowsHere({ records, digests: node.trainingRows.digests, operations: node.operations, record: node.store }, driftPlan({ inputs, terms: { modelId: 'm', version: 1, artefactSha256, fromEpochMs: 0, toEpochMs: 1 }, label, rowLimit: 100 }), 5);
    for (let i = 0; i < 6; i += 1) await said(`north-${i}`, [{}], i < 4 ? 'reject' : undefined);
    const few = await rowsFor(['a', 'b']);
    expect([few.keys.length, [...few.columns[0]!], [...few.columns.at(-1)!].every(Number.isNaN)]).toEqual([6, new Array(6).fill(5), true]);
    expect(few.keys.join()).not.toContain('north');
    await node.operations.put({ pk: 'SUMMARY#BATCH', sk: 'north-4' }, { batchId: 'north-4', disposition: 'release' });
    expect([...(await rowsFor(['a', 'b'])).columns.at(-1)!].filter((kind) => !Number.isNaN(kind)).toSorted()).toEqual([0, 0, 0, 0, 1]);
    expect(await codeOfAsync(() => rowsFor(['b', 'a']))).toBe('training-schema-mismatch');
    expect(await codeOfAsync(() => rowsFor(['a', 'b'], 'cd'.repeat(32)))).toBe('model-not-found');
    // A budget that refuses exact sums is found by the label: drift has no other.
    expect(await codeOfAsync(() => rowsFor(['a', 'b'], HASH, 'nothing-of-yours'))).toBe('training-schema-mismatch');
  });
  it('is withheld of fewer than five batches, as are outcomes of fewer than five', async () => {
    for (let i = 0; i < 4; i += 1) await said(`north-${i}`, [{}], 'release');
    expect((await asking()).code).toBe('training-cohort-too-small');
    await said('north-4', [{}]);
    const { body } = await asking();
    expect([body['cases'], 'outcomes' in body]).toEqual([5, false]);
    node.time.epochMs += 40 * 86_400_000;
    expect([(await asking({ days: '30' })).code, (await asking({ days: '60' })).status]).toEqual(['training-cohort-too-small', 200]);
  });
  it('is not told in days that are none, of a model nobody has, nor to who does not judge it', async () => {
    for (const days of ['0', '-1', '1.5', 'all', '10000']) expect((await asking({ days })).body['paths']).toEqual(['query.days']);
    expect((await asking({}, operator)).code).toBe('role-missing');
    node.artefacts.clear();
    expect((await asking()).code).toBe('model-not-found');
  });
});
