import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createNodeModels } from '../../functions/_platform/node-models.ts';
import { driftRowsHere } from '../../functions/_platform/drift-rows.ts';
import { driftPlan } from '../../models/federated/plan.ts';
import { OWN_LABEL, rowsHash } from '../../functions/_platform/training-rows.ts';
import { FEATURE_NAMES } from '../../models/early-prediction/features.ts';
import { writeXgboostJson } from '../../models/forest/xgboost-json.ts';
import { roleOfOwnBatch } from '../../shared/training-data/dataset.ts';
import { evaluate } from '../../shared/training-data/evaluation.ts';
import { requireStatement, type SignedStatement } from '../../models/federated/secure/statement.ts';
import { caseCount, type CaseCounts } from '../../shared/model-registry/test-report.ts';
import type { DecisionRule } from '../../shared/model-registry/may-run.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import type { Answered } from '../support/api.ts';
import { codeOfAsync } from '../support/error-code.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { identitiesOf } from '../support/statements.ts';
import { OPENED, openTest } from '../support/test-openings.ts';

const { scientist, reviewer, operator } = PEOPLE;
let node: TestNode;
beforeEach(() => { node = createNode(); });

type Row = Readonly<{ recordId: string; label: number; values: readonly (number | null)[]; subgroups?: readonly string[] }>;
const rowsOf = (from: number, count: number): readonly Row[] => Array.from({ length: count }, (_, i) => ({ recordId: `B-${from + i}`, label: (from + i) % 2, values: [from + i, (from + i) % 3 === 0 ? null : i], subgroups: [i % 4 === 0 ? 'child' : 'adult'] }));
const body = (own: object = {}) => ({ datasetId: 'DATA-1', title: 'Past batches', source: 'Batches of 2024', role: 'training', label: 'failed', features: ['a', 'b'], rows: rowsOf(0, 10), ...own });
const importing = (own: object = {}, meaning: 'responsibility' | 'review' = 'responsibility'): Promise<Answered> => node.call(scientist, 'POST /v1/training-data', { body: { ...body(own), signature: node.sign(scientist, meaning, 0) } });

/** One split: a < 5 scores 0.2, else 0.8. */
const FILE = writeXgboostJson({ objective: 'reg:squarederror', baseScore: 0, featureNames: ['a', 'b'], trees: [{ left: [1, -1, -1], right: [2, -1, -1], feature: [0, 0, 0], condition: [5, 0.2, 0.8].map(Math.fround), defaultLeft: [true, false, false], cover: [2, 1, 1], gain: [1, 0, 0], parent: [2147483647, 0, 0] }] });
const HASH = createHash('sha256').update(FILE).digest('hex');

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
    await importing({ datasetId: 'DATA-2', role: 'test', rows: rowsOf(10, 5) });
    const wanted = { features: ['b', 'a'], label: 'failed' };
    const [training, test] = [await node.trainingRows.rowsOf('training', wanted), await node.trainingRows.rowsOf('test', wanted)];
    expect([training.length, test.length]).toEqual([10, 5]);
    expect(training.filter(({ recordDigest }) => test.some((each) => each.recordDigest === recordDigest))).toEqual([]);
  });
  it('for calibration neither train nor test', async () => {
    await importing();
    await importing({ datasetId: 'DATA-2', role: 'test', rows: rowsOf(10, 5) });
    await importing({ datasetId: 'DATA-3', role: 'calibration', rows: rowsOf(15, 7) });
    const wanted = { features: ['a', 'b'], label: 'failed' };
    const sets = await Promise.all((['training', 'test', 'calibration'] as const).map((role) => node.trainingRows.rowsOf(role, wanted)));
    expect(sets.map(({ length }) => length)).toEqual([10, 5, 7]);
    expect(new Set(sets.flat().map(({ recordDigest }) => recordDigest)).size).toBe(22);
  });
  it.each([
    ['a record that was imported before, for calibration', { datasetId: 'DATA-2', role: 'calibration', rows: rowsOf(9, 2) }, 'training-row-exists'],
    ['a record that was imported before, under the other role', { datasetId: 'DATA-2', role: 'test', rows: rowsOf(9, 2) }, 'training-row-exists'],
    ['a dataset of the same name', { rows: rowsOf(20, 2) }, 'version-conflict'],
  ])('are refused: %s', async (_, own, code) => {
    await importing();
    expect((await importing(own)).code).toBe(code);
  });
  it.each([
    ['a record twice', { rows: [...rowsOf(0, 2), ...rowsOf(1, 1)] }, 'training-data-malformed', 'rows.2.recordId'],
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
    expect((await node.call(operator, 'POST /v1/training-data', { body: { ...body(), signature: node.sign(operator, 'responsibility', 0) } })).code).toBe('role-missing');
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
  it('that were imported count once, in the role they were imported with', async () => {
    await decided('north-1', 'release');
    await importing({ label: OWN_LABEL, features, role: 'test', rows: [{ recordId: 'north-1', label: 1, values: [1, 2] }] });
    expect([(await node.trainingRows.rowsOf('training', { features, label: OWN_LABEL })).length, (await node.trainingRows.rowsOf('test', { features, label: OWN_LABEL })).length]).toEqual([0, 1]);
  });
});

