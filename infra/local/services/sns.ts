import { randomUUID } from 'node:crypto';
import { AwsError, type Cloud, type LocalService, type LocalServiceFactory, type PolicyStatement, type Principal, type ProvisionedResource, type ResourceDeclaration, type SdkRequest, type SdkResponse } from '../core/contracts.ts';
import { requireServiceAllowed } from '../cloud.ts';
import { statementsOf } from '../core/iam.ts';

type Subscription = Readonly<{ arn: string; protocol: string; endpoint: string; isRaw: boolean }>;
type Topic = { readonly arn: string; readonly subscriptions: Map<string, Subscription>; readonly policies: Map<string, readonly PolicyStatement[]> };
type Notification = Readonly<{ message: string; subject: string | undefined }>;

const MAXIMUM_MESSAGE_BYTES = 262_144;
/** People get no mail from a developer's machine: these are written to the log. */
const LOGGED = new Set(['email', 'email-json', 'http', 'https', 'sms']);

/** SNS: topics of the templates, handing on to queues and functions. */
export class SnsService implements LocalService {
  readonly name = 'sns';
  readonly signingNames = ['sns'];
  readonly resourceTypes = ['AWS::SNS::Topic', 'AWS::SNS::TopicPolicy', 'AWS::SNS::Subscription'];
  readonly deliverPrefixes = ['arn:aws:sns:'];
  readonly #cloud: Cloud;
  readonly #topics = new Map<string, Topic>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  provision({ stack, logicalId, type, properties }: ResourceDeclaration): ProvisionedResource {
    const name = `${stack.name}-${logicalId}`;
    if (type === 'AWS::SNS::TopicPolicy') {
      for (const arn of properties['Topics'] as readonly string[]) this.#topic(arn).policies.set(name, statementsOf(properties['PolicyDocument']));
      return { physicalId: name, attributes: { Id: name } };
    }
    if (type === 'AWS::SNS::Subscription') {
      const topicArn = String(properties['TopicArn']);
      const arn = `${topicArn}:${name}`;
      this.#subscribe(`${stack.name}/${logicalId}`, arn, this.#topic(topicArn), properties);
      return { physicalId: arn, attributes: { Arn: arn } };
    }
    const arn = `arn:aws:sns:${stack.region}:${stack.account}:${name}`;
    if (properties['FifoTopic'] === true) throw new Error(`${stack.name}/${logicalId}: the local cloud has no FIFO topics`);
    if (!this.#topics.has(arn)) this.#topics.set(arn, { arn, subscriptions: new Map(), policies: new Map() });
    return { physicalId: arn, attributes: { TopicArn: arn, TopicName: name } };
  }

  #subscribe(at: string, arn: string, topic: Topic, { Protocol, Endpoint, RawMessageDelivery, ...rest }: Readonly<Record<string, unknown>>): void {
    const unknown = ['FilterPolicy', 'RedrivePolicy'].find((each) => rest[each] !== undefined);
    const protocol = String(Protocol);
    if (unknown !== undefined || !(protocol === 'sqs' || protocol === 'lambda' || LOGGED.has(protocol))) throw new Error(`${at}: the local cloud does not serve subscriptions with ${unknown ?? `the protocol ${protocol}`}`);
    topic.subscriptions.set(arn, { arn, protocol, endpoint: String(Endpoint), isRaw: RawMessageDelivery === true });
  }

  /** @throws AwsError `NotFound` */
  #topic(arn: string): Topic {
    const topic = this.#topics.get(arn);
    if (topic === undefined) throw new AwsError('NotFound', 'Topic does not exist', 404);
    return topic;
  }

  #policyOf(topic: Topic): readonly PolicyStatement[] {
    return [...topic.policies.values()].flat();
  }

  /** @returns the message id; a subscriber that fails is logged and holds up no other */
  async #publish(topic: Topic, notification: Notification): Promise<string> {
    const messageId = randomUUID();
    await Promise.all([...topic.subscriptions.values()].map((subscription) => this.#hand(topic, subscription, messageId, notification).catch((error: unknown) => {
      this.#cloud.log('sns', 'subscriber not reached', { topic: topic.arn, endpoint: subscription.endpoint, error: error instanceof Error ? error.message : String(error) });
    })));
    return messageId;
  }

  async #hand(topic: Topic, { arn, protocol, endpoint, isRaw }: Subscription, MessageId: string, { message, subject }: Notification): Promise<void> {
    const body = { Type: 'Notification', MessageId, TopicArn: topic.arn, ...(subject === undefined ? {} : { Subject: subject }), Message: message, Timestamp: new Date(this.#cloud.clock.now()).toISOString() };
    const from = { service: 'sns.amazonaws.com', sourceArn: topic.arn };
    if (protocol === 'sqs') await this.#cloud.deliver(endpoint, isRaw ? message : JSON.stringify(body), from);
    else if (protocol === 'lambda') await this.#cloud.deliver(endpoint, { Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: arn, Sns: { ...body, MessageAttributes: {} } }] }, from, { invocation: 'event' });
    else this.#cloud.log('sns', 'would tell', { protocol, endpoint, ...body });
  }

  /** An object is what another service hands over; a text is published as it is. */
  async receive(targetArn: string, payload: unknown, from: Principal | Readonly<{ service: string; sourceArn: string }>): Promise<unknown> {
    const topic = this.#topic(targetArn);
    if ('service' in from) requireServiceAllowed(from.service, 'sns:Publish', targetArn, this.#policyOf(topic), from.sourceArn);
    else this.#authorize(from, topic);
    return { MessageId: await this.#publish(topic, { message: typeof payload === 'string' ? payload : JSON.stringify(payload), subject: undefined }) };
  }

  #authorize(principal: Principal, topic: Topic): void {
    this.#cloud.authorize(principal, 'sns:Publish', topic.arn, { resourcePolicy: this.#policyOf(topic), resourceAccount: topic.arn.split(':')[4] ?? '' });
  }

  /** AWS Query: the call is a form, the answer XML. */
  async handle({ body, principal }: SdkRequest): Promise<SdkResponse> {
    const form = new URLSearchParams(body.toString('utf8'));
    if (form.get('Action') !== 'Publish') throw new AwsError('InvalidAction', `the local cloud does not serve SNS ${form.get('Action') ?? ''}`);
    const topic = this.#topic(form.get('TopicArn') ?? form.get('TargetArn') ?? '');
    this.#authorize(principal, topic);
    const message = form.get('Message') ?? '';
    if (message === '' || Buffer.byteLength(message) > MAXIMUM_MESSAGE_BYTES) throw new AwsError('InvalidParameter', `got a message of ${Buffer.byteLength(message)} bytes, want 1 to ${MAXIMUM_MESSAGE_BYTES}`);
    const id = await this.#publish(topic, { message, subject: form.get('Subject') ?? undefined });
    return { status: 200, headers: { 'content-type': 'text/xml' }, body: `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>${id}</MessageId></PublishResult><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></PublishResponse>` };
  }
}

export const createSnsService: LocalServiceFactory = (cloud) => new SnsService(cloud);
