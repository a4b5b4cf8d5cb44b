import { beforeEach, describe, expect, it } from 'vitest';
import type { OpeningHere } from '../../shared/model-registry/test-opening.ts';
import type { Answered } from '../support/api.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { OPENED, openingOf } from '../support/test-openings.ts';
import { countedOf, FILE, HASH, importOf, pastBatches, rowsFrom, RULE } from '../support/training-data.ts';

/** Another file, of the same inputs. */
const OTHER = 'ee'.repeat(32);
const INTAKE = { kind: 'system', id: 'model-intake', version: '1' } as const;
let node: TestNode;
const { importing, kept, evaluating } = pastBatches(() => node);
const told = (rows: string, artefactSha256 = HASH, label = 'failed') => node.call(PEOPLE.scientist, 'GET /v1/model-evaluations/{artefactSha256}/data', { path: { artefactSha256 }, query: { label, rows } });
const opening = (own: Partial<OpeningHere> = {}, artefactSha256 = HASH) => openingOf(node, artefactSha256, 'failed', RULE, own);
const open = (each: OpeningHere) => node.datasets.change(each.artefactSha256, () => [{ type: 'model-test-opened', ...each }], { actor: INTAKE });
const close = (artefactSha256 = HASH) => node.datasets.change(artefactSha256, () => [{ type: 'model-test-closed', ...OPENED }], { actor: INTAKE });
const more = (from: number, count: number, datasetId: string) => importing({ datasetId, role: 'test', rows: rowsFrom(from, count) });
const digestsOf = ({ body }: Answered): readonly string[] => body['recordDigests'] as readonly string[];
const siteOf = ({ body }: Answered): OpeningHere['site'] => ({ rowsSha256: String(body['rowsSha256']), records: (body['recordDigests'] as readonly string[]).length, positives: Number(body['positives']) });
const evaluations = async () => (await kept()).filter(({ event }) => event['type'] === 'model-evaluated').length;

beforeEach(async () => {
  node = createNode();
  for (const hash of [HASH, OTHER]) node.artefacts.set(hash, FILE);
  await importing({ ...importOf(), role: 'test' });
});

describe('test rows', () => {
  it('are scored once for a version: on other test data it is told where its answer is', async () => {
    await open(await opening());
    await open(await opening({ testDataId: 'again' }));
    const first = await evaluating();
    const second = await evaluating({ testDataId: 'again' });
    expect([first.status, second.status, second.code, second.body['testDataId']]).toEqual([200, 409, 'model-test-answered', OPENED.testDataId]);
    expect([(await evaluating()).body, await evaluations()]).toEqual([first.body, 1]);
  });
  it('are scored once for a version, though there are more of them in the second test data', async () => {
    await open(await opening());
    await evaluating();
    await more(10, 5, 'TEST-2');
    await open(await opening({ testDataId: 'again' }));
    expect([(await evaluating({ testDataId: 'again' })).code, await evaluations()]).toEqual(['model-test-answered', 1]);
  });
  it('are answered for once when both are asked for in one moment', async () => {
    await open(await opening());
    await open(await opening({ testDataId: 'again' }));
    const answers = await Promise.all([evaluating(), evaluating({ testDataId: 'again' })]);
    expect([answers.map(({ status }) => status).toSorted(), await evaluations()]).toEqual([[200, 409], 1]);
  });
  it('that changed after the first were registered are scored as they were told anew', async () => {
    await open(await opening({ site: { rowsSha256: 'ab'.repeat(32), records: 10, positives: 5 } }));
    expect((await evaluating()).code).toBe('training-rows-changed');
    await open(await opening({ testDataId: 'anew' }));
    expect([(await evaluating({ testDataId: 'anew' })).status, (await evaluating()).code, await evaluations()]).toEqual([200, 'model-test-answered', 1]);
  });
  it('are scored for another version of the same file, where the control site opened them for it', async () => {
    await open(await opening());
    await open(await opening({ version: 2 }));
    expect([(await evaluating()).status, (await evaluating({ version: 2 })).status, await evaluations()]).toEqual([200, 200, 2]);
  });
  it('are those that were told, though a batch came since', async () => {
    await open(await opening());
    await more(10, 5, 'TEST-2');
    expect(countedOf(await evaluating())).toMatchObject({ records: 10 });
  });
});

describe('test rows nobody has seen', () => {
  it('are told without those that were opened for another file, scored or not, and scored as they were told', async () => {
    await open(await opening());
    await more(10, 6, 'TEST-2');
    const [all, unseen] = [await told('all', OTHER), await told('unseen', OTHER)];
    expect([digestsOf(all).length, digestsOf(unseen).length]).toEqual([16, 6]);
    await open(await opening({ site: siteOf(unseen) }, OTHER));
    expect(countedOf(await evaluating({ artefactSha256: OTHER }))).toMatchObject({ records: 6, rowsSha256: unseen.body['rowsSha256'] });
  });
  it('are all of them while nothing was opened, whatever was told', async () => {
    const all = await told('all', OTHER);
    expect((await told('unseen')).body).toMatchObject({ rowsSha256: all.body['rowsSha256'] });
  });
  it('hold those of a test of the same file that is not over, which are the version\'s own; once it is over they were seen', async () => {
    await open(await opening());
    await more(10, 6, 'TEST-2');
    expect(digestsOf(await told('unseen'))).toHaveLength(16);
    await close();
    expect(digestsOf(await told('unseen'))).toHaveLength(6);
  });
  it('are not told where they are too few to count over', async () => {
    await open(await opening());
    await more(10, 4, 'TEST-2');
    expect((await told('unseen', OTHER)).code).toBe('training-cohort-too-small');
  });
});

describe('test rows that were told', () => {
  it('are told again by their hash, as they were, in the hospital\'s words of then', async () => {
    const first = await told('all');
    await more(10, 5, 'TEST-2');
    expect((await told('all')).body['rowsSha256']).not.toBe(first.body['rowsSha256']);
    expect((await told(String(first.body['rowsSha256']))).body).toEqual(first.body);
  });
  it.each([['of no hash that was told', 'cd'.repeat(32), HASH, 'failed'], ['for another model', undefined, OTHER, 'failed'], ['for another label', undefined, HASH, 'other']])('are not told again %s', async (_, hash, artefactSha256, label) => {
    const rows = hash ?? String((await told('all')).body['rowsSha256']);
    expect((await told(rows, artefactSha256, label)).code).toBe('register-entry-not-found');
  });
  it.each(['some', 'AB'.repeat(32)])('are asked for in no other words: %s', async (rows) => { expect((await told(rows)).code).toBe('request-malformed'); });
});
