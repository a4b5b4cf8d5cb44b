import { AwsError, type Cloud, type LocalService, type LocalServiceFactory, type Principal, type ProvisionedResource, type ResourceDeclaration, type SdkRequest, type SdkResponse, type StackIdentity } from '../../core/contracts.ts';
import { statementsOf } from '../../core/iam.ts';
import type { SqsService } from '../sqs/service.ts';
import { DeviceBroker } from './broker.ts';
import { serveControlPlane } from './control-plane.ts';
import type { IotHome, Rule, SqsAction } from './home.ts';
import { DeviceRegistry } from './registry.ts';
import { parseRuleSql, type RuleMessage } from './rule-sql.ts';

type ActionProperties = readonly Readonly<{ Sqs?: Readonly<{ QueueUrl: string; RoleArn: string }> }>[];

/** AWS IoT Core: one endpoint, registry and set of rules for each stack that has any. */
export class IotService implements LocalService {
  readonly name = 'iot';
  readonly signingNames = ['iot', 'execute-api', 'iotdata', 'iotdevicegateway'];
  readonly resourceTypes = ['AWS::IoT::ThingType', 'AWS::IoT::Policy', 'AWS::IoT::ProvisioningTemplate', 'AWS::IoT::TopicRule'];
  readonly #cloud: Cloud;
  readonly #homes = new Map<string, IotHome>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  #home(stack: StackIdentity): IotHome {
    const known = this.#homes.get(stack.name);
    if (known !== undefined) return known;
    const home: IotHome = { stack, port: this.#cloud.portFor(`mqtt-${stack.name}`), registry: new DeviceRegistry(this.#cloud.stateFolder('iot'), stack.name), policies: new Map(), thingTypes: new Set(), rules: new Map(), broker: undefined };
    this.#homes.set(stack.name, home);
    return home;
  }

  /** The registry a caller's account and region stand for. @throws AwsError */
  homeOf({ account, region }: Principal): IotHome {
    const home = [...this.#homes.values()].find(({ stack }) => stack.account === account && stack.region === region);
    if (home === undefined) throw new AwsError('ResourceNotFoundException', `no IoT resources in account ${account}, ${region}`, 404);
    return home;
  }

  provision({ stack, logicalId, type, properties }: ResourceDeclaration): ProvisionedResource {
    const home = this.#home(stack);
    const name = `${stack.name}-${logicalId}`;
    const arn = (kind: string): string => `arn:aws:iot:${stack.region}:${stack.account}:${kind}/${name}`;
    switch (type) {
      case 'AWS::IoT::ThingType':
        home.thingTypes.add(name);
        return { physicalId: name, attributes: { Arn: arn('thingtype') } };
      case 'AWS::IoT::Policy':
        home.policies.set(name, statementsOf(properties['PolicyDocument']));
        return { physicalId: name, attributes: { Arn: arn('policy') } };
      case 'AWS::IoT::TopicRule':
        home.rules.set(name, this.#rule(name, properties['TopicRulePayload'] as Readonly<Record<string, unknown>>));
        return { physicalId: name, attributes: { Arn: arn('rule') } };
      default:
        return { physicalId: name, attributes: { TemplateArn: arn('provisioningtemplate') } };
    }
  }

  #rule(name: string, payload: Readonly<Record<string, unknown>>): Rule {
    const actionsOf = (actions: ActionProperties): readonly SqsAction[] => actions.map(({ Sqs }) => {
      if (Sqs === undefined) throw new Error(`topic rule ${name} has an action other than SQS, which the local cloud does not carry out`);
      return { queueUrl: Sqs.QueueUrl, roleArn: Sqs.RoleArn };
    });
    const [errorAction] = payload['ErrorAction'] === undefined ? [] : actionsOf([payload['ErrorAction']] as ActionProperties);
    return { name, rule: parseRuleSql(String(payload['Sql'])), actions: actionsOf(payload['Actions'] as ActionProperties), errorAction };
  }

  async start(): Promise<void> {
    for (const home of this.#homes.values()) {
      if (home.broker !== undefined) continue;
      const { name, region, account } = home.stack;
      home.broker = new DeviceBroker({
        cloud: this.#cloud, home: { stack: name, region, account, port: home.port }, registry: home.registry, policiesOf: (names) => names.flatMap((policy) => home.policies.get(policy) ?? []),
        onMessage: (topic, payload, clientId, receivedEpochMs) => this.#applyRules(home, { topic, payload, clientId, receivedEpochMs }),
      });
      await home.broker.start();
    }
  }

  async stop(): Promise<void> {
    for (const { broker } of this.#homes.values()) await broker?.stop();
  }

  async #applyRules(home: IotHome, message: RuleMessage): Promise<void> {
    const { topic, payload } = message;
    for (const { name, rule, actions, errorAction } of home.rules.values()) {
      if (!rule.matches(topic)) continue;
      const body = JSON.stringify(rule.select(message));
      for (const action of actions) {
        try {
          await this.#send(action, body);
        } catch (error) {
          this.#cloud.log('iot', 'rule action failed', { rule: name, error: error instanceof Error ? error.message : String(error) });
          if (errorAction !== undefined) await this.#send(errorAction, JSON.stringify({ ruleName: name, topic, base64OriginalPayload: payload.toString('base64') }));
        }
      }
    }
  }

  async #send({ queueUrl, roleArn }: SqsAction, body: string): Promise<void> {
    const queues = this.#cloud.service<SqsService>('sqs');
    const arn = queues.arnOfUrl(queueUrl);
    this.#cloud.authorize(this.#cloud.principalOf(roleArn), 'sqs:SendMessage', arn);
    await queues.send(arn, body);
  }

  async handle(request: SdkRequest): Promise<SdkResponse> {
    const home = this.homeOf(request.principal);
    const published = /^\/topics\/(.+)$/.exec(request.path);
    if (request.method === 'POST' && published?.[1] !== undefined) {
      const topic = decodeURIComponent(published[1]);
      this.#cloud.authorize(request.principal, 'iot:Publish', `arn:aws:iot:${home.stack.region}:${home.stack.account}:topic/${topic}`);
      await home.broker?.publish(topic, request.body, request.query.get('qos') === '1' ? 1 : 0);
      return { status: 200, headers: { 'content-type': 'application/json' }, body: '{"message":"OK"}' };
    }
    return serveControlPlane(this.#cloud, home, request);
  }

  endpoints(): readonly Readonly<{ stack: string; name: string; value: unknown }>[] {
    return [...this.#homes.values()].map(({ stack, port }) => ({ stack: stack.name, name: 'mqtt', value: { url: `mqtts://127.0.0.1:${port}`, host: '127.0.0.1', port, caFile: `${this.#cloud.certificateFolder}/ca.crt` } }));
  }
}

export const createIotService: LocalServiceFactory = (cloud) => new IotService(cloud);
