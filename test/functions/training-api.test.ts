import { describe, expect, it } from 'vitest';
import { createControlSite } from '../support/control-site.ts';
import type { TestPerson } from '../support/people.ts';
import { VALID_BODY } from '../support/valid-requests.ts';

const coordinator: TestPerson = { id: 'coo-1', name: 'Ivo Coordinator', roles: ['network-coordinator'] };
const PLAN = { method: 'monitoring', variables: [{ name: 'a', low: 0, high: 1 }, { name: 'b', low: 0, high: 40 }, { name: 'c', low: -1, high: 1 }], label: 'failed', components: 2, rowLimit: 1024 };
const start = (site: ReturnType<typeof createControlSite>, plan: object) => site.call(coordinator, 'POST /v1/trainings', { body: { ...VALID_BODY['startTraining'], plan } });

describe('a training for process monitoring', () => {
  it('is started by its variables and their ranges, and takes one round', async () => {
    const site = createControlSite();
    expect((await start(site, PLAN)).status).toBe(201);
    const { body } = await site.call(coordinator, 'GET /v1/trainings/{runId}', { path: { runId: 'TRN-1' } });
    expect(body).toMatchObject({ rounds: 1, plan: { method: 'monitoring', features: ['a', 'b', 'c'], monitoring: { components: 2, ranges: [{ low: 0, high: 1 }, { low: 0, high: 40 }, { low: -1, high: 1 }] } } });
  });
  it.each([
    ['a range upside down', { variables: [{ name: 'a', low: 1, high: 0 }, ...PLAN.variables.slice(1)] }, 'training-plan-malformed'], ['a variable twice', { variables: [...PLAN.variables, PLAN.variables[0]] }, 'training-plan-malformed'],
    ['as many components as variables', { components: 3 }, 'training-plan-malformed'], ['fields of trees', { depth: 6 }, 'request-malformed'], ['a range without an end', { variables: [{ name: 'a', low: 1 }, ...PLAN.variables.slice(1)] }, 'request-malformed'], ['another method', { method: 'median' }, 'request-malformed'],
  ])('is refused with %s, and nothing is started', async (_, own, code) => {
    const site = createControlSite();
    expect((await start(site, { ...PLAN, ...own })).code).toBe(code);
    expect((await site.call(coordinator, 'GET /v1/trainings', {})).body['items']).toEqual([]);
  });
});

describe.each([['forest', 5], ['boosting', 22]])('a training of trees: %s', (method, rounds) => {
  const RANGES = [{ low: 0, high: 1 }, { low: 0, high: 40 }, { low: -1, high: 1 }];
  const TREES = { method, features: ['a', 'b', 'c'], label: 'failed', seed: 1, treeCount: 20, depth: 3, binLimit: 16, featuresPerNode: 1, minimumLeaf: 1, learningRate: 0.3, regularisation: 1, rowLimit: 1024, splits: 'foreseen', ranges: RANGES };
  it('is started with foreseen splits and ranges, which stand in its plan', async () => {
    const site = createControlSite();
    expect((await start(site, TREES)).status).toBe(201);
    expect((await site.call(coordinator, 'GET /v1/trainings/{runId}', { path: { runId: 'TRN-1' } })).body).toMatchObject({ rounds, plan: { splits: 'foreseen', ranges: RANGES } });
  });
  it.each([['splits of another kind', { splits: 'drawn' }, 'request-malformed'], ['splits that would be counted', { splits: undefined }, 'request-malformed'], ['no ranges', { ranges: undefined }, 'request-malformed'],
    ['a range of a feature less', { ranges: RANGES.slice(1) }, 'training-plan-malformed'], ['a range upside down', { ranges: [{ low: 1, high: 0 }, ...RANGES.slice(1)] }, 'training-plan-malformed'],
  ])('is refused with %s', async (_, own, code) => { expect((await start(createControlSite(), { ...TREES, ...own })).code).toBe(code); });
});

describe('a private training', () => {
  const SECRET = { method: 'private', variables: PLAN.variables, label: 'failed', seed: 1, treeCount: 20, depth: 3, rowLimit: 1024, microEpsilon: 1_000_000, curious: 1 };
  it('is started by its variables, their ranges and its ε, and takes one round', async () => {
    const site = createControlSite();
    expect((await start(site, SECRET)).status).toBe(201);
    const { body } = await site.call(coordinator, 'GET /v1/trainings/{runId}', { path: { runId: 'TRN-1' } });
    expect(body).toMatchObject({ rounds: 1, plan: { method: 'private', features: ['a', 'b', 'c'], private: { microEpsilon: 1_000_000, curious: 1, ranges: [{ low: 0, high: 1 }, { low: 0, high: 40 }, { low: -1, high: 1 }] } } });
  });
  it.each([
    ['a range upside down', { variables: [{ name: 'a', low: 1, high: 0 }] }, 'training-plan-malformed'], ['an ε too small', { microEpsilon: 9999 }, 'request-malformed'], ['nobody curious', { curious: 0 }, 'request-malformed'],
    ['a label that can have no budget', { label: 'failed # late' }, 'request-malformed'], ['more trees than it may have', { treeCount: 201 }, 'request-malformed'],
  ])('is refused with %s', async (_, own, code) => { expect((await start(createControlSite(), { ...SECRET, ...own })).code).toBe(code); });
});

describe('a training whose sums could overflow', () => {
  it('is refused by the field when it is planned, with what is possible, and nothing is started', async () => {
    const site = createControlSite();
    site.directory.splice(0, Infinity, ...Array.from({ length: 135 }, (_, i) => `site-${i}`));
    const plan = (rowLimit: number, invited: number) => site.call(coordinator, 'POST /v1/trainings', { body: { ...VALID_BODY['startTraining'], plan: { ...PLAN, rowLimit }, invited: site.directory.slice(0, invited) } });
    expect((await plan(1_000_000, 135)).body).toMatchObject({ type: '/problems/training-sum-overflow', field: 'rowLimit', sites: 135, most: 994_205 });
    expect([(await site.call(coordinator, 'GET /v1/trainings', {})).body['items'], site.workflows]).toEqual([[], []]);
    expect((await plan(994_205, 135)).status).toBe(201);
  });
});

describe('a training under a name', () => {
  it('that no workflow may have is refused before it is on record', async () => {
    const site = createControlSite();
    expect((await site.call(coordinator, 'POST /v1/trainings', { body: { ...VALID_BODY['startTraining'], plan: PLAN, runId: 'TRN-*' } })).body).toMatchObject({ status: 400, paths: ['body.runId'] });
    expect([(await site.call(coordinator, 'GET /v1/trainings', {})).body['items'], site.workflows]).toEqual([[], []]);
  });
});
