import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { toProblem } from '../_platform/problem.ts';
import { DomainError } from '../../shared/errors.ts';

const json = (statusCode: number, value: unknown, contentType = 'application/json'): APIGatewayProxyStructuredResultV2 =>
  ({ statusCode, headers: { 'content-type': contentType, 'cache-control': 'no-cache' }, body: JSON.stringify(value) });

/** The two answers that need no login: what this interface is, and that it lives. */
export const createHandler = (document: Readonly<Record<string, unknown>>) => (event: Pick<APIGatewayProxyEventV2, 'rawPath'>): Promise<APIGatewayProxyStructuredResultV2> => Promise.resolve(answer(document, event.rawPath));

const answer = (document: Readonly<Record<string, unknown>>, rawPath: string): APIGatewayProxyStructuredResultV2 => {
  if (rawPath === '/openapi.json') return json(200, document);
  if (rawPath === '/health') return json(200, { status: 'pass' }, 'application/health+json');
  return json(404, toProblem(new DomainError('route-not-found', `no ${rawPath} here`), rawPath), 'application/problem+json');
};
