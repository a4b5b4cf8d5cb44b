import middy from '@middy/core';
import type { APIGatewayProxyEventV2WithJWTAuthorizer, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { DomainError } from '../../shared/errors.ts';
import { requireMayAct } from '../../shared/registers/standing.ts';
import { WATCHED_MESSAGES } from '../../shared/security/watched.ts';
import { FileAnswer, type AnyContract, type Endpoint } from './contract.ts';
import { logger } from './log.ts';
import type { PersonOf } from './people.ts';
import { parseRequest } from './parse-request.ts';
import { toProblem } from './problem.ts';
import { noteIfSecurity, type RefusalLog } from './refusals.ts';

type Event = APIGatewayProxyEventV2WithJWTAuthorizer;
type Result = APIGatewayProxyStructuredResultV2;
export type HttpHandler = (event: Event, context: Context) => Promise<Result>;

const PROTECTIVE_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

const SEE_OTHER = 303;

/** Where a client finds what it asked for, when the answer says so. */
const locationIn = ({ elsewhere }: AnyContract, answer: unknown): string | undefined => {
  if (elsewhere === undefined || answer instanceof FileAnswer) return undefined;
  const address = (answer as Readonly<Record<string, unknown>>)[elsewhere];
  return typeof address === 'string' ? address : undefined;
};

const answerOf = (contract: AnyContract, answer: unknown): Result => {
  const location = locationIn(contract, answer);
  const status = location === undefined ? contract.status ?? 200 : SEE_OTHER;
  if (answer instanceof FileAnswer) {
    return {
      statusCode: status, isBase64Encoded: true, body: Buffer.from(answer.body).toString('base64'),
      headers: { ...PROTECTIVE_HEADERS, 'content-type': answer.contentType, 'content-disposition': `attachment; filename="${answer.fileName}"` },
    };
  }
  return { statusCode: status, headers: { ...PROTECTIVE_HEADERS, 'content-type': 'application/json', ...(location === undefined ? {} : { location }) }, body: JSON.stringify(answer) };
};

const problemOf = (error: unknown, instance: string): Result => {
  const problem = toProblem(error, instance);
  return { statusCode: problem.status, headers: { ...PROTECTIVE_HEADERS, 'content-type': 'application/problem+json' }, body: JSON.stringify(problem) };
};

const logFailure = (error: unknown): void => {
  if (error instanceof DomainError && error.kind !== 'corrupt') logger.info('refused', { code: error.code });
  else if (error instanceof DomainError) logger.error(WATCHED_MESSAGES.DoesNotVerify, { error, code: error.code });
  else logger.error('failed', error instanceof Error ? error : new Error(String(error)));
};

/**
 * The one middy stack of every HTTP function: log context, routing, parsing, action, problems, refusals on record.
 *
 * @param personOf given, nobody who was suspended or revoked reads, nor whose role was taken, from the next request on; commands ask the register themselves
 */
export const http = (endpoints: readonly Endpoint[], refusals?: RefusalLog, personOf?: PersonOf): HttpHandler => {
  const byRouteKey = new Map(endpoints.map((each) => [`${each.contract.method} ${each.contract.route}`, each]));
  return middy<Event, Result>()
    .use({
      before: ({ event, context }: middy.Request<Event, Result>) => {
        logger.resetKeys();
        logger.appendKeys({ requestId: context.awsRequestId, route: event.routeKey });
      },
      onError: async (request: middy.Request<Event, Result>) => {
        logFailure(request.error);
        await noteIfSecurity(refusals, request.error, request.event, byRouteKey.get(request.event.routeKey)?.contract.operation);
        request.response = problemOf(request.error, request.event.rawPath);
      },
    })
    .handler(async (event: Event) => {
      const found = byRouteKey.get(event.routeKey);
      if (found === undefined) throw new DomainError('route-not-found', `no route ${event.routeKey} here`);
      const request = parseRequest(found.contract, event);
      if (found.contract.method === 'GET') requireMayAct(await personOf?.(request.caller.id), request.caller, found.contract.roles);
      return answerOf(found.contract, await found.run(request));
    });
};
