import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import type * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import { callerOf } from './caller.ts';
import type { AnyContract, ApiRequest } from './contract.ts';

/** Commands are small; anything larger is a mistake or an attack. */
export const MAXIMUM_BODY_BYTES = 65_536;
const IDEMPOTENCY_KEY = /^[A-Za-z0-9_.:-]{8,128}$/;

type Event = APIGatewayProxyEventV2WithJWTAuthorizer;

const bodyText = (event: Event, maximum: number): string => {
  const text = event.body ?? '';
  const decoded = event.isBase64Encoded ? Buffer.from(text, 'base64').toString('utf8') : text;
  const bytes = Buffer.byteLength(decoded);
  if (bytes > maximum) throw new DomainError('request-too-large', `got a body of ${bytes} bytes, want at most ${maximum}`, { bytes, maximum });
  return decoded;
};

const parseJson = (text: string): unknown => {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DomainError('request-malformed', 'body is not JSON', { paths: ['body'] }, { cause });
  }
};

/**
 * Paths of texts with half a surrogate pair, which JSON can write and Unicode does not know: RFC 8785 gives them no canonical form, so that no event could hold
 * them. Without recursion, because a request may nest as deep as it is long.
 */
const illFormedPaths = (where: string, value: unknown): readonly string[] => {
  const found: string[] = [];
  const left: (readonly [path: string, value: unknown])[] = [[where, value]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [path, each] = next;
    if (typeof each === 'string' && !each.isWellFormed()) found.push(path);
    if (typeof each !== 'object' || each === null) continue;
    for (const [name, member] of Object.entries(each)) {
      if (name.isWellFormed()) left.push([`${path}.${name}`, member]);
      else found.push(path);
    }
  }
  return found;
};

const describeIssue = (where: string, issue: z.core.$ZodIssue): string => {
  const field = [where, ...issue.path.map(String)].join('.');
  return `${field}: ${issue.message}`;
};

const parsePart = (where: string, schema: z.ZodType, value: unknown): unknown => {
  const illFormed = illFormedPaths(where, value);
  if (illFormed.length > 0) throw new DomainError('request-malformed', `${illFormed.join(', ')}: got half a surrogate pair, want Unicode text`, { paths: illFormed });
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => describeIssue(where, issue));
  throw new DomainError('request-malformed', faults.join('; '), { paths: result.error.issues.map(({ path }) => [where, ...path.map(String)].join('.')) });
};

const idempotencyKeyOf = (contract: AnyContract, event: Event): string | undefined => {
  const key = event.headers['idempotency-key'];
  if (key === undefined) {
    if (contract.idempotency !== 'required') return undefined;
    throw new DomainError('request-malformed', 'header Idempotency-Key is missing: want 8 to 128 characters [A-Za-z0-9_.:-], the same for every retry of this request', { paths: ['header.Idempotency-Key'] });
  }
  if (!IDEMPOTENCY_KEY.test(key)) {
    throw new DomainError('request-malformed', 'header Idempotency-Key: want 8 to 128 characters [A-Za-z0-9_.:-]', { paths: ['header.Idempotency-Key'] });
  }
  return key;
};

const requireRole = (contract: AnyContract, held: readonly string[]): void => {
  if (contract.roles.some((role) => held.includes(role))) return;
  throw new DomainError('role-missing', `${contract.operation} wants one of the roles ${contract.roles.join(', ')}, got ${held.join(', ') || 'none'}`, { wanted: contract.roles });
};

/**
 * Caller, permission, then the three parts of the request, each against its own strict schema: an unknown field is refused, and a
 * body can never stand in for a path.
 *
 * @throws DomainError `role-missing`, `request-malformed` (with `paths`), `request-too-large`
 */
export const parseRequest = (contract: AnyContract, event: Event): ApiRequest<unknown, unknown, unknown> => {
  const caller = callerOf(event);
  requireRole(contract, caller.roles);
  return {
    caller,
    path: parsePart('path', contract.path, event.pathParameters ?? {}),
    query: parsePart('query', contract.query, event.queryStringParameters ?? {}),
    body: parsePart('body', contract.body, contract.method === 'GET' ? {} : parseJson(bodyText(event, contract.maximumBodyBytes ?? MAXIMUM_BODY_BYTES))),
    requestId: event.requestContext.requestId,
    idempotencyKey: idempotencyKeyOf(contract, event),
    roles: contract.roles,
    target: `${contract.method} ${event.rawPath}`,
  };
};
