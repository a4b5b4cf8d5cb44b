import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Agent, request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { AwsError, type Cloud, type LocalService, type LocalServiceFactory, type ResourceDeclaration, type SdkRequest, type SdkResponse } from '../core/contracts.ts';
import { asTransaction } from './batch-write.ts';
import { indexStreams } from './stream-index.ts';

type Item = Readonly<Record<string, unknown>>;
type Table = Readonly<{ name: string; arn: string; streamArn: string | undefined }>;
type TransactEntry = Readonly<Record<string, Readonly<{ TableName: string }>>>;

const READY_TRIES = 200;
const READY_PAUSE_MS = 25;
const ITEM_ACTION: Readonly<Record<string, string>> = { Put: 'PutItem', Update: 'UpdateItem', Delete: 'DeleteItem', ConditionCheck: 'ConditionCheckItem', Get: 'GetItem' };

/** The engine of this platform, or a way out. @throws Error naming what to do */
export const findEngine = (): string => {
  const name = `@dynoxide/${process.platform}-${process.arch}`;
  try {
    const path = join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'dynoxide');
    if (existsSync(path)) return path;
  } catch { /* not installed: said below */ }
  throw new Error(`no DynamoDB engine for ${process.platform}-${process.arch} is installed (${name}): start any DynamoDB-compatible engine and name it with --dynamodb-endpoint http://host:port`);
};

/** An engine whose local cloud was killed would keep the port and the file. */
const endOrphan = (pidFile: string): void => {
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
  const commandLine = `/proc/${pid}/cmdline`;
  if (pid > 0 && existsSync(commandLine) && readFileSync(commandLine, 'utf8').includes('dynoxide')) process.kill(pid, 'SIGKILL');
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** An orphan that was just ended gives its port back a moment later. */
const FREE_TRIES = 40;

const tryPort = (port: number): Promise<void> => new Promise((resolve, reject) => {
  const server = createServer().once('error', reject);
  server.listen(port, '127.0.0.1', () => { server.close(() => { resolve(); }); });
});

const requireFree = async (port: number): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    try {
      await tryPort(port);
      return;
    } catch (error) {
      if (tries === FREE_TRIES) throw error;
      await pause(READY_PAUSE_MS);
    }
  }
};

/** DynamoDB: an engine in a process of its own, and in front of it the caller's permissions. */
export class DynamoDbService implements LocalService {
  readonly name = 'dynamodb';
  readonly signingNames = ['dynamodb'];
  readonly resourceTypes = ['AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table'];
  readonly #cloud: Cloud;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #tables = new Map<string, Table>();
  readonly #endpoint: URL;
  readonly #isOwn: boolean;
  #engine: ChildProcess | undefined;

  constructor(cloud: Cloud, endpoint: string | undefined) {
    this.#cloud = cloud;
    this.#endpoint = new URL(endpoint ?? `http://127.0.0.1:${cloud.portFor('dynamodb-engine')}`);
    this.#isOwn = endpoint === undefined;
  }

  get #file(): string {
    return join(this.#cloud.stateFolder('dynamodb'), 'tables.sqlite');
  }

