import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { join } from 'node:path';
import { AwsError, type Cloud, type LocalService, type LocalServiceFactory, type Principal, type ProvisionedResource, type ResourceDeclaration, type SdkRequest, type SdkResponse } from '../../core/contracts.ts';
import { KEEP_ALIVE_MS } from '../../core/endpoint.ts';
import { JsonFile } from '../../core/state.ts';
import { newPoolState, UserPool } from './pool.ts';
import type { PasswordPolicy } from './passwords.ts';
import type { EventsService } from '../events/service.ts';

type Input = Readonly<Record<string, unknown>>;
type Attribute = Readonly<{ Name: string; Value: string }>;
const MAXIMUM_BODY_BYTES = 100_000;
/** Calls that set what a person signs in with, of those served here. */
const TOLD: ReadonlySet<string> = new Set(['AdminSetUserPassword']);

const readText = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const part of request) {
    text += String(part);
    if (text.length > MAXIMUM_BODY_BYTES) throw new AwsError('InvalidParameterException', 'the request is too large');
  }
  return text;
};

/** Cognito user pools: administration on the SDK endpoint, sign-in and keys on a port of each pool's own. */
export class CognitoService implements LocalService {
  readonly name = 'cognito';
  readonly signingNames = ['cognito-idp'];
  readonly resourceTypes = ['AWS::Cognito::UserPool', 'AWS::Cognito::UserPoolClient', 'AWS::Cognito::UserPoolGroup'];
  readonly #cloud: Cloud;
  readonly #pools = new Map<string, UserPool>();
  readonly #servers = new Map<string, Server>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  provision(declaration: ResourceDeclaration): ProvisionedResource {
    const { stack, logicalId, type, properties } = declaration;
    if (type === 'AWS::Cognito::UserPool') return this.#provisionPool(declaration);
    const pool = this.pool(String(properties['UserPoolId']));
    if (type === 'AWS::Cognito::UserPoolGroup') {
      pool.groups.add(String(properties['GroupName']));
      return { physicalId: String(properties['GroupName']), attributes: {} };
    }
    const clientId = createHash('sha256').update(`${stack.name}/${logicalId}`).digest('hex').slice(0, 26);
    pool.clientIds.add(clientId);
    return { physicalId: clientId, attributes: { ClientId: clientId, Name: clientId } };
  }

  #provisionPool({ stack, logicalId, properties }: ResourceDeclaration): ProvisionedResource {
    const id = `${stack.region}_${createHash('sha256').update(`${stack.name}/${logicalId}`).digest('hex').slice(0, 9)}`;
    const issuer = `http://127.0.0.1:${this.#cloud.portFor(`identity-${stack.name}`)}/${id}`;
    const arn = `arn:aws:cognito-idp:${stack.region}:${stack.account}:userpool/${id}`;
    const policy = (properties['Policies'] as Readonly<{ PasswordPolicy?: PasswordPolicy }> | undefined)?.PasswordPolicy ?? {};
    const known = this.#pools.get(id);
    if (known !== undefined) known.definition = { id, arn, issuer, policy };
    else this.#pools.set(id, new UserPool({ id, arn, issuer, policy }, new JsonFile(join(this.#cloud.stateFolder('cognito'), `${id}.json`), newPoolState()), () => this.#cloud.clock.now()));
    return { physicalId: id, attributes: { Arn: arn, UserPoolId: id, ProviderURL: issuer, ProviderName: issuer.replace('http://', '') } };
  }

  pool(id: string): UserPool {
    const pool = this.#pools.get(id);
    if (pool === undefined) throw new AwsError('ResourceNotFoundException', `User pool ${id} does not exist.`);
    return pool;
  }

  async start(): Promise<void> {
    for (const [id, pool] of this.#pools) {
      if (this.#servers.has(id)) continue;
      const server = createServer((request, response) => {
        this.#serve(pool, request).then(({ status, headers, body }) => { response.writeHead(status, { 'access-control-allow-origin': '*', ...headers }).end(body); }, () => { response.destroy(); });
      });
      server.keepAliveTimeout = KEEP_ALIVE_MS;
      this.#servers.set(id, server);
      await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(Number(new URL(pool.definition.issuer).port), '127.0.0.1', resolve); });
    }
  }

  stop(): Promise<void> {
    for (const server of this.#servers.values()) {
      server.closeAllConnections();
      server.close();
    }
    return Promise.resolve();
  }

  async #serve(pool: UserPool, request: IncomingMessage): Promise<SdkResponse> {
    const json = (status: number, body: unknown): SdkResponse => ({ status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) });
    try {
      if (request.method === 'GET' && request.url === `/${pool.definition.id}/.well-known/jwks.json`) return json(200, pool.jwks);
      if (request.method === 'GET' && request.url === `/${pool.definition.id}/.well-known/openid-configuration`) return json(200, { issuer: pool.definition.issuer, jwks_uri: `${pool.definition.issuer}/.well-known/jwks.json`, id_token_signing_alg_values_supported: ['RS256'], subject_types_supported: ['public'], response_types_supported: ['token'] });
      const operation = String(request.headers['x-amz-target'] ?? '').split('.').at(-1);
      if (request.method !== 'POST' || operation !== 'InitiateAuth') throw new AwsError('UnknownOperationException', 'want POST / with X-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth');
      return json(200, await this.#initiateAuth(pool, JSON.parse(await readText(request)) as Input));
    } catch (error) {
      if (error instanceof AwsError) return json(error.status, { __type: error.code, message: error.message });
      if (error instanceof SyntaxError) return json(400, { __type: 'SerializationException', message: 'the body is not JSON' });
      this.#cloud.log('cognito', 'failed', { error: String(error) });
      return json(500, { __type: 'InternalErrorException', message: 'Internal error' });
    }
  }

  async #initiateAuth(pool: UserPool, { AuthFlow, ClientId, AuthParameters }: Input): Promise<unknown> {
    if (AuthFlow !== 'USER_PASSWORD_AUTH') throw new AwsError('InvalidParameterException', `the local cloud serves the flow USER_PASSWORD_AUTH, got ${String(AuthFlow)}`);
    if (!pool.clientIds.has(String(ClientId))) throw new AwsError('ResourceNotFoundException', `User pool client ${String(ClientId)} does not exist.`);
    const { USERNAME = '', PASSWORD = '' } = (AuthParameters ?? {}) as Readonly<Record<string, string>>;
    const user = pool.authenticate(USERNAME, PASSWORD);
    if (user.temporary) throw new AwsError('PasswordResetRequiredException', 'Password reset required for the user');
    return { AuthenticationResult: await pool.tokens(user, String(ClientId)), ChallengeParameters: {} };
  }

  readonly #administration: Readonly<Record<string, (pool: UserPool, input: Input) => unknown>> = {
    AdminCreateUser: (pool, { Username, UserAttributes }) => {
      const attributes = Object.fromEntries(((UserAttributes ?? []) as readonly Attribute[]).map(({ Name, Value }) => [Name, Value]));
      const { username } = pool.create(String(Username), attributes);
      return { User: { Username: username, Enabled: true, UserStatus: 'FORCE_CHANGE_PASSWORD' } };
    },
    AdminSetUserPassword: (pool, { Username, Password, Permanent }) => {
      pool.setPassword(String(Username), String(Password), Permanent === true);
      return {};
    },
    AdminAddUserToGroup: (pool, { Username, GroupName }) => {
      pool.addToGroup(String(Username), String(GroupName));
      return {};
    },
    AdminDisableUser: (pool, { Username }) => {
      pool.setEnabled(String(Username), false);
      return {};
    },
    AdminEnableUser: (pool, { Username }) => {
      pool.setEnabled(String(Username), true);
      return {};
    },
    AdminGetUser: (pool, { Username }) => {
      const { username, enabled, attributes, sub, temporary } = pool.user(String(Username));
      return { Username: username, Enabled: enabled, UserStatus: temporary ? 'FORCE_CHANGE_PASSWORD' : 'CONFIRMED', UserAttributes: Object.entries({ ...attributes, sub }).map(([Name, Value]) => ({ Name, Value })) };
    },
    ListUsers: (pool) => ({ Users: pool.users().map(({ username, enabled }) => ({ Username: username, Enabled: enabled })) }),
  };

  /** CloudTrail tells of administration: with the person's `sub`, the name hidden. */
  async #tell(operation: string, pool: UserPool, { Username }: Input, { arn, region, account }: Principal): Promise<void> {
    const Detail = JSON.stringify({
      eventID: randomUUID(), eventSource: 'cognito-idp.amazonaws.com', eventName: operation, userIdentity: { type: 'AssumedRole', arn },
      requestParameters: { userPoolId: pool.definition.id, username: 'HIDDEN_DUE_TO_SECURITY_REASONS' }, additionalEventData: { sub: pool.user(String(Username)).sub },
    });
    const [, , , poolRegion = region, poolAccount = account] = pool.definition.arn.split(':');
    await this.#cloud.service<EventsService>('events').announce({ region: poolRegion, account: poolAccount }, { Source: 'aws.cognito-idp', DetailType: 'AWS API Call via CloudTrail', Detail });
  }

  async handle({ operation = '', body, principal }: SdkRequest): Promise<SdkResponse> {
    const input = JSON.parse(body.toString('utf8')) as Input;
    const run = this.#administration[operation];
    if (run === undefined) throw new AwsError('UnknownOperationException', `the local cloud does not serve Cognito ${operation}`);
    const pool = this.pool(String(input['UserPoolId']));
    this.#cloud.authorize(principal, `cognito-idp:${operation}`, pool.definition.arn);
    const answer = JSON.stringify(run(pool, input));
    if (TOLD.has(operation)) await this.#tell(operation, pool, input, principal);
    return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: answer };
  }
}

export const createCognitoService: LocalServiceFactory = (cloud) => new CognitoService(cloud);
