import { join } from 'node:path';
import { AwsError, type Cloud, type DeliverOptions, type LocalService, type LocalServiceFactory, type PolicyStatement, type Principal, type ProvisionedResource, type ResourceDeclaration, type SdkRequest, type SdkResponse } from '../../core/contracts.ts';
import { requireServiceAllowed, type RunningCloud } from '../../cloud.ts';
import { invokeAsynchronously, type InvokeConfig } from './asynchronous.ts';
import { DynamoDbStreamPoller } from './stream-poller.ts';
import { FunctionRunner, type Invocation } from './runner.ts';
import { QueuePoller } from './queue-poller.ts';

type Poller = Readonly<{ start(): void; stop(): Promise<void> }>;
/** Workers of a function that names no reserved concurrency. */
const DEFAULT_CONCURRENCY = 2;

/** Lambda: the bundle of the asset in a worker thread, with the template's environment and its role's permissions. */
export class LambdaService implements LocalService {
  readonly name = 'lambda';
  readonly signingNames = ['lambda'];
  readonly resourceTypes = ['AWS::Lambda::Function', 'AWS::Lambda::Permission', 'AWS::Lambda::EventSourceMapping', 'AWS::Lambda::EventInvokeConfig'];
  readonly deliverPrefixes = ['arn:aws:lambda:'];
  readonly #cloud: Cloud;
  readonly #runners = new Map<string, FunctionRunner>();
  readonly #roles = new Map<string, string>();
  readonly #permissions = new Map<string, PolicyStatement[]>();
  readonly #pollers = new Map<string, Poller>();
  readonly #invokeConfigs = new Map<string, InvokeConfig>();
  readonly #permissionIds = new Set<string>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  provision(declaration: ResourceDeclaration): ProvisionedResource {
    switch (declaration.type) {
      case 'AWS::Lambda::Function': return this.#provisionFunction(declaration);
      case 'AWS::Lambda::Permission': return this.#provisionPermission(declaration);
      case 'AWS::Lambda::EventInvokeConfig': return this.#provisionInvokeConfig(declaration);
      default: return this.#provisionMapping(declaration);
    }
  }

  #provisionFunction({ stack, logicalId, properties, assetByKey }: ResourceDeclaration): ProvisionedResource {
    const name = `${stack.name}-${logicalId}`;
    const arn = `arn:aws:lambda:${stack.region}:${stack.account}:function:${name}`;
    const { S3Key = '' } = (properties['Code'] ?? {}) as Readonly<{ S3Key?: string }>;
    const codePath = assetByKey.get(S3Key);
    if (codePath === undefined) throw new Error(`${stack.name}/${logicalId}: the assembly holds no asset ${S3Key}`);
    const roleArn = String(properties['Role']);
    const variables = ((properties['Environment'] ?? {}) as Readonly<{ Variables?: Readonly<Record<string, string>> }>).Variables ?? {};
    const environment = { ...variables, ...this.#cloud.environmentFor(this.#cloud.principalOf(roleArn)), AWS_LAMBDA_FUNCTION_NAME: name, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(properties['MemorySize'] ?? 128), AWS_LAMBDA_LOG_GROUP_NAME: name };
    const running = this.#runners.get(arn);
    const definition = {
      name, arn, codePath, handler: String(properties['Handler']), environment, timeoutSeconds: Number(properties['Timeout'] ?? 3), memoryMb: Number(properties['MemorySize'] ?? 128),
      concurrency: Number(properties['ReservedConcurrentExecutions'] ?? DEFAULT_CONCURRENCY),
    };
    if (running !== undefined && JSON.stringify(running.definition) === JSON.stringify(definition)) return { physicalId: name, attributes: { Arn: arn } };
    void running?.stop();
    this.#roles.set(arn, roleArn);
    this.#runners.set(arn, new FunctionRunner(definition, (this.#cloud as RunningCloud).clock.shared.buffer, join(this.#cloud.stateFolder('logs'), `${name}.log`)));
    return { physicalId: name, attributes: { Arn: arn } };
  }

  #provisionPermission({ stack, logicalId, properties }: ResourceDeclaration): ProvisionedResource {
    const id = `${stack.name}-${logicalId}`;
    const arn = this.#arnOf(String(properties['FunctionName']), `${stack.region}:${stack.account}`);
    if (!this.#permissionIds.has(id)) {
      this.#permissionIds.add(id);
      const source = properties['SourceArn'];
      const statement: PolicyStatement = { effect: 'Allow', actions: [String(properties['Action'])], resources: [arn], principals: [String(properties['Principal'])], conditions: source === undefined ? {} : { ArnLike: { 'aws:SourceArn': [String(source)] } } };
      this.#permissions.set(arn, [...this.#permissions.get(arn) ?? [], statement]);
    }
    return { physicalId: id, attributes: { Id: id } };
  }

  #provisionInvokeConfig({ stack, logicalId, properties }: ResourceDeclaration): ProvisionedResource {
    const arn = this.#arnOf(String(properties['FunctionName']), `${stack.region}:${stack.account}`);
    const to = (properties['DestinationConfig'] ?? {}) as Readonly<{ OnSuccess?: Readonly<{ Destination: string }>; OnFailure?: Readonly<{ Destination: string }> }>;
    const attempts = properties['MaximumRetryAttempts'];
    this.#invokeConfigs.set(arn, { onSuccess: to.OnSuccess?.Destination, onFailure: to.OnFailure?.Destination, ...(attempts === undefined ? {} : { maximumRetryAttempts: Number(attempts) }) });
    return { physicalId: `${stack.name}-${logicalId}`, attributes: {} };
  }

  #provisionMapping({ stack, logicalId, properties }: ResourceDeclaration): ProvisionedResource {
    const id = `${stack.name}-${logicalId}`;
    const runner = this.runnerOf(this.#arnOf(String(properties['FunctionName']), `${stack.region}:${stack.account}`));
    if (!this.#pollers.has(id)) {
      const source = String(properties['EventSourceArn']);
      const parts = { cloud: this.#cloud, id, source, functionArn: runner.definition.arn, properties, principal: () => this.#cloud.principalOf(this.#roles.get(runner.definition.arn) ?? ''), invoke: (event: unknown) => this.runnerOf(runner.definition.arn).invoke(event) };
      this.#pollers.set(id, source.startsWith('arn:aws:sqs:') ? new QueuePoller(parts) : new DynamoDbStreamPoller(parts));
    }
    return { physicalId: id, attributes: { Id: id } };
  }

  #arnOf(nameOrArn: string, home: string): string {
    return nameOrArn.startsWith('arn:') ? nameOrArn : `arn:aws:lambda:${home}:function:${nameOrArn}`;
  }

  runnerOf(arn: string): FunctionRunner {
    const runner = this.#runners.get(arn);
    if (runner === undefined) throw new AwsError('ResourceNotFoundException', `no function ${arn}`, 404);
    return runner;
  }

  start(): Promise<void> {
    for (const poller of this.#pollers.values()) poller.start();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#pollers.values()].map((poller) => poller.stop()));
    await Promise.all([...this.#runners.values()].map((runner) => runner.stop()));
  }

  async receive(targetArn: string, payload: unknown, from: Principal | Readonly<{ service: string; sourceArn: string }>, options: DeliverOptions): Promise<unknown> {
    if ('service' in from) requireServiceAllowed(from.service, 'lambda:InvokeFunction', targetArn, this.#permissions.get(targetArn) ?? [], from.sourceArn);
    else this.#cloud.authorize(from, 'lambda:InvokeFunction', targetArn, { resourcePolicy: this.#permissions.get(targetArn) ?? [], resourceAccount: targetArn.split(':')[4] ?? '' });
    const runner = this.runnerOf(targetArn);
    if (options.invocation === 'event') {
      this.#invokeLater(runner, payload);
      return undefined;
    }
    const invocation = await runner.invoke(payload);
    if (invocation.outcome === 'failed') throw new AwsError(invocation.errorType, invocation.errorMessage, 500);
    return invocation.result;
  }

  #invokeLater(runner: FunctionRunner, payload: unknown): void {
    const { arn } = runner.definition;
    invokeAsynchronously({
      functionArn: arn, payload, config: this.#invokeConfigs.get(arn) ?? {}, invoke: () => runner.invoke(payload), deliver: (target, record) => this.#cloud.deliver(target, record, this.#cloud.principalOf(this.#roles.get(arn) ?? '')),
      now: () => this.#cloud.clock.now(), log: (message, facts) => { this.#cloud.log('lambda', message, { function: runner.definition.name, ...facts }); },
    }).catch((error: unknown) => { this.#cloud.log('lambda', 'asynchronous invocation lost', { function: runner.definition.name, error: String(error) }); });
  }

  async handle({ path, method, principal, headers, body }: SdkRequest): Promise<SdkResponse> {
    const match = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path);
    if (method !== 'POST' || match?.[1] === undefined) throw new AwsError('UnknownOperationException', `the local cloud does not serve Lambda ${method} ${path}`);
    const arn = this.#arnOf(decodeURIComponent(match[1]), `${principal.region}:${principal.account}`);
    this.#cloud.authorize(principal, 'lambda:InvokeFunction', arn);
    const payload: unknown = body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
    if (headers['x-amz-invocation-type'] === 'DryRun') return { status: 204 };
    if (headers['x-amz-invocation-type'] !== 'Event') return answerOf(await this.runnerOf(arn).invoke(payload));
    this.#invokeLater(this.runnerOf(arn), payload);
    return { status: 202 };
  }
}

const answerOf = (invocation: Invocation): SdkResponse => (invocation.outcome === 'returned'
  ? { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(invocation.result) }
  : { status: 200, headers: { 'content-type': 'application/json', 'x-amz-function-error': 'Unhandled' }, body: JSON.stringify({ errorType: invocation.errorType, errorMessage: invocation.errorMessage }) });

export const createLambdaService: LocalServiceFactory = (cloud) => new LambdaService(cloud);