  /** @throws Error `EADDRINUSE`, naming the port: another network's engine, left over when that was killed, would answer in our engine's place, and our records would go into its file */
  async #spawn(): Promise<ChildProcess> {
    const pidFile = join(this.#cloud.stateFolder('dynamodb'), 'engine.pid');
    endOrphan(pidFile);
    await requireFree(Number(this.#endpoint.port));
    const engine = spawn(findEngine(), ['serve', '--host', '127.0.0.1', '--port', this.#endpoint.port, '--db-path', this.#file], { stdio: 'ignore' });
    writeFileSync(pidFile, String(engine.pid ?? 0));
    engine.on('exit', (code, signal) => { this.#cloud.log('dynamodb', 'engine ended', { code, signal }); });
    return engine;
  }

  async prepare(): Promise<void> {
    if (this.#isOwn) this.#engine = await this.#spawn();
    await this.#ready();
    if (this.#engine !== undefined && !indexStreams(this.#file)) this.#cloud.log('dynamodb', 'the engine keeps its streams in another form than known: writes to streamed tables grow slower', {});
  }

  async #ready(): Promise<void> {
    for (let tries = 0; tries < READY_TRIES; tries += 1) {
      try {
        await this.call('ListTables', {});
        return;
      } catch {
        await pause(READY_PAUSE_MS);
      }
    }
    throw new Error(`the DynamoDB engine at ${this.#endpoint.href} does not answer`);
  }

  stop(): Promise<void> {
    this.#agent.destroy();
    this.#engine?.kill('SIGTERM');
    return Promise.resolve();
  }

  /** Forward bytes to the engine as they are. */
  forward(target: string, body: Buffer): Promise<SdkResponse> {
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest({
        host: this.#endpoint.hostname, port: this.#endpoint.port, method: 'POST', path: '/', agent: this.#agent,
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target, 'content-length': body.length, 'x-amz-date': '20260101T000000Z', authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=0' },
      }, (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.on('end', () => { resolve({ status: incoming.statusCode ?? 500, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: Buffer.concat(parts) }); });
        incoming.on('error', reject);
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  /** A call of the local cloud itself. @throws AwsError as the engine answered */
  async call<Answer = Item>(operation: string, input: Item, service: 'DynamoDB_20120810' | 'DynamoDBStreams_20120810' = 'DynamoDB_20120810'): Promise<Answer> {
    const { status, body } = await this.forward(`${service}.${operation}`, Buffer.from(JSON.stringify(input)));
    const answer = JSON.parse(String(body)) as Readonly<{ __type?: string; message?: string }>;
    if (status >= 300) throw new AwsError(answer.__type?.split('#').at(-1) ?? 'InternalFailure', answer.message ?? `engine answered ${status}`, status);
    return answer as Answer;
  }

  async provision(declaration: ResourceDeclaration): Promise<{ physicalId: string; attributes: Record<string, unknown> }> {
    const { stack, logicalId, properties } = declaration;
    const name = `${stack.name}-${logicalId}`;
    const stream = properties['StreamSpecification'] as Readonly<{ StreamViewType: string }> | undefined;
    const existing = (await this.call<Readonly<{ TableNames: readonly string[] }>>('ListTables', {})).TableNames;
    if (!existing.includes(name)) await this.#create(name, properties, stream);
    const { Table: described } = await this.call<Readonly<{ Table: Readonly<{ LatestStreamArn?: string }> }>>('DescribeTable', { TableName: name });
    const arn = `arn:aws:dynamodb:${stack.region}:${stack.account}:table/${name}`;
    const streamArn = stream === undefined ? undefined : `${arn}/stream/${described.LatestStreamArn?.split('/stream/').at(-1) ?? 'latest'}`;
    this.#tables.set(name, { name, arn, streamArn });
    return { physicalId: name, attributes: { Arn: arn, TableId: name, ...(streamArn === undefined ? {} : { StreamArn: streamArn }) } };
  }

  async #create(name: string, properties: Item, stream: Readonly<{ StreamViewType: string }> | undefined): Promise<void> {
    const indexes = properties['GlobalSecondaryIndexes'] as readonly Item[] | undefined;
    await this.call('CreateTable', {
      TableName: name, AttributeDefinitions: properties['AttributeDefinitions'], KeySchema: properties['KeySchema'], BillingMode: 'PAY_PER_REQUEST',
      ...(indexes === undefined ? {} : { GlobalSecondaryIndexes: indexes }), ...(stream === undefined ? {} : { StreamSpecification: { StreamEnabled: true, ...stream } }),
    });
  }

  /** Stream ARN as the engine knows it, for one of our own. */
  async engineStreamOf(streamArn: string): Promise<string> {
    const name = streamArn.split('/')[1] ?? '';
    const { Table: described } = await this.call<Readonly<{ Table: Readonly<{ LatestStreamArn?: string }> }>>('DescribeTable', { TableName: name });
    if (described.LatestStreamArn === undefined) throw new Error(`table ${name} has no stream`);
    return described.LatestStreamArn;
  }

  async handle(request: SdkRequest): Promise<SdkResponse> {
    const { operation = '', body, principal, headers } = request;
    const input = JSON.parse(body.toString('utf8')) as Readonly<Record<string, unknown>>;
    for (const [action, table] of distinct(actionsOf(operation, input))) this.#cloud.authorize(principal, `dynamodb:${action}`, this.#arnOf(table), { resourceAccount: this.#accountOf(table) });
    return (operation === 'BatchWriteItem' ? await this.#writeAtOnce(input) : undefined) ?? this.forward(headers['x-amz-target'] ?? '', body);
  }

  /** A batch as one transaction of our own engine; undefined where it refuses that. */
  async #writeAtOnce(input: Parameters<typeof asTransaction>[0]): Promise<SdkResponse | undefined> {
    if (this.#engine === undefined) return undefined;
    const answer = await this.forward('DynamoDB_20120810.TransactWriteItems', Buffer.from(JSON.stringify(asTransaction(input))));
    return answer.status < 300 ? { ...answer, body: JSON.stringify({ UnprocessedItems: {} }) } : undefined;
  }

  #accountOf(table: string): string {
    return this.#arnOf(table).split(':')[4] ?? '';
  }

  #arnOf(table: string): string {
    const known = this.#tables.get(table.split('/').at(-1) ?? table);
    if (known === undefined) throw new AwsError('ResourceNotFoundException', `no table ${table}`);
    return known.arn;
  }
}

/** IAM actions and tables of one call; a transaction needs each of its items' own. */
const actionsOf = (operation: string, input: Readonly<Record<string, unknown>>): readonly (readonly [action: string, table: string])[] => {
  if (operation === 'TransactWriteItems' || operation === 'TransactGetItems') {
    return (input['TransactItems'] as readonly TransactEntry[]).flatMap((entry) => Object.entries(entry).map(([kind, { TableName }]) => [ITEM_ACTION[kind] ?? kind, TableName] as const));
  }
  if (operation === 'BatchWriteItem' || operation === 'BatchGetItem') return Object.keys(input['RequestItems'] as object).map((table) => [operation, table] as const);
  if (typeof input['TableName'] === 'string') return [[operation, input['TableName']]];
  throw new AwsError('UnknownOperationException', `the local cloud does not serve DynamoDB ${operation}`);
};

/** A transaction of a hundred puts into one table asks for one permission. */
const distinct = (actions: ReturnType<typeof actionsOf>): ReturnType<typeof actionsOf> => [...new Map(actions.map((each) => [each.join(' '), each])).values()];

export const createDynamoDbService = (endpoint?: string): LocalServiceFactory => (cloud) => new DynamoDbService(cloud, endpoint);
