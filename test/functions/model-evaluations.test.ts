import { beforeEach, describe, expect, it } from 'vitest';
import { evaluate } from '../../shared/training-data/evaluation.ts';
import { requireStatement, type SignedStatement } from '../../models/federated/secure/statement.ts';
import { caseCount, type CaseCounts } from '../../shared/model-registry/test-report.ts';
import type { DecisionRule } from '../../shared/model-registry/may-run.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { identitiesOf } from '../support/statements.ts';
import { OPENED, openTest } from '../support/test-openings.ts';
import { countedOf, FILE, HASH, pastBatches, rowsFrom, RULE } from '../support/training-data.ts';

const { scientist, reviewer, operator } = PEOPLE;
let node: TestNode;
beforeEach(() => { node = createNode(); });
const { importing, telling, kept, evaluating } = pastBatches(() => node);

describe('a model on a hospital\'s test rows', () => {
  const opening = (rule: Partial<DecisionRule> = {}, own: object = {}) => openTest(node, HASH, 'failed', { ...RULE, ...rule }, { subgroups: ['adult', 'child'].map((id) => ({ id, rule: 'by age' })), ...own });
  const signedTests = () => [...node.trainingBucket.objects].filter(([key, bytes]) => key.startsWith('statements/') && Buffer.from(bytes).includes('model-test')).map(([key]) => key);
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
    await importing({ role: 'test', rows: rowsFrom(0, 12).map(({ subgroups: _, ...row }) => row) });
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
    const key = signedTests()[0]!;
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
    expect(signedTests()).toEqual([]);
  });
  it('is not scored where nobody opened its test data, whatever threshold is sent', async () => {
    expect((await evaluating()).code).toBe('model-test-not-open');
    expect((await evaluating({ threshold: 0.1 })).code).toBe('request-malformed');
    expect(await kept()).toEqual([]);
  });
  it('is told what it would be tested on before anybody opens it: the rows of the later test by hash and digest, and nothing is scored', async () => {
    const { status, body: told } = await telling('model-evaluations', reviewer);
    expect([status, Object.keys(told).toSorted()]).toEqual([200, ['nodeId', 'positives', 'recordDigests', 'rowsSha256', 'statement']]);
    expect(await kept()).toEqual([]);
    await opening();
    const counted = countedOf(await evaluating());
    expect([told['nodeId'], told['rowsSha256'], told['positives'], (told['recordDigests'] as string[]).length]).toEqual([counted['nodeId'], counted['rowsSha256'], 4, 12]);
    const training = await node.trainingRows.rowsOf('training', { features: ['a', 'b'], label: 'failed' });
    expect(training.some(({ recordDigest }) => (told['recordDigests'] as string[]).includes(recordDigest))).toBe(false);
    expect((await telling('model-evaluations', reviewer)).body).toEqual(told);
  });
  it('is told them signed by the hospital, on record by hash, once however often it is asked', async () => {
    const { body: told } = await telling('model-evaluations');
    await telling('model-evaluations', reviewer);
    const statement = told['statement'] as SignedStatement;
    expect(() => { requireStatement('north', statement, identitiesOf('north')); }).not.toThrow();
    expect(JSON.parse(statement.text)).toEqual({ kind: 'model-data', nodeId: 'north', role: 'test', label: 'failed', rowsSha256: told['rowsSha256'], recordDigests: told['recordDigests'], positives: 4 });
    expect((await node.store.load({ kind: 'training-data', id: HASH })).map(({ event }) => event)).toEqual([{ type: 'model-data-told', artefactSha256: HASH, role: 'test', label: 'failed', rowsSha256: told['rowsSha256'], rowCount: 12, statementSha256: sha256Hex(statement.text) }]);
  });
  it.each([
    ['with too few rows', scientist, HASH, 'other', 'training-cohort-too-small'],
    ['of a model nobody has', scientist, 'cd'.repeat(32), 'failed', 'model-not-found'],
    ['by who does not test', operator, HASH, 'failed', 'role-missing'],
  ])('does not tell its test rows %s', async (_, person, artefactSha256, label, code) => {
    expect((await telling('model-evaluations', person, artefactSha256, label)).code).toBe(code);
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
  it('is counted over as many rows as the hospital asks for by its file: subgroups below are withheld, and fewer rows are not counted at all', async () => {
    await opening({}, { subgroups: [{ id: 'adult', rule: 'by age' }] });
    node.rule.leastCohort = 13;
    expect((await evaluating()).code).toBe('training-cohort-too-small');
    node.rule.leastCohort = 8;
    expect(countedOf(await evaluating())).toMatchObject({ records: 12, subgroups: [], withheld: ['adult'] });
  });
  it('shows a subgroup of five or more when five or more are outside it, or nobody', () => {
    const rows = Array.from({ length: 10 }, (_, i) => ({ label: i % 2, says: i < 5 ? 'negative' as const : 'positive' as const, subgroups: ['all', i < 5 ? 'low' : 'high', ...(i < 4 ? ['few'] : []), ...(i < 6 ? ['most'] : [])] }));
    const { subgroups, withheld } = evaluate(rows, ['all', 'low', 'high', 'few', 'most', 'none'], 5);
    expect([subgroups.map(({ id }) => id), withheld]).toEqual([['all', 'low', 'high'], ['few', 'most', 'none']]);
  });
});
