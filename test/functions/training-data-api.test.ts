import { beforeEach, describe, expect, it } from 'vitest';
import { OWN_LABEL } from '../../functions/_platform/training-rows.ts';
import { FEATURE_NAMES } from '../../models/early-prediction/features.ts';
import { roleOfOwnBatch } from '../../shared/training-data/dataset.ts';
import { codeOfAsync } from '../support/error-code.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { FILE, HASH, importOf, pastBatches, rowsFrom } from '../support/training-data.ts';

const { reviewer, operator } = PEOPLE;
let node: TestNode;
const { importing, telling } = pastBatches(() => node);
beforeEach(() => { node = createNode(); });

describe('rows that are imported', () => {
  it('are signed for, by hash; they stay in the bucket, and the record holds neither value nor number of a batch', async () => {
    expect((await importing()).body['events']).toEqual(['training-data-imported']);
    const [recorded] = await node.store.load({ kind: 'training-data', id: 'DATA-1' });
    expect(recorded).toMatchObject({ actor: { id: 'sci-1' }, event: { role: 'training', rowCount: 10, positives: 5, features: ['a', 'b'], signature: { signerId: 'sci-1', meaning: 'responsibility' } } });
    for (const text of [JSON.stringify(recorded), ...[...node.trainingBucket.objects.values()].map((bytes) => Buffer.from(bytes).toString('latin1'))]) expect(text).not.toMatch(/"B-\d/);
    const { body: listed } = await node.call(reviewer, 'GET /v1/training-data');
    expect(listed['items']).toMatchObject([{ datasetId: 'DATA-1', rowCount: 10, positives: 5 }]);
  });
  it('train or test, never both', async () => {
    await importing();
    await importing({ datasetId: 'DATA-2', role: 'test', rows: rowsFrom(10, 5) });
    const wanted = { features: ['b', 'a'], label: 'failed' };
    const [training, test] = [await node.trainingRows.rowsOf('training', wanted), await node.trainingRows.rowsOf('test', wanted)];
    expect([training.length, test.length]).toEqual([10, 5]);
    expect(training.filter(({ recordDigest }) => test.some((each) => each.recordDigest === recordDigest))).toEqual([]);
  });
  it('for calibration neither train nor test', async () => {
    await importing();
    await importing({ datasetId: 'DATA-2', role: 'test', rows: rowsFrom(10, 5) });
    await importing({ datasetId: 'DATA-3', role: 'calibration', rows: rowsFrom(15, 7) });
    const wanted = { features: ['a', 'b'], label: 'failed' };
    const sets = await Promise.all((['training', 'test', 'calibration'] as const).map((role) => node.trainingRows.rowsOf(role, wanted)));
    expect(sets.map(({ length }) => length)).toEqual([10, 5, 7]);
    expect(new Set(sets.flat().map(({ recordDigest }) => recordDigest)).size).toBe(22);
  });
  it.each([
    ['a record that was imported before, for calibration', { datasetId: 'DATA-2', role: 'calibration', rows: rowsFrom(9, 2) }, 'training-row-exists'],
    ['a record that was imported before, under the other role', { datasetId: 'DATA-2', role: 'test', rows: rowsFrom(9, 2) }, 'training-row-exists'],
    ['a dataset of the same name', { rows: rowsFrom(20, 2) }, 'version-conflict'],
  ])('are refused: %s', async (_, own, code) => {
    await importing();
    expect((await importing(own)).code).toBe(code);
  });
  it.each([
    ['a record twice', { rows: [...rowsFrom(0, 2), ...rowsFrom(1, 1)] }, 'training-data-malformed', 'rows.2.recordId'],
    ['too few values', { rows: [{ recordId: 'B-1', label: 1, values: [1] }] }, 'training-data-malformed', 'rows.0.values'],
    ['a number beyond float32', { rows: [{ recordId: 'B-1', label: 1, values: [1, 1e39] }] }, 'training-data-malformed', 'rows.0.values'],
    ['a feature twice', { features: ['a', 'a'] }, 'training-data-malformed', 'features'],
    ['the label among the features', { features: ['a', 'failed'] }, 'training-data-malformed', 'features'],
  ])('are refused: %s, by its place, and nothing is kept of them', async (_, own, code, field) => {
    const answer = await importing(own);
    expect([answer.code, answer.body['field']]).toEqual([code, field]);
    expect([...node.trainingBucket.objects.keys()].filter((key) => key.startsWith('datasets/'))).toEqual([]);
  });
  it.each([
    ['a label that is none', [{ recordId: 'B-1', label: 2, values: [1, 2] }], 'body.rows.0.label'],
    ['a value that is a text', [{ recordId: 'B-1', label: 1, values: ['1', 2] }], 'body.rows.0.values.0'],
    ['a number that is none', [{ recordId: 'B 1', label: 1, values: [1, 2] }], 'body.rows.0.recordId'],
    ['a field nobody knows', [{ recordId: 'B-1', label: 1, values: [1, 2], patient: 'x' }], 'body.rows.0'],
  ])('are refused: %s', async (_, rows, path) => {
    const answer = await importing({ rows });
    expect([answer.status, answer.body['paths']]).toEqual([400, [path]]);
  });
  it('want a signature as responsibility, by a scientist', async () => {
    expect((await importing({}, 'review')).code).toBe('signature-meaning-wrong');
    expect((await node.call(operator, 'POST /v1/training-data', { body: { ...importOf(), signature: node.sign(operator, 'responsibility', 0) } })).code).toBe('role-missing');
  });
  it('are not believed once their object was changed', async () => {
    await importing();
    const key = [...node.trainingBucket.objects.keys()].find((each) => each.startsWith('datasets/'))!;
    node.trainingBucket.objects.set(key, Buffer.from(Buffer.from(node.trainingBucket.objects.get(key)!).toString('utf8').replace('"label":1', '"label":0')));
    expect(await codeOfAsync(() => node.trainingRows.rowsOf('training', { features: ['a'], label: 'failed' }))).toBe('training-data-malformed');
  });
  it('that lack a feature of the plan are a mismatch, not a missing value', async () => {
    await importing();
    expect(await codeOfAsync(() => node.trainingRows.rowsOf('training', { features: ['a', 'z'], label: 'failed' }))).toBe('training-schema-mismatch');
  });
});

describe('own batches', () => {
  const features = FEATURE_NAMES.slice(0, 2);
  const decided = async (batchId: string, disposition: 'release' | 'reject', ...more: readonly object[]): Promise<void> => {
    const load = { kind: 'batch', id: batchId } as const;
    const events = [{ type: 'prediction-recorded', predictionId: 'P', probability: 0.5, threshold: 0.5, modelHash: 'x', modelName: 'm', featuresHash: 'y', features: { [features[0]!]: 7 }, caution: 'c' }, ...more];
    await node.store.write(node.store.plan({ stream: load, expectedVersion: 0, previousHash: '0'.repeat(64), previousRecordedAt: undefined, events, actor: { kind: 'system', id: 'test', version: '1' } }), []);
    await node.operations.put({ pk: 'SUMMARY#BATCH', sk: batchId }, { batchId, disposition });
  };
  it('with recorded features and a decision are rows: rejected is 1, what was not measured is missing, and one in five is kept for tests, one for calibration', async () => {
    for (let i = 0; i < 40; i += 1) await decided(`north-${i}`, i % 4 === 0 ? 'reject' : 'release');
    await node.operations.put({ pk: 'SUMMARY#BATCH', sk: 'north-running' }, { batchId: 'north-running' });
    const wanted = { features, label: OWN_LABEL };
    const [training, test] = [await node.trainingRows.rowsOf('training', wanted), await node.trainingRows.rowsOf('test', wanted)];
    const calibration = await node.trainingRows.rowsOf('calibration', wanted);
    expect(training.length + test.length + calibration.length).toBe(40);
    expect(Math.min(test.length, calibration.length)).toBeGreaterThan(1);
    expect([...training, ...test, ...calibration].filter(({ label }) => label === 1)).toHaveLength(10);
    for (const [role, rows] of [['test', test], ['calibration', calibration]] as const) for (const row of rows) expect(roleOfOwnBatch(row.recordDigest)).toBe(role);
    expect(training[0]).toMatchObject({ features: [features[0]], values: [7] });
  });
  it('in which something was set on a recommendation are rows for nothing', async () => {
    await decided('north-1', 'release', { type: 'intervention-sent', interventionId: 'I-1' });
    await decided('north-2', 'release');
    const all = await Promise.all((['training', 'test', 'calibration'] as const).map((role) => node.trainingRows.rowsOf(role, { features, label: OWN_LABEL })));
    expect(all.flat()).toHaveLength(1);
  });
  const told = async (what: 'model-evaluations' | 'model-calibrations', role: 'test' | 'calibration') => {
    node.artefacts.set(HASH, FILE.replace('"a","b"', features.map((name) => JSON.stringify(name)).join(',')));
    for (let i = 0; i < 60; i += 1) await decided(`north-${i}`, i % 4 === 0 ? 'reject' : 'release');
    expect((await telling(what, undefined, undefined, OWN_LABEL)).status).toBe(200);
    const ids = Array.from({ length: 60 }, (_, i) => `north-${i}`);
    const digests = await node.trainingRows.digests(ids);
    return ids.filter((_, i) => roleOfOwnBatch(digests[i]!) === role);
  };
  const rowOf = (recordId: string) => ({ recordId, label: 1, values: [1, 2] });
  const own = { label: OWN_LABEL, features };
  it.each([['model-evaluations', 'test', 'training'], ['model-evaluations', 'test', 'calibration'], ['model-calibrations', 'calibration', 'training'], ['model-calibrations', 'calibration', 'test']] as const)('that were told at %s as rows for %s are not imported for %s, by row', async (what, had, role) => {
    const [id] = await told(what, had);
    const before = await node.trainingRows.rowsOf('training', own);
    const answer = await importing({ ...own, role, rows: [rowOf('north-past'), rowOf(id!)] });
    expect([answer.code, answer.body['row']]).toEqual(['training-row-role-wrong', 1]);
    expect(await node.trainingRows.rowsOf('training', own)).toEqual(before);
  });
  it('that were told are imported in the role they had; rows of another role, and those nobody told of, in any', async () => {
    const [first, second] = await told('model-evaluations', 'test');
    expect((await importing({ ...own, role: 'test', rows: [rowOf(first!)] })).status).toBe(201);
    const digests = await node.trainingRows.digests(['new-1', 'new-2', 'new-3', 'new-4', 'new-5', 'new-6', 'new-7', 'new-8', 'new-9']);
    const fresh = digests.findIndex((digest) => roleOfOwnBatch(digest) === 'test') + 1;
    expect(fresh).toBeGreaterThan(0);
    expect((await importing({ ...own, datasetId: 'DATA-2', rows: [rowOf(`new-${fresh}`)] })).status).toBe(201);
    expect((await importing({ ...own, datasetId: 'DATA-3', rows: [rowOf(second!)] })).code).toBe('training-row-role-wrong');
  });
  it('that were told as rows that trained stand in no way of an import: what a version trained on is held against its test by itself', async () => {
    await node.datasets.change(HASH, () => [{ type: 'model-data-told', artefactSha256: HASH, role: 'training', label: OWN_LABEL, rowsSha256: 'a'.repeat(64), rowCount: 5, statementSha256: 'b'.repeat(64) }], { actor: { kind: 'system', id: 'test', version: '1' } });
    expect((await importing({ ...own, role: 'test', rows: [rowOf('north-1')] })).status).toBe(201);
  });
  it('that were told are not imported while it can not be read which they are', async () => {
    await told('model-evaluations', 'test');
    for (const key of node.trainingBucket.objects.keys()) if (key.startsWith('statements/')) node.trainingBucket.objects.delete(key);
    expect((await importing({ ...own, rows: [rowOf('north-past')] })).status).toBe(500);
    expect(await node.store.load({ kind: 'training-data', id: 'DATA-1' })).toEqual([]);
  });
  it('that were imported count once, in the role they were imported with', async () => {
    await decided('north-1', 'release');
    await importing({ label: OWN_LABEL, features, role: 'test', rows: [{ recordId: 'north-1', label: 1, values: [1, 2] }] });
    expect([(await node.trainingRows.rowsOf('training', { features, label: OWN_LABEL })).length, (await node.trainingRows.rowsOf('test', { features, label: OWN_LABEL })).length]).toEqual([0, 1]);
  });
});
