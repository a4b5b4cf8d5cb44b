import type { APIGatewayProxyEventV2WithJWTAuthorizer, Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { callerOf, rolesOf } from '../../../functions/_platform/caller.ts';
import { contract, endpoint } from '../../../functions/_platform/contract.ts';
import { Empty } from '../../../functions/_platform/fields.ts';
import { http } from '../../../functions/_platform/http.ts';
import { MAXIMUM_BODY_BYTES } from '../../../functions/_platform/parse-request.ts';
import { createHandler as createDocument } from '../../../functions/api-document/handler.ts';
import { documentOf } from '../../../functions/api-document/documents.ts';
import { NETWORK_ROUTES, NODE_ROUTES } from '../../../shared/api/routes.ts';
import { DomainError } from '../../../shared/errors.ts';
import { apiEvent } from '../../support/api.ts';
import { codeOf } from '../../support/error-code.ts';
import { PEOPLE } from '../../support/people.ts';

const { operator, regulator } = PEOPLE;
const Note = contract({ operation: 'note', method: 'POST', route: '/v1/notes/{noteId}', summary: 'x', roles: ['operator'], path: z.strictObject({ noteId: z.string() }), query: Empty, body: z.strictObject({ text: z.string() }), answer: z.unknown() });

const ask = async (event: APIGatewayProxyEventV2WithJWTAuthorizer, run: (text: string) => unknown = (text) => ({ text })) => {
  const { statusCode, headers = {}, body = '' } = await http([endpoint(Note, ({ body: { text } }) => Promise.resolve().then(() => run(text)))])(event, { awsRequestId: 'r-1' } as Context);
  return { status: statusCode, headers, body: JSON.parse(body) as Record<string, unknown> };
};
const note = (text: string, own: object = {}) => ({ ...apiEvent(operator, 'POST /v1/notes/{noteId}', { path: { noteId: 'n-1' }, text }), ...own });

describe('the one way in', () => {
  it('answers what was asked, and lets nobody keep or guess it', async () => {
    expect(await ask(note('{"text":"a"}'))).toEqual({ status: 200, body: { text: 'a' }, headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'content-type': 'application/json' } });
    expect((await ask(note(Buffer.from('{"text":"ä"}').toString('base64'), { isBase64Encoded: true }))).body).toEqual({ text: 'ä' });
  });
  it('knows no other route', async () => { expect(await ask(note('{}', { routeKey: 'PUT /v1/notes/{noteId}' }))).toMatchObject({ status: 404, body: { type: '/problems/route-not-found' } }); });
  it.each([[false, (text: string) => text], [true, (text: string) => Buffer.from(text).toString('base64')]])('takes a body of so many bytes and not one more (base64: %s)', async (isBase64Encoded, encode) => {
    const fitting = JSON.stringify({ text: 'é'.repeat((MAXIMUM_BODY_BYTES - 12) / 2) });
    expect(Buffer.byteLength(fitting)).toBe(MAXIMUM_BODY_BYTES - 1);
    expect((await ask(note(encode(`${fitting} `), { isBase64Encoded }))).status).toBe(200);
    expect(await ask(note(encode(`${fitting}  `), { isBase64Encoded }))).toMatchObject({ status: 413, body: { type: '/problems/request-too-large', bytes: MAXIMUM_BODY_BYTES + 1, maximum: MAXIMUM_BODY_BYTES } });
  });
  it.each([['{', 'body'], ['[]', 'body'], ['null', 'body'], ['7', 'body'], ['', 'body.text'], ['{"text":1}', 'body.text'], ['{"text":"a","noteId":"n-2"}', 'body'], ['{"text":"a","__proto__":{"x":1}}', 'body']])('refuses the body %j, naming where', async (text, path) => {
    expect(await ask(note(text))).toMatchObject({ status: 400, body: { type: '/problems/request-malformed', paths: [path], instance: '/v1/notes/n-1' } });
  });
  it('refuses a text that is no Unicode, which no store would give back as it was', async () => {
    expect(await ask(note('{"text":"a\\ud800b"}'))).toMatchObject({ status: 400, body: { type: '/problems/request-malformed', paths: ['body.text'] } });
    expect((await ask(note('{"text":"a\\ud83d\\ude00b"}'))).body).toEqual({ text: 'a😀b' });
  });
  it('refuses what nests as deep as a request is long, and does not fall over it', async () => {
    expect((await ask(note(`{"text":${'['.repeat(30_000)}${']'.repeat(30_000)}}`))).status).toBe(400);
  });
  it('refuses who has none of the roles before it looks at what is asked', async () => {
    expect(await ask(apiEvent(regulator, 'POST /v1/notes/{noteId}', { text: '{' }))).toMatchObject({ status: 403, body: { type: '/problems/role-missing', wanted: ['operator'] } });
  });
  it.each([['short', 'a'], ['long', 'a'.repeat(129)], ['foreign', 'key with spaces']])('refuses a %s Idempotency-Key', async (_, key) => {
    expect(await ask(note('{"text":"a"}', { headers: { 'idempotency-key': key } }))).toMatchObject({ status: 400, body: { paths: ['header.Idempotency-Key'] } });
  });
  it('says of a refusal what it is, and of a fault of ours nothing', async () => {
    const failing = (error: Error) => ask(note('{"text":"a"}'), () => { throw error; });
    expect(await failing(new DomainError('batch-not-found', 'no batch b', { batchId: 'b' }))).toMatchObject({ status: 404, body: { type: '/problems/batch-not-found', title: 'batch not found', detail: 'no batch b', batchId: 'b', status: 404 }, headers: { 'content-type': 'application/problem+json' } });
    expect((await failing(new Error('password of the table'))).body).toEqual({ type: 'about:blank', title: 'Internal Server Error', status: 500, instance: '/v1/notes/n-1' });
  });
  it.each(['record-corrupt', 'log-corrupt', 'chunk-corrupt'] as const)('says of a %s that it does not verify and whom to call, and nothing of what is inside', async (code) => {
    const { status, body, headers } = await ask(note('{"text":"a"}'), () => { throw new DomainError(code, 'password of the table', { id: 'secret', status: 200 }); });
    expect([status, headers['content-type'], body['type'], body['status'], body['instance']]).toEqual([500, 'application/problem+json', `/problems/${code}`, 500, '/v1/notes/n-1']);
    expect(body['detail']).toMatch(/does not verify.*Do not use it.*quality unit/s);
    expect(Object.keys(body).toSorted()).toEqual(['detail', 'instance', 'status', 'title', 'type']);
    expect(JSON.stringify(body)).not.toMatch(/password|secret/);
  });
  it('lets no fact of a refusal stand in for its status or type', async () => {
    expect((await ask(note('{"text":"a"}'), () => { throw new DomainError('batch-not-found', 'x', { status: 200, type: 'ok' }); })).body).toMatchObject({ status: 404, type: '/problems/batch-not-found' });
  });
});

