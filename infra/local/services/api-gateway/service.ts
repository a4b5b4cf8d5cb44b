import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { AwsError, type Cloud, type LocalService, type LocalServiceFactory, type ProvisionedResource, type ResourceDeclaration } from '../../core/contracts.ts';
import { KEEP_ALIVE_MS } from '../../core/endpoint.ts';
import { createAuthorizer, type Authorizer, type Claims } from './authorizer.ts';
import { matchRoute, parseRoute, type HttpRoute, type Matched } from './routes.ts';

type Api = { readonly id: string; readonly stack: string; readonly port: number; readonly executionArn: string; readonly routes: Map<string, HttpRoute>; readonly integrations: Map<string, string>; readonly authorizers: Map<string, Authorizer>; readonly stages: Set<string>; server: Server | undefined };
type FunctionAnswer = Readonly<{ statusCode?: number; headers?: Readonly<Record<string, string>>; body?: string; isBase64Encoded?: boolean }>;

const MAXIMUM_BODY_BYTES = 10 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

const plain = (response: ServerResponse, status: number, message: string): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
};

const readBody = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += (part as Buffer).length;
    if (length > MAXIMUM_BODY_BYTES) return undefined;
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
};

const headersOf = (request: IncomingMessage): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value ?? '']));

/** HTTP APIs: each on a port of its own, with the template's routes, authoriser and integrations. */
export class ApiGatewayService implements LocalService {
  readonly name = 'api-gateway';
  readonly signingNames = ['apigateway'];
  readonly resourceTypes = ['AWS::ApiGatewayV2::Api', 'AWS::ApiGatewayV2::Route', 'AWS::ApiGatewayV2::Integration', 'AWS::ApiGatewayV2::Authorizer', 'AWS::ApiGatewayV2::Stage'];
  readonly #cloud: Cloud;
  readonly #apis = new Map<string, Api>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  provision({ stack, logicalId, type, properties }: ResourceDeclaration): ProvisionedResource {
    const id = createHash('sha256').update(`${stack.name}/${logicalId}`).digest('hex').slice(0, 10);
    if (type === 'AWS::ApiGatewayV2::Api') {
      const port = this.#cloud.portFor(`api-${stack.name}`);
      if (!this.#apis.has(id)) {
        this.#apis.set(id, { id, stack: stack.name, port, executionArn: `arn:aws:execute-api:${stack.region}:${stack.account}:${id}`, routes: new Map(), integrations: new Map(), authorizers: new Map(), stages: new Set(), server: undefined });
      }
      return { physicalId: id, attributes: { ApiId: id, ApiEndpoint: `http://127.0.0.1:${port}` } };
    }
    const api = this.#apis.get(String(properties['ApiId']));
    if (api === undefined) throw new Error(`${stack.name}/${logicalId}: no API ${String(properties['ApiId'])}`);
    this.#provisionPart(api, id, type, properties);
    return { physicalId: type === 'AWS::ApiGatewayV2::Stage' ? String(properties['StageName']) : id, attributes: { AuthorizerId: id, IntegrationId: id } };
  }

  #provisionPart(api: Api, id: string, type: string, properties: Readonly<Record<string, unknown>>): void {
    if (type === 'AWS::ApiGatewayV2::Integration') {
      if (properties['IntegrationType'] !== 'AWS_PROXY' || properties['PayloadFormatVersion'] !== '2.0') throw new Error('the local cloud serves AWS_PROXY integrations with payload 2.0');
      api.integrations.set(id, String(properties['IntegrationUri']));
    } else if (type === 'AWS::ApiGatewayV2::Authorizer') {
      const { Issuer, Audience } = properties['JwtConfiguration'] as Readonly<{ Issuer: string; Audience: readonly string[] }>;
      api.authorizers.set(id, createAuthorizer(Issuer, Audience));
    } else if (type === 'AWS::ApiGatewayV2::Route') {
      const isAuthorised = properties['AuthorizationType'] === 'JWT';
      api.routes.set(id, parseRoute(String(properties['RouteKey']), String(properties['Target']).replace('integrations/', ''), isAuthorised ? String(properties['AuthorizerId']) : undefined));
    } else api.stages.add(String(properties['StageName']));
  }

  async start(): Promise<void> {
    for (const api of this.#apis.values()) {
      if (api.server !== undefined) continue;
      const server = createServer((request, response) => {
        this.#serve(api, request, response).catch((error: unknown) => {
          this.#cloud.log('api-gateway', 'failed', { api: api.stack, error: error instanceof Error ? error.message : String(error) });
          if (!response.headersSent) plain(response, 500, 'Internal Server Error');
        });
      });
      server.keepAliveTimeout = KEEP_ALIVE_MS;
      api.server = server;
      await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(api.port, '127.0.0.1', resolve); });
    }
  }

  handle(): Promise<never> {
    return Promise.reject(new AwsError('UnknownOperationException', 'APIs are made by templates only'));
  }

  stop(): Promise<void> {
    for (const { server } of this.#apis.values()) {
      server?.closeAllConnections();
      server?.close();
    }
    return Promise.resolve();
  }

  async #serve(api: Api, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const matched = matchRoute([...api.routes.values()], request.method ?? 'GET', url.pathname);
    if (matched === undefined) {
      plain(response, 404, 'Not Found');
      return;
    }
    const { authorizerId } = matched.route;
    const claims = authorizerId === undefined ? undefined : await api.authorizers.get(authorizerId)?.(request.headers.authorization);
    if (authorizerId !== undefined && claims === undefined) {
      plain(response, 401, 'Unauthorized');
      return;
    }
    const body = await readBody(request);
    if (body === undefined) {
      plain(response, 413, 'Request Entity Too Large');
      return;
    }
    await this.#integrate(api, matched, this.#eventOf(api, matched, request, { url, body, claims }), response);
  }

  #eventOf(api: Api, { route, pathParameters }: Matched, request: IncomingMessage, { url, body, claims }: Readonly<{ url: URL; body: Buffer; claims: Claims | undefined }>): Readonly<Record<string, unknown>> {
    const query = Object.fromEntries([...new Set(url.searchParams.keys())].map((name) => [name, url.searchParams.getAll(name).join(',')]));
    const now = this.#cloud.clock.now();
    return {
      version: '2.0', routeKey: route.routeKey, rawPath: url.pathname, rawQueryString: url.search.slice(1), headers: headersOf(request), isBase64Encoded: false,
      ...(Object.keys(query).length === 0 ? {} : { queryStringParameters: query }), ...(Object.keys(pathParameters).length === 0 ? {} : { pathParameters }), ...(body.length === 0 ? {} : { body: body.toString('utf8') }),
      requestContext: {
        accountId: api.executionArn.split(':')[4], apiId: api.id, domainName: `127.0.0.1:${api.port}`, domainPrefix: api.id, requestId: randomUUID(), routeKey: route.routeKey, stage: '$default', time: new Date(now).toUTCString(), timeEpoch: now,
        http: { method: request.method, path: url.pathname, protocol: 'HTTP/1.1', sourceIp: request.socket.remoteAddress ?? '', userAgent: request.headers['user-agent'] ?? '' },
        ...(claims === undefined ? {} : { authorizer: { jwt: { claims, scopes: null } } }),
      },
    };
  }

  async #integrate(api: Api, { route }: Matched, event: unknown, response: ServerResponse): Promise<void> {
    const functionArn = api.integrations.get(route.integrationId);
    if (functionArn === undefined) throw new Error(`route ${route.routeKey} has no integration`);
    const timeout = new Promise<'timeout'>((resolve) => { setTimeout(() => { resolve('timeout'); }, TIMEOUT_MS).unref(); });
    let answer: unknown;
    try {
      answer = await Promise.race([this.#cloud.deliver(functionArn, event, { service: 'apigateway.amazonaws.com', sourceArn: `${api.executionArn}/$default/${route.method}` }), timeout]);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.#cloud.log('api-gateway', 'integration failed', { api: api.stack, route: route.routeKey, code: error.code, error: error.message });
      plain(response, 500, 'Internal Server Error');
      return;
    }
    if (answer === 'timeout') {
      plain(response, 503, 'Service Unavailable');
      return;
    }
    const { statusCode = 200, headers = { 'content-type': 'application/json' }, body = '', isBase64Encoded = false } = answer as FunctionAnswer;
    response.writeHead(statusCode, headers).end(isBase64Encoded ? Buffer.from(body, 'base64') : body);
  }
}

export const createApiGatewayService: LocalServiceFactory = (cloud) => new ApiGatewayService(cloud);
