import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { signIn } from '../../../scripts/client/api-client.ts';
import { signInAs } from '../../../scripts/example/seed-network.ts';
import { statusOf, type RunningNetwork } from '../running-network.ts';

export const interfaces = (network: RunningNetwork): void => {
  describe('interfaces', () => {
    it('refuse a missing token, another hospital\'s token and a token of the control site', async () => {
      const get = async (token?: string): Promise<number> => (await fetch(`${network.north.apiUrl}/v1/batches`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })).status;
      expect(await get()).toBe(401);
      const unasked = await fetch(`${network.north.apiUrl}/v1/batches`);
      // As the document says: API Gateway answers by itself, in a form of its own.
      expect([unasked.headers.get('content-type'), await unasked.json()]).toEqual([expect.stringMatching(/^application\/json/), { message: 'Unauthorized' }]);
      expect(await get(await signIn(network.endpoints.nodes['hill']!, network.north.logins[0]!))).toBe(401);
      expect(await get(await signIn(network.endpoints.network, network.endpoints.network.logins[0]!))).toBe(401);
      expect(await get(await signIn(network.north, network.north.logins[0]!))).toBe(200);
    });
    it('refuse a regulator every write', async () => {
      const regulator = await signInAs(network.north, 'regulator');
      for (const path of ['/v1/batches', '/v1/chains-of-identity', '/v1/materials', '/v1/equipment', '/v1/people']) expect((await regulator.request('POST', path, {})).status).toBe(403);
    });
    it.each([
      ['a wrong type', { productId: 7 }, 400, 'body.productId'], ['an extra field', { productId: 'cd19-car-t', extra: 1 }, 400, 'extra'], ['nothing', {}, 400, 'body.productId'], ['an oversize body', { productId: 'x'.repeat(70_000) }, 413, 'bytes'],
    ])('answer %s with a problem that names it, and store nothing', async (_, body, status, named) => {
      const answer = await (await signInAs(network.north, 'operator.one')).request('POST', '/v1/chains-of-identity', body);
      expect(answer.status).toBe(status);
      expect(JSON.stringify(answer.body)).toContain(named);
    });
    it('give the first answer again to the same idempotency key, and refuse it for another request', async () => {
      const operator = await signInAs(network.north, 'operator.one');
      const first = await operator.post('/v1/chains-of-identity', { productId: 'cd19-car-t' }, 'e2e-key-0001');
      expect(await operator.post('/v1/chains-of-identity', { productId: 'cd19-car-t' }, 'e2e-key-0001')).toMatchObject({ id: first['id'] });
      expect(await statusOf(() => operator.post('/v1/chains-of-identity', { productId: 'other' }, 'e2e-key-0001'))).toBe(409);
      expect((await fetch(`${network.north.apiUrl}/v1/chains-of-identity`, { method: 'POST', body: '{', headers: { authorization: `Bearer ${await signIn(network.north, network.north.logins[0]!)}`, 'idempotency-key': 'e2e-key-0002' } })).status).toBe(400);
    });
    it('answer as their OpenAPI document says', async () => {
      const document = (await (await fetch(`${network.north.apiUrl}/openapi.json`)).json()) as { openapi: string; paths: Record<string, Record<string, { responses: Record<string, { content: Record<string, { schema: object }> }> }>> };
      expect(document.openapi).toBe('3.1.0');
      const ajv = addFormats.default(new Ajv2020.default({ strict: false }));
      const [operator, regulator] = [await signInAs(network.north, 'operator.one'), await signInAs(network.north, 'regulator')];
      for (const [route, path, person] of [['/v1/batches', '/v1/batches', regulator], ['/v1/materials', '/v1/materials', operator], ['/v1/equipment', '/v1/equipment', operator], ['/v1/people', '/v1/people', operator], ['/v1/work', '/v1/work?role=operator', operator]] as const) {
        const validate = ajv.compile(document.paths[route]!['get']!.responses['200']!.content['application/json']!.schema);
        expect(validate(await person.get(path)), `${route}: ${JSON.stringify(validate.errors)}`).toBe(true);
      }
    });
  });
};
