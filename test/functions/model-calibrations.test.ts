import { beforeEach, describe, expect, it } from 'vitest';
import { rowsHash } from '../../functions/_platform/training-rows.ts';
import { requireStatement, type SignedStatement } from '../../models/federated/secure/statement.ts';
import { writeXgboostJson } from '../../models/forest/xgboost-json.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { identitiesOf } from '../support/statements.ts';
import { countedOf, FILE, HASH, pastBatches } from '../support/training-data.ts';

const { scientist } = PEOPLE;
let node: TestNode;
beforeEach(() => { node = createNode(); });
const { importing, telling, kept } = pastBatches(() => node);
/** The rows a model would be calibrated by, as they were told before. */
const toldRows = async (): Promise<string> => {
  const { body } = await telling('model-calibrations');
  return typeof body['rowsSha256'] === 'string' ? body['rowsSha256'] : 'cd'.repeat(32);
};

describe('calibration rows that were told', () => {
  const rows = (count: number, name: string) => Array.from({ length: count }, (_, i) => ({ recordId: `${name}-${i}`, label: i % 3 === 0 ? 1 : 0, values: [i, null], subgroups: ['adult'] }));
  const asking = (rowsSha256: unknown) => node.call(scientist, 'POST /v1/model-calibrations', { body: { artefactSha256: HASH, label: 'failed', bins: 4, rowsSha256 } });
  beforeEach(async () => {
    node.artefacts.set(HASH, FILE);
    await importing({ datasetId: 'FIRST', role: 'calibration', rows: rows(8, 'F') });
  });
  it('are those that are counted, and the event names them', async () => {
    const told = await toldRows();
    expect(countedOf(await asking(told))['rowsSha256']).toBe(told);
    expect((await kept()).map(({ event }) => event)).toMatchObject([{ rowsSha256: told, rowCount: 8 }]);
  });
  it('are refused by their hash when one was added since, and nothing is counted or on record', async () => {
    const told = await toldRows();
    await importing({ datasetId: 'SECOND', role: 'calibration', rows: rows(1, 'S') });
    const { code, body } = await asking(told);
    expect([code, body['rowsSha256'], body['rows']]).toEqual(['training-rows-changed', await toldRows(), 9]);
    expect(await kept()).toEqual([]);
  });
  it('are needed: nothing is counted without them', async () => { expect((await asking(undefined)).body['paths']).toEqual(['body.rowsSha256']); });
  it('have another hash with one subgroup less', async () => {
    const [told] = [await toldRows()];
    const others = await node.trainingRows.rowsOf('calibration', { features: ['a', 'b'], label: 'failed' });
    expect(rowsHash(others, ['a', 'b'])).toBe(told);
    expect(rowsHash(others.map((row, i) => (i === 0 ? { ...row, subgroups: [] } : row)), ['a', 'b'])).not.toBe(told);
  });
});

describe('a model on a hospital\'s calibration rows', () => {
  const asking = async (own: object = {}) => node.call(scientist, 'POST /v1/model-calibrations', { body: { artefactSha256: HASH, label: 'failed', rowsSha256: await toldRows(), bins: 4, ...own } });
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
    expect((await kept()).map(({ event, actor }) => [event['type'], event['rowCount'], event['positives'], actor.id])).toEqual([['model-calibrated', 12, [2, 0, 0, 2], 'sci-1']]);
    expect((await kept())[0]!.event['statementSha256']).toBe(sha256Hex(statement.text));
  });
  it('whose score leaves 0 to 1 by rounding is counted at the end, as a running batch is told', async () => {
    const file = writeXgboostJson({ objective: 'reg:squarederror', baseScore: 0, featureNames: ['a', 'b'], trees: [{ left: [1, -1, -1], right: [2, -1, -1], feature: [0, 0, 0], condition: [5, -1e-7, 1.0000002].map(Math.fround), defaultLeft: [true, false, false], cover: [2, 1, 1], gain: [1, 0, 0], parent: [2147483647, 0, 0] }] });
    node.artefacts.set('ee'.repeat(32), file);
    expect(countedOf(await asking({ artefactSha256: 'ee'.repeat(32) }))).toMatchObject({ positives: [2, 0, 0, 2], negatives: [3, 0, 0, 5] });
  });
  it.each([['with too few rows', { label: 'other' }, 'training-cohort-too-small'], ['of a model nobody has', { artefactSha256: 'cd'.repeat(32) }, 'model-not-found'], ['by one bin', { bins: 1 }, 'request-malformed'], ['by more bins than the few rows bear', { bins: 51 }, 'request-malformed']])('is not counted %s, and nothing is on record', async (_, own, code) => {
    expect((await asking(own)).code).toBe(code);
    expect(await kept()).toEqual([]);
  });
});
