import { describe, expect, it } from 'vitest';
import { CONTENT } from '../support/batch-fixtures.ts';
import type { TestNode } from '../support/node.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';
import { OTHER, onlyFirst, type Query, makeNode } from '../support/granted-products.ts';

const { regulator, scientist } = PEOPLE;

describe('the models of a hospital', () => {
  const asked = async (node: TestNode, person: TestPerson = regulator, query: Query = {}) => ((await node.call(person, 'GET /v1/audit/models', { query })).body['items'] as readonly Readonly<{ modelId: string }>[]);
  it('are shown with every change that was taken, of the products that are covered only', async () => {
    const { node } = await makeNode([]);
    expect((await asked(node)).map(({ modelId }) => modelId)).toEqual(['first-model', 'other-model', 'z-model']);
    expect((await asked(node, scientist, { productId: OTHER.productId })).map(({ modelId }) => modelId)).toEqual(['other-model']);
    node.grant(onlyFirst);
    const [first, ...rest] = await asked(node);
    const version = { version: 1, output: 'early-failure', artefactSha256: 'a'.repeat(64) };
    expect(rest.map(({ modelId }) => modelId)).toEqual(['z-model']);
    expect(first).toMatchObject({ modelId: 'first-model', productId: CONTENT.productId, version: 2, versions: [{ ...version, state: 'suspended' }], events: [{ ...version, recordVersion: 1, state: 'active' }, { ...version, recordVersion: 2, state: 'suspended' }] });
    expect(node.reads.at(-1)).toMatchObject({ operation: 'inspectModels', outcome: 'answered', itemCount: 2, grantIds: ['ONE-PRODUCT'] });
  });
});

describe('what models may lead to, and trainings,', () => {
  const asked = async (node: TestNode, what: string, query: Query = {}) => ((await node.call(regulator, `GET /v1/audit/${what}`, { query })).body['items'] as readonly Readonly<Record<string, unknown>>[]);
  it('are shown with every event: who signed which version of a table, of the products that are covered only', async () => {
    const { node } = await makeNode([]);
    expect(await asked(node, 'governance-tables')).toHaveLength(2);
    node.grant(onlyFirst);
    const tables = await asked(node, 'governance-tables');
    expect(tables).toMatchObject([{ productId: CONTENT.productId, version: 2, events: [{ event: { type: 'governance-table-drafted', signature: { signerId: 'sci-1' } } }, { event: { type: 'governance-table-approved', signature: { signerId: 'qa-1', meaning: 'approval' } } }] }]);
    expect(node.reads.at(-1)).toMatchObject({ operation: 'inspectGovernanceTables', outcome: 'answered', itemCount: 1, grantIds: ['ONE-PRODUCT'] });
  });
  it('are shown as they were asked, refused and declined, by hash, to a grant for everything; to one for a product they are not there', async () => {
    const { node } = await makeNode([]);
    expect((await asked(node, 'trainings')).map(({ event }) => event)).toMatchObject([{ type: 'training-invited', receivedSha256: 'a'.repeat(64) }, { type: 'training-refused', code: 'training-cohort-too-small', sentSha256: 'b'.repeat(64) }, { type: 'training-declined', reason: 'not now', signature: { signerId: 'qa-1' } }]);
    expect(await asked(node, 'trainings', { runId: 'TRN-2' })).toHaveLength(1);
    const { body } = await node.call(regulator, 'GET /v1/audit/trainings', { query: { runId: 'TRN-1', limit: '1' } });
    expect((await node.call(regulator, 'GET /v1/audit/trainings', { query: { runId: 'TRN-1', limit: '1', cursor: String(body['nextCursor']) } })).body).toMatchObject({ items: [{ event: { type: 'training-refused' } }] });
    node.grant(onlyFirst);
    expect(await asked(node, 'trainings')).toEqual([]);
    expect(node.reads.at(-1)).toMatchObject({ operation: 'inspectTrainings', outcome: 'answered', itemCount: 0 });
  });
});