/** The rows a model would be judged by, as they were told before. */
const toldAs = async (what: 'model-evaluations' | 'model-calibrations'): Promise<string> => {
  const { body: told } = await node.call(scientist, `GET /v1/${what}/{artefactSha256}/data`, { path: { artefactSha256: HASH }, query: { label: 'failed' } });
  return typeof told['rowsSha256'] === 'string' ? told['rowsSha256'] : 'cd'.repeat(32);
};

const RULE: DecisionRule = { output: 'early-failure', threshold: 0.5, inputs: [{ name: 'a', unit: '', low: 0, high: 100, mayBeMissing: true }, { name: 'b', unit: '', low: 0, high: 100, mayBeMissing: true }], undecided: { errorRate: 0.1 } };
const countedOf = ({ body: answer }: Answered): Record<string, unknown> => answer['counted'] as Record<string, unknown>;
const kept = () => node.store.load<Record<string, unknown>>({ kind: 'training-data', id: HASH });
const evaluating = (own: object = {}, person = scientist) => node.call(person, 'POST /v1/model-evaluations', { body: { artefactSha256: HASH, label: 'failed', ...OPENED, ...own } });

describe('calibration rows that were told', () => {
  const rows = (count: number, name: string) => Array.from({ length: count }, (_, i) => ({ recordId: `${name}-${i}`, label: i % 3 === 0 ? 1 : 0, values: [i, null], subgroups: ['adult'] }));
  const asking = (rowsSha256: unknown) => node.call(scientist, 'POST /v1/model-calibrations', { body: { artefactSha256: HASH, label: 'failed', bins: 4, rowsSha256 } });
  beforeEach(async () => {
    node.artefacts.set(HASH, FILE);
    await importing({ datasetId: 'FIRST', role: 'calibration', rows: rows(8, 'F') });
  });
  it('are those that are counted, and the event names them', async () => {
    const told = await toldAs('model-calibrations');
    expect(countedOf(await asking(told))['rowsSha256']).toBe(told);
    expect((await kept()).map(({ event }) => event)).toMatchObject([{ rowsSha256: told, rowCount: 8 }]);
  });
  it('are refused by their hash when one was added since, and nothing is counted or on record', async () => {
    const told = await toldAs('model-calibrations');
    await importing({ datasetId: 'SECOND', role: 'calibration', rows: rows(1, 'S') });
    const { code, body } = await asking(told);
    expect([code, body['rowsSha256'], body['rows']]).toEqual(['training-rows-changed', await toldAs('model-calibrations'), 9]);
    expect(await kept()).toEqual([]);
  });
  it('are needed: nothing is counted without them', async () => { expect((await asking(undefined)).body['paths']).toEqual(['body.rowsSha256']); });
  it('have another hash with one subgroup less', async () => {
    const [told] = [await toldAs('model-calibrations')];
    const others = await node.trainingRows.rowsOf('calibration', { features: ['a', 'b'], label: 'failed' });
    expect(rowsHash(others, ['a', 'b'])).toBe(told);
    expect(rowsHash(others.map((row, i) => (i === 0 ? { ...row, subgroups: [] } : row)), ['a', 'b'])).not.toBe(told);
  });
});

