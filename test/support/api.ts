import type { APIGatewayProxyEventV2WithJWTAuthorizer, Context } from 'aws-lambda';
import type { AnyContract } from '../../functions/_platform/contract.ts';
import type { HttpHandler } from '../../functions/_platform/http.ts';
import type { Reauthentication, ReauthenticationVerifier } from '../../functions/_platform/reauthentication.ts';
import { DomainError } from '../../shared/errors.ts';
import type { SignatureMeaning } from '../../shared/record/envelope.ts';
import type { TestPerson } from './people.ts';

export type Asked = Readonly<{ path?: Readonly<Record<string, string>>; query?: Readonly<Record<string, string>>; body?: unknown; /** `null` sends no Idempotency-Key. */ key?: string | null; /** Sent as it is, JSON or not. */ text?: string }>;
export type Answered = Readonly<{ status: number; code: string | undefined; headers: Readonly<Record<string, unknown>>; body: Record<string, unknown>; file: Buffer | undefined }>;

const PROBLEM = '/problems/';
let calls = 0;

const claimsOf = ({ id, name, roles }: TestPerson): Readonly<Record<string, string>> =>
  ({ sub: id, 'cognito:username': id, name, 'cognito:groups': `[${roles.join(' ')}]`, jti: `session-${id}`, origin_jti: `sign-in-${id}`, auth_time: '1577836800' });

/** An HTTP API event as API Gateway makes it, after its authoriser. */
export const apiEvent = (person: TestPerson, routeKey: string, { path = {}, query = {}, body, key, text }: Asked): APIGatewayProxyEventV2WithJWTAuthorizer => {
  const [method = '', route = ''] = routeKey.split(' ');
  const sent = key === undefined && method === 'POST' ? `test-key-${calls += 1}` : key;
  return {
    routeKey, rawPath: route.replaceAll(/\{(\w+)\}/g, (whole, name: string) => path[name] ?? whole), pathParameters: path, queryStringParameters: query, isBase64Encoded: false,
    headers: sent === undefined || sent === null ? {} : { 'idempotency-key': sent }, ...(method === 'GET' ? {} : { body: text ?? JSON.stringify(body ?? {}) }),
    requestContext: { requestId: `request-${calls += 1}`, http: { method }, authorizer: { jwt: { claims: claimsOf(person) } } },
  } as unknown as APIGatewayProxyEventV2WithJWTAuthorizer;
};

const answered = (status: number, headers: Readonly<Record<string, unknown>>, text: string, isFile: boolean): Answered => {
  if (isFile) return { status, headers, code: undefined, body: {}, file: Buffer.from(text, 'base64') };
  const body = JSON.parse(text) as Record<string, unknown>;
  const type = String(body['type']);
  return { status, headers, body, code: status >= 400 && type.startsWith(PROBLEM) ? type.slice(PROBLEM.length) : undefined, file: undefined };
};

/** Calls of one site's interface, each accepted answer held against its contract. */
export const createApi = (handlers: Readonly<Record<string, HttpHandler>>, routes: readonly Readonly<{ method: string; path: string; function: string }>[], contracts: readonly AnyContract[]) => {
  const functionOf = new Map(routes.map((route) => [`${route.method} ${route.path}`, route.function]));
  return async (person: TestPerson, routeKey: string, asked: Asked = {}): Promise<Answered> => {
    const handler = handlers[functionOf.get(routeKey) ?? ''];
    const contract = contracts.find(({ method, route }) => `${method} ${route}` === routeKey);
    if (handler === undefined || contract === undefined) throw new RangeError(`no route ${routeKey}`);
    const { statusCode = 0, headers = {}, body = '', isBase64Encoded = false } = await handler(apiEvent(person, routeKey, asked), { awsRequestId: 'r-1' } as Context);
    const answer = answered(statusCode, headers, body, isBase64Encoded);
    if (statusCode < 400 && answer.file === undefined) contract.answer.parse(answer.body);
    const wanted = contract.elsewhere !== undefined && answer.file === undefined ? 303 : contract.status ?? 200;
    if (statusCode < 400 && statusCode !== wanted) throw new RangeError(`${routeKey} answered ${statusCode}, want ${wanted}`);
    return answer;
  };
};

let tokens = 0;

/** What a person sends to sign: with the token of a sign-in `ageMs` ago. */
export const signatureOf = (person: TestPerson, meaning: SignatureMeaning, version: number, signedInAtEpochMs: number) =>
  ({ meaning, version, reauthenticationToken: JSON.stringify({ personId: person.id, printedName: person.name, authenticatedAtEpochMs: signedInAtEpochMs, tokenId: `jti-${tokens += 1}` }) });

/** Takes the tokens of `signatureOf`; the real one has tests of its own. */
export const verifyTestToken: ReauthenticationVerifier = (token) => Promise.resolve().then(() => {
  if (!token.startsWith('{')) throw new DomainError('reauthentication-failed', 'not a token of the tests');
  return JSON.parse(token) as Reauthentication;
});
