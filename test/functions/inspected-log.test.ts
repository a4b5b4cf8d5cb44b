import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CONTRACTS } from '../../functions/api-document/documents.ts';
import type { AnyContract } from '../../functions/_platform/contract.ts';
import { NODE_ROUTES } from '../../shared/api/routes.ts';
import { formatVerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { GENESIS_HASH } from '../../shared/record/envelope.ts';
import type { Answered, Asked } from '../support/api.ts';
import { advance, createJourney, equip, registerSigners } from '../support/journey.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { sequenced } from '../support/sequence.ts';
import { whileSiteServed } from '../support/served-site.ts';
import { whileListening } from '../support/while-listening.ts';
import { runVerify } from '../support/verify/run.ts';

const { regulator } = PEOPLE;
const OPERATIONS = { '/v1/log': ['readLogKey', 'readCheckpoint', 'readTile', 'readConsistency'], '/v1/audit/log': ['inspectLogKey', 'inspectCheckpoint', 'inspectTile', 'inspectConsistency'] } as const;
const asked = (base: string, size: number): readonly (readonly [string, Asked])[] => [
  [`GET ${base}/key`, {}], [`GET ${base}/checkpoint`, {}], [`GET ${base}/tile/{path+}`, { path: { path: `entries/000.p/${size}` } }], [`GET ${base}/tile/{path+}`, { path: { path: '0/999' } }],
  [`GET ${base}/consistency`, { query: { from: '3' } }], [`GET ${base}/consistency`, { query: { from: '3', to: '1' } }],
];

let node: TestNode;
let size: number;
beforeAll(async () => {
  node = createNode();
  await registerSigners(node);
  await equip(node);
  await advance(await createJourney(node), 'culturing');
  ({ size } = await sequenced(node));
});

describe.each(['/v1/log', '/v1/audit/log'] as const)('the log of a hospital under %s', (base) => {
  const answers = async (at: string = base) => {
    const all: Answered[] = [];
    for (const [route, each] of asked(at, size)) all.push(await node.call(regulator, route, each));
    return all.map(({ status, code, file, body }) => ({ status, code, file: file?.toString('base64'), body: { ...body, instance: '' } }));
  };
  it('is what the offline verifier reads, given the address and nothing else', async () => {
    const { code, out } = await whileSiteServed(node, NODE_ROUTES, regulator, (address) => runVerify([`${address}${base}`, '--key', formatVerifierKey(node.log.key), '--json'], node.time.epochMs));
    expect([code, JSON.parse(out)]).toMatchObject([0, { ok: true, authenticityChecked: true, size, entries: size, damages: [] }]);
  });
  it('answers as under the other address, refusals too', async () => {
    const here = await answers();
    expect(here.map(({ status }) => status)).toEqual([200, 200, 200, 404, 200, 400]);
    expect(here).toEqual(await answers(base === '/v1/log' ? '/v1/audit/log' : '/v1/log'));
  });
  it('has each read on record, by its own name and address', async () => {
    const before = node.reads.length;
    await answers();
    const [key, checkpoint, tile, consistency] = OPERATIONS[base];
    expect(node.reads.slice(before).map(({ operation, outcome, grantIds }) => [operation, outcome, grantIds])).toEqual([
      [key, 'answered', ['GRANT-1']], [checkpoint, 'answered', ['GRANT-1']], [tile, 'answered', ['GRANT-1']], [tile, 'log-entry-not-found', ['GRANT-1']], [consistency, 'answered', ['GRANT-1']], [consistency, 'request-malformed', ['GRANT-1']],
    ]);
    expect(node.reads.slice(before).map(({ target }) => target)).toContain(`GET ${base}/tile/entries/000.p/${size}`);
  });
});

describe('an entry bundle that is larger than one answer', () => {
  /** As large as events that name telemetry are. */
  const NOTE = 'n'.repeat(20_000);
  const EVERYTHING = { grantId: 'GRANT-1', login: 'reg-1', from: '2020-01-01T00:00:00Z', until: '2040-01-01T00:00:00Z' };
  let large: TestNode;
  beforeAll(async () => {
    large = createNode();
    for (let pump = 0; pump < 26; pump += 1) {
      const events = Array.from({ length: 10 }, (_, n) => ({ type: 'noted', n, note: NOTE }));
      await large.store.write(large.store.plan({ stream: { kind: 'equipment', id: `PUMP-${pump}` }, expectedVersion: 0, previousHash: GENESIS_HASH, previousRecordedAt: undefined, events, actor: { kind: 'system', id: 'test', version: '1' } }), []);
    }
    await sequenced(large);
  });
  it('is answered by where it is, and what is not so large by itself', async () => {
    const { status, headers, body } = await large.call(regulator, 'GET /v1/log/tile/{path+}', { path: { path: 'entries/000' } });
    expect([status, headers['location'], body]).toMatchObject([303, 'https://log.invalid/tile/entries/000', { url: 'https://log.invalid/tile/entries/000', bytes: large.log.objects.objects.get('tile/entries/000')!.length }]);
    for (const path of ['0/000', 'entries/001.p/4']) expect((await large.call(regulator, 'GET /v1/log/tile/{path+}', { path: { path } })).status).toBe(200);
    large.grant({ grantId: 'GRANT-2', login: 'reg-1', productIds: ['test-product'], from: '2020-01-01T00:00:00Z', until: '2040-01-01T00:00:00Z' });
    expect((await large.call(regulator, 'GET /v1/log/tile/{path+}', { path: { path: 'entries/000' } })).code).toBe('log-entry-not-found');
    large.grant(EVERYTHING);
  });
  it('is fetched by the offline verifier like any other, without its token', async () => {
    const tokens: unknown[] = [];
    process.env['BEDSIDE_TOKEN'] = 'secret';
    onTestFinished(() => { delete process.env['BEDSIDE_TOKEN']; });
    const { code, out } = await whileListening(({ url = '', headers }, response) => {
      tokens.push(headers.authorization);
      response.end(large.log.objects.objects.get(url.slice(1)));
    }, (bucket) => whileSiteServed({ call: async (...asking) => {
      const { headers, ...answer } = await large.call(...asking);
      return { ...answer, headers: { ...headers, ...('location' in headers ? { location: String(headers['location']).replace('https://log.invalid', bucket) } : {}) } };
    } }, NODE_ROUTES, regulator, (address) => runVerify([`${address}/v1/audit/log`, '--key', formatVerifierKey(large.log.key), '--json'], large.time.epochMs)));
    expect([code, JSON.parse(out), tokens]).toMatchObject([0, { ok: true, size: 260, entries: 260 }, [undefined]]);
  });
});

describe.each(['node', 'network'] as const)('the document of a %s', (site) => {
  const contracts: readonly AnyContract[] = CONTRACTS[site];
  it('has every route of the log below /v1/audit too, for the same people, and each under a name of its own', () => {
    const log = contracts.filter(({ route }) => route.startsWith('/v1/log/'));
    expect(log).toHaveLength(4);
    for (const { operation, route, ...rest } of log) {
      const inspected = contracts.find((each) => each.route === route.replace('/v1/', '/v1/audit/'));
      expect(inspected).toEqual({ ...rest, operation: expect.not.stringMatching(operation) as unknown, route: expect.any(String) as unknown });
    }
    expect(new Set(contracts.map(({ operation }) => operation)).size).toBe(contracts.length);
  });
});