describe('a model on a hospital\'s test rows', () => {
  const opening = (rule: Partial<DecisionRule> = {}, own: object = {}) => openTest(node, HASH, 'failed', { ...RULE, ...rule }, { subgroups: ['adult', 'child'].map((id) => ({ id, rule: 'by age' })), ...own });
  beforeEach(async () => {
    node.artefacts.set(HASH, FILE);
    await importing();
    await importing({ datasetId: 'TEST-1', role: 'test', rows: Array.from({ length: 12 }, (_, i) => ({ recordId: `T-${i}`, label: i % 3 === 0 ? 1 : 0, values: [i, null], subgroups: [i < 4 ? 'child' : 'adult'] })) });
  });
  it('is counted by what came true, on test rows alone, signed by the hospital; small subgroups and what would show them are withheld', async () => {
    await opening();
    const answer = await evaluating();
    expect(answer.status).toBe(200);
    // a = 0 … 11: from 5 on it says yes; true are 0, 3, 6, 9.
    expect(countedOf(answer)).toMatchObject({ kind: 'model-test', nodeId: 'north', ...OPENED, records: 12, countedBy: 'sci-1', counts: { truePositive: 2, falsePositive: 5, trueNegative: 3, falseNegative: 2, undecidedPositive: 0, undecidedNegative: 0 }, subgroups: [], withheld: ['adult', 'child'] });
    const statement = answer.body['statement'] as SignedStatement;
    expect(JSON.parse(statement.text)).toEqual(countedOf(answer));
    expect(() => { requireStatement('north', statement, identitiesOf('north')); }).not.toThrow();
    expect((await kept()).map(({ event, actor }) => [event['type'], event['rowCount'], actor.id])).toEqual([['model-test-opened', undefined, 'model-intake'], ['model-evaluated', 12, 'sci-1']]);
    expect((await kept())[1]!.event['answered']).toEqual({ ...OPENED, statementSha256: sha256Hex(statement.text) });
  });
  it('counts rows that name no subgroup by the rules of the plan, as own batches do', async () => {
    node = createNode();
    node.artefacts.set(HASH, FILE);
    await importing({ role: 'test', rows: rowsOf(0, 12).map(({ subgroups: _, ...row }) => row) });
    await opening({}, { subgroups: [{ id: 'low', rule: 'a < 6' }, { id: 'high', rule: 'a >= 6' }, { id: 'other', rule: 'whoever else' }] });
    const { subgroups, withheld } = countedOf(await evaluating()) as { subgroups: readonly { id: string; counts: CaseCounts }[]; withheld: readonly string[] };
    expect([subgroups.map(({ id, counts }) => [id, caseCount(counts)]), withheld]).toEqual([[['low', 6], ['high', 6]], ['other']]);
  });
  it('is scored once: whoever asks again is told what was answered then, though rows came since, and nothing more is on record', async () => {
    await opening();
    const [first] = [await evaluating()];
    await importing({ datasetId: 'TEST-2', role: 'test', rows: [{ recordId: 'T-99', label: 1, values: [1, 1] }] });
    const again = await evaluating({}, reviewer);
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(await kept()).toHaveLength(2);
    await node.datasets.change(HASH, () => [{ type: 'model-test-closed', ...OPENED }], { actor: { kind: 'system', id: 'model-intake', version: '1' } });
    expect((await evaluating()).body).toEqual(first.body);
  });
  it('is not told another answer than was signed for', async () => {
    await opening();
    await evaluating();
    const key = [...node.trainingBucket.objects.keys()].find((each) => each.startsWith('statements/'))!;
    node.trainingBucket.objects.set(key, Buffer.from(Buffer.from(node.trainingBucket.objects.get(key)!).toString('utf8').replace('\\"truePositive\\":2', '\\"truePositive\\":4')));
    expect((await evaluating()).status).toBe(500);
  });
  it.each<readonly [string, object, Parameters<typeof evaluating>[1], object, string]>([
    ['of another version', {}, scientist, { version: 2 }, 'model-test-not-open'], ['of another model', {}, scientist, { modelId: 'other' }, 'model-test-not-open'], ['on other test data', {}, scientist, { testDataId: 'other' }, 'model-test-not-open'],
    ['of another file', {}, scientist, { artefactSha256: 'cd'.repeat(32) }, 'model-test-not-open'], ['by who trains it', { developerIds: ['dev-1', 'sci-1'] }, scientist, {}, 'model-test-not-independent'],
    ['once it is over', { isClosed: true }, scientist, {}, 'model-test-not-open'], ['by who does not test', {}, operator, {}, 'role-missing'], ['on other rows than were registered', { site: { rowsSha256: 'ab'.repeat(32), records: 12, positives: 4 } }, scientist, {}, 'training-rows-changed'],
  ])('is not scored %s, and nothing is on record', async (_, own, person, asked, code) => {
    await opening({}, own);
    expect((await evaluating(asked, person)).code).toBe(code);
    expect((await kept()).map(({ event }) => event['type'])).toEqual(['model-test-opened']);
    expect([...node.trainingBucket.objects.keys()].filter((key) => key.startsWith('statements/'))).toEqual([]);
  });
  it('is not scored where nobody opened its test data, whatever threshold is sent', async () => {
    expect((await evaluating()).code).toBe('model-test-not-open');
    expect((await evaluating({ threshold: 0.1 })).code).toBe('request-malformed');
    expect(await kept()).toEqual([]);
  });
  it('is told what it would be tested on before anybody opens it: the rows of the later test by hash and digest, and nothing is scored', async () => {
    const telling = () => node.call(reviewer, 'GET /v1/model-evaluations/{artefactSha256}/data', { path: { artefactSha256: HASH }, query: { label: 'failed' } });
    const { status, body: told } = await telling();
    expect([status, Object.keys(told).toSorted()]).toEqual([200, ['nodeId', 'positives', 'recordDigests', 'rowsSha256']]);
    expect(await kept()).toEqual([]);
    await opening();
    const counted = countedOf(await evaluating());
    expect([told['nodeId'], told['rowsSha256'], told['positives'], (told['recordDigests'] as string[]).length]).toEqual([counted['nodeId'], counted['rowsSha256'], 4, 12]);
    const training = await node.trainingRows.rowsOf('training', { features: ['a', 'b'], label: 'failed' });
    expect(training.some(({ recordDigest }) => (told['recordDigests'] as string[]).includes(recordDigest))).toBe(false);
    expect((await telling()).body).toEqual(told);
  });
  it.each([
    ['with too few rows', scientist, HASH, 'other', 'training-cohort-too-small'],
    ['of a model nobody has', scientist, 'cd'.repeat(32), 'failed', 'model-not-found'],
    ['by who does not test', operator, HASH, 'failed', 'role-missing'],
  ])('does not tell its test rows %s', async (_, person, artefactSha256, label, code) => {
    expect((await node.call(person, 'GET /v1/model-evaluations/{artefactSha256}/data', { path: { artefactSha256 }, query: { label } })).code).toBe(code);
  });
  it('says nothing where the rule of its plan is undecided: inputs outside its space, or calibration that contradicts the threshold', async () => {
    await opening({ inputs: [{ ...RULE.inputs[0]!, high: 7 }, RULE.inputs[1]!] });
    // a = 8 … 11 lie outside; true is 9.
    expect(countedOf(await evaluating())['counts']).toEqual({ truePositive: 1, falsePositive: 2, trueNegative: 3, falseNegative: 2, undecidedPositive: 1, undecidedNegative: 3 });
    node = createNode();
    node.artefacts.set(HASH, FILE);
    await importing({ role: 'test' });
    // The cases say that nothing up to 0.9 comes true: against a threshold of 0.5, a score of 0.8 is neither.
    await opening({ undecided: { errorRate: 0.1, calibration: { positives: [0, 0, 0, 0, 0, 0, 0, 0, 0, 20], negatives: [2, 2, 2, 2, 2, 2, 2, 2, 4, 0] } } });
    expect(countedOf(await evaluating())['counts']).toEqual({ truePositive: 0, falsePositive: 0, trueNegative: 3, falseNegative: 2, undecidedPositive: 3, undecidedNegative: 2 });
  });
  it('has its inputs and score counted in the ranges of its plan, as reference for drift', async () => {
    const bounds = { unit: '', low: 0, mayBeMissing: true };
    await opening({ inputs: [{ name: 'a', ...bounds, high: 10 }, { name: 'b', ...bounds, high: 1 }] });
    expect(countedOf(await evaluating())['distributions']).toEqual([
      { name: 'a', counts: [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1], missing: 0 }, { name: 'b', counts: new Array(12).fill(0), missing: 12 }, { name: '(score)', counts: [0, 0, 5, 0, 0, 0, 0, 0, 7, 0], missing: 0 },
    ]);
  });
  it.each([[RULE.inputs.slice(0, 1)], [RULE.inputs.toReversed()], [[...RULE.inputs, { ...RULE.inputs[0]!, name: 'c' }]]])('is refused for a plan of other inputs than its file takes', async (inputs) => {
    await opening({ inputs });
    expect((await evaluating()).code).toBe('training-schema-mismatch');
  });
  it('is refused with too few rows, for a model nobody has, and for features they lack', async () => {
    await opening();
    expect((await evaluating({ label: 'other' })).code).toBe('training-cohort-too-small');
    const [gone, other] = ['cd'.repeat(32), 'ee'.repeat(32)];
    node.artefacts.set(other, FILE.replace('"a","b"', '"a","z"'));
    for (const [hash, code] of [[gone, 'model-not-found'], [other, 'training-schema-mismatch']] as const) {
      await openTest(node, hash, 'failed', RULE);
      expect((await evaluating({ artefactSha256: hash })).code).toBe(code);
    }
  });
  it('shows a subgroup of five or more when five or more are outside it, or nobody', () => {
    const rows = Array.from({ length: 10 }, (_, i) => ({ label: i % 2, says: i < 5 ? 'negative' as const : 'positive' as const, subgroups: ['all', i < 5 ? 'low' : 'high', ...(i < 4 ? ['few'] : []), ...(i < 6 ? ['most'] : [])] }));
    const { subgroups, withheld } = evaluate(rows, ['all', 'low', 'high', 'few', 'most', 'none']);
    expect([subgroups.map(({ id }) => id), withheld]).toEqual([['all', 'low', 'high'], ['few', 'most', 'none']]);
  });
});

