import { beforeEach, describe, expect, it } from 'vitest';
import { GOVERNANCE_TABLE } from '../support/model-fixtures.ts';
import type { TestNode } from '../support/node.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';
import { createGovernedBatch, governed, TABLES } from '../support/governed.ts';

const { operator, steward } = PEOPLE;

let node: TestNode;
let batchId: string;
beforeEach(async () => { ({ node, batchId } = await createGovernedBatch()); });
const { tableVersion, draft, moveTable } = governed(() => node, () => batchId);

describe('a governance table', () => {
  it('is written by one person, signed by another, and stands in the record with every version', async () => {
    expect((await draft()).status).toBe(201);
    expect([(await moveTable('approval')).status, (await moveTable('effectiveness')).status]).toEqual([200, 200]);
    expect(await node.ok(operator, `GET ${TABLES}`)).toMatchObject({ items: [{ productId: 'test-product', versions: [{ version: 1, state: 'effective' }] }] });
    expect(await node.ok(operator, `GET ${TABLES}/{productId}`, { path: { productId: 'test-product' } })).toMatchObject({ version: 3, versions: [{ content: GOVERNANCE_TABLE, authorId: steward.id }] });
  });
  it.each<readonly [string, () => Promise<{ code: string | undefined }>, string]>([
    ['by an operator', () => draft(GOVERNANCE_TABLE, operator), 'role-missing'],
    ['with a model that acts by itself', () => draft({ ...GOVERNANCE_TABLE, rows: [{ ...GOVERNANCE_TABLE.rows[1], handling: { kind: 'automatic' } }] }), 'governance-table-malformed'],
    ['approved when there is none', () => moveTable('approval'), 'governance-table-not-found'],
    ['asked for of a product that has none', () => node.call(operator, `GET ${TABLES}/{productId}`, { path: { productId: 'other' } }), 'governance-table-not-found'],
  ])('is refused %s, and nothing is stored', async (_, run, code) => {
    expect((await run()).code).toBe(code);
    expect(await tableVersion()).toBe(0);
  });
  it('is not approved by its author', async () => {
    const both: TestPerson = { ...steward, roles: ['master-data-steward', 'quality-reviewer'] };
    await draft(GOVERNANCE_TABLE, both);
    expect((await moveTable('approval', both)).code).toBe('signature-same-person');
  });
});