describe('who is calling', () => {
  const eventWith = (claims: object) => ({ requestContext: { authorizer: { jwt: { claims } } } }) as unknown as APIGatewayProxyEventV2WithJWTAuthorizer;
  const claims = { sub: 'p-1', 'cognito:username': 'ada', name: 'Ada Lovelace', 'cognito:groups': '[operator regulator]', jti: 't-1', origin_jti: 's-1', auth_time: '1772460000' };
  it('is what the token says', () => {
    expect(callerOf(eventWith(claims))).toEqual({ id: 'p-1', username: 'ada', printedName: 'Ada Lovelace', roles: ['operator', 'regulator'], tokenId: 't-1', signInId: 's-1', authenticatedAt: '2026-03-02T14:00:00.000Z' });
  });
  it.each(['sub', 'cognito:username', 'name', 'jti'])('is nobody without the claim %s', (claim) => {
    expect(codeOf(() => callerOf(eventWith({ ...claims, [claim]: '' })))).toBe('role-missing');
    expect(codeOf(() => callerOf(eventWith({ ...claims, [claim]: undefined })))).toBe('role-missing');
  });
  it('has no sign-in to sign beside where the token names none', () => { expect(callerOf(eventWith({ ...claims, origin_jti: undefined })).signInId).toBe(''); });
  it.each([['[operator regulator]', ['operator', 'regulator']], ['operator', ['operator']], [['operator', 'admin'], ['operator']], ['[]', []], [undefined, []], ['[Operator constructor]', []], [7, []]])('has of the groups %j the roles %j', (groups, roles) => {
    expect(rolesOf(groups)).toEqual(roles);
  });
});

describe('the open routes', () => {
  it.each([['node', NODE_ROUTES], ['network', NETWORK_ROUTES]] as const)('describe every route of a %s, and that it lives', async (site, routes) => {
    const document = documentOf(site);
    const answer = createDocument(document);
    expect(JSON.parse((await answer({ rawPath: '/openapi.json' })).body ?? '')).toEqual(document);
    expect(await answer({ rawPath: '/health' })).toMatchObject({ statusCode: 200, body: '{"status":"pass"}' });
    const described = Object.entries(document['paths'] as Record<string, object>).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
    expect(described.toSorted()).toEqual(routes.filter(({ authorised }) => authorised).map(({ method, path }) => `${method} ${path}`).toSorted());
  });
  it('are no others', async () => { expect(await createDocument({})({ rawPath: '/admin' })).toMatchObject({ statusCode: 404, body: expect.stringContaining('route-not-found') as unknown }); });
});
