import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createAuthorizer } from '../../infra/local/services/api-gateway/authorizer.ts';
import { matchRoute, parseRoute } from '../../infra/local/services/api-gateway/routes.ts';
import { CLIENT, startPool } from './support/identity.ts';

describe('an authoriser', () => {
  it('gives the claims as texts, lists in brackets', async () => {
    const { tokens, authorize } = await startPool();
    expect(await authorize(`Bearer ${(await tokens()).IdToken}`)).toMatchObject({ 'cognito:groups': '[quality]', 'custom:node': 'north' });
    expect(await authorize((await tokens()).AccessToken)).toMatchObject({ client_id: CLIENT });
  });

  it('lets nothing pass that is missing, changed, for another client, by another key, or without an end', async () => {
    const { tokens, authorize, issuer } = await startPool();
    const { IdToken } = await tokens();
    const [head, body, signature] = IdToken.split('.') as [string, string, string];
    const forged = Buffer.from(JSON.stringify({ ...decodeJwt(IdToken), 'cognito:groups': ['admin'] })).toString('base64url');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const foreign = await new SignJWT({ aud: CLIENT }).setProtectedHeader({ alg: 'RS256', kid: 'local-1' }).setIssuer(issuer).setExpirationTime('1h').sign(privateKey);
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
    for (const bad of [undefined, '', 'Bearer', `Bearer ${head}.${forged}.${signature}`, `Bearer ${foreign}`, `Bearer ${unsigned}`, 'Bearer not.a.token']) expect(await authorize(bad)).toBeUndefined();
    expect(await createAuthorizer(issuer, ['another-client'])(`Bearer ${IdToken}`)).toBeUndefined();
    expect(await createAuthorizer(issuer.replace('/pool', '/other'), [CLIENT])(`Bearer ${IdToken}`)).toBeUndefined();
  });
});

describe('a route', () => {
  const routes = ['GET /batches', 'GET /batches/{batchId}', 'GET /batches/due', 'POST /batches/{batchId}/dispositions', 'GET /{anything}/{else}', 'GET /tiles/{path+}'].map((key) => parseRoute(key, 'integration', undefined));
  const found = (method: string, path: string) => {
    const matched = matchRoute(routes, method, path);
    return matched === undefined ? undefined : [matched.route.routeKey, matched.pathParameters];
  };

  it.each([
    ['GET', '/batches', ['GET /batches', {}]], ['GET', '/batches/B-7', ['GET /batches/{batchId}', { batchId: 'B-7' }]], ['GET', '/batches/due', ['GET /batches/due', {}]], ['GET', '/batches/B%2F7', ['GET /batches/{batchId}', { batchId: 'B/7' }]],
    ['GET', '/batches/%E0%A4%A', ['GET /batches/{batchId}', { batchId: '%E0%A4%A' }]], ['POST', '/batches/B-7/dispositions', ['POST /batches/{batchId}/dispositions', { batchId: 'B-7' }]], ['GET', '/lots/7', ['GET /{anything}/{else}', { anything: 'lots', else: '7' }]],
    ['GET', '/tiles/0/x001/234', ['GET /tiles/{path+}', { path: '0/x001/234' }]], ['GET', '/tiles/7', ['GET /{anything}/{else}', { anything: 'tiles', else: '7' }]], ['GET', '/tiles/', undefined],
    ['POST', '/batches', undefined], ['GET', '/batches/', undefined], ['GET', '/batches/B-7/dispositions', undefined], ['GET', '/', undefined],
  ])('%s %s', (method, path, expected) => {
    expect(found(method, path)).toEqual(expected);
  });

  it.each(['$default', 'ANY /batches', 'GET /{proxy+}/tail'])('%s, which is not served, is refused', (key) => {
    expect(() => parseRoute(key, 'integration', undefined)).toThrow(key);
  });
});