describe('a model on a hospital\'s calibration rows', () => {
  const asking = async (own: object = {}) => node.call(scientist, 'POST /v1/model-calibrations', { body: { artefactSha256: HASH, label: 'failed', rowsSha256: await toldAs('model-calibrations'), bins: 4, ...own } });
  beforeEach(async () => {
    node.artefacts.set(HASH, FILE);
    await importing({ datasetId: 'TEST-1', role: 'test' });
    await importing({ datasetId: 'CALIBRATION-1', role: 'calibration', rows: Array.from({ length: 12 }, (_, i) => ({ recordId: `C-${i}`, label: i % 3 === 0 ? 1 : 0, values: [i, null] })) });
  });
  it('is counted by equal bins of its score and by what came true, as the registry wants it, and that is on record', async () => {
    const answer = await asking();
    // a = 0 … 11: below 5 it says 0.2, from 5 on 0.8; true are 0, 3, 6, 9.
    expect([answer.status, countedOf(answer)]).toMatchObject([200, { kind: 'model-calibration', records: 12, countedBy: 'sci-1', positives: [2, 0, 0, 2], negatives: [3, 0, 0, 5] }]);
    const statement = answer.body['statement'] as SignedStatement;
    expect(() => { requireStatement('north', statement, identitiesOf('north')); }).not.toThrow();
    expect((await node.store.load<Record<string, unknown>>({ kind: 'training-data', id: HASH })).map(({ event, actor }) => [event['type'], event['rowCount'], event['positives'], actor.id])).toEqual([['model-calibrated', 12, [2, 0, 0, 2], 'sci-1']]);
    expect((await kept())[0]!.event['statementSha256']).toBe(sha256Hex(statement.text));
  });
  it('whose score leaves 0 to 1 by rounding is counted at the end, as a running batch is told', async () => {
    const file = writeXgboostJson({ objective: 'reg:squarederror', baseScore: 0, featureNames: ['a', 'b'], trees: [{ left: [1, -1, -1], right: [2, -1, -1], feature: [0, 0, 0], condition: [5, -1e-7, 1.0000002].map(Math.fround), defaultLeft: [true, false, false], cover: [2, 1, 1], gain: [1, 0, 0], parent: [2147483647, 0, 0] }] });
    node.artefacts.set('ee'.repeat(32), file);
    expect(countedOf(await asking({ artefactSha256: 'ee'.repeat(32) }))).toMatchObject({ positives: [2, 0, 0, 2], negatives: [3, 0, 0, 5] });
  });
  it.each([['with too few rows', { label: 'other' }, 'training-cohort-too-small'], ['of a model nobody has', { artefactSha256: 'cd'.repeat(32) }, 'model-not-found'], ['by one bin', { bins: 1 }, 'request-malformed'], ['by more bins than the few rows bear', { bins: 51 }, 'request-malformed']])('is not counted %s, and nothing is on record', async (_, own, code) => {
    expect((await asking(own)).code).toBe(code);
    expect(await node.store.load({ kind: 'training-data', id: HASH })).toEqual([]);
  });
});

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
    const rowsFor = (inputs: readonly string[], artefactSha256 = HASH) => driftRowsHere({ records, digests: node.trainingRows.digests, operations: node.operations, record: node.store }, driftPlan({ inputs, terms: { modelId: 'm', version: 1, artefactSha256, fromEpochMs: 0, toEpochMs: 1 }, label: 'x', rowLimit: 100 }), 5);
    for (let i = 0; i < 6; i += 1) await said(`north-${i}`, [{}], i < 4 ? 'reject' : undefined);
    const few = await rowsFor(['a', 'b']);
    expect([few.keys.length, [...few.columns[0]!], [...few.columns.at(-1)!].every(Number.isNaN)]).toEqual([6, new Array(6).fill(5), true]);
    expect(few.keys.join()).not.toContain('north');
    await node.operations.put({ pk: 'SUMMARY#BATCH', sk: 'north-4' }, { batchId: 'north-4', disposition: 'release' });
    expect([...(await rowsFor(['a', 'b'])).columns.at(-1)!].filter((kind) => !Number.isNaN(kind)).toSorted()).toEqual([0, 0, 0, 0, 1]);
    expect(await codeOfAsync(() => rowsFor(['b', 'a']))).toBe('training-schema-mismatch');
    expect(await codeOfAsync(() => rowsFor(['a', 'b'], 'cd'.repeat(32)))).toBe('model-not-found');
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
