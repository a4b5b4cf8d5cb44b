import { createHash } from 'node:crypto';
import { AwsError, type Cloud, type LocalService, type LocalServiceFactory, type PolicyStatement, type Principal, type ProvisionedResource, type ResourceDeclaration, type SdkRequest, type SdkResponse } from '../../core/contracts.ts';
import { requireServiceAllowed } from '../../cloud.ts';
import { statementsOf } from '../../core/iam.ts';
import { QueueStore, type QueuedItem, type Redrive } from './store.ts';

type Queue = Readonly<{ arn: string; url: string; visibilityMs: number; delayMs: number; redrive: Redrive | undefined }>;
type Input = Readonly<Record<string, unknown>>;
type Operation = (queue: Queue, input: Input) => unknown;

const MAXIMUM_MESSAGE_BYTES = 1_048_576;
const LONG_POLL_STEP_MS = 25;
const LARGEST_BATCH = 10;

const faultOf = (body: string): string | undefined => {
  const bytes = Buffer.byteLength(body);
  return bytes >= 1 && bytes <= MAXIMUM_MESSAGE_BYTES ? undefined : `got a message of ${bytes} bytes, want 1 to ${MAXIMUM_MESSAGE_BYTES}`;
};

/** @throws AwsError when a batch is empty, too long, or has an id twice */
const batchOf = <Entry extends Readonly<{ Id: string }>>(entries: unknown): readonly Entry[] => {
  const batch = (entries ?? []) as readonly Entry[];
  if (batch.length === 0) throw new AwsError('AWS.SimpleQueueService.EmptyBatchRequest', 'a batch has at least one entry');
  if (batch.length > LARGEST_BATCH) throw new AwsError('AWS.SimpleQueueService.TooManyEntriesInBatchRequest', `got ${batch.length} entries, want at most ${LARGEST_BATCH}`);
  if (new Set(batch.map(({ Id }) => Id)).size < batch.length) throw new AwsError('AWS.SimpleQueueService.BatchEntryIdsNotDistinct', 'each entry has an id of its own');
  return batch;
};

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** SQS over its JSON protocol, and a way in for the services of this process. */
export class SqsService implements LocalService {
  readonly name = 'sqs';
  readonly signingNames = ['sqs'];
  readonly resourceTypes = ['AWS::SQS::Queue', 'AWS::SQS::QueuePolicy'];
  readonly deliverPrefixes = ['arn:aws:sqs:'];
  readonly #cloud: Cloud;
  readonly #store: QueueStore;
  readonly #queues = new Map<string, Queue>();
  readonly #policies = new Map<string, Map<string, readonly PolicyStatement[]>>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#store = new QueueStore(cloud.stateFolder('sqs'), (arn) => this.#queues.get(arn)?.redrive);
  }

  provision({ stack, logicalId, type, properties }: ResourceDeclaration): ProvisionedResource {
    const name = `${stack.name}-${logicalId}`;
    if (type === 'AWS::SQS::QueuePolicy') {
      for (const url of properties['Queues'] as readonly string[]) {
        const arn = this.#byUrl(url).arn;
        this.#policies.set(arn, (this.#policies.get(arn) ?? new Map<string, readonly PolicyStatement[]>()).set(name, statementsOf(properties['PolicyDocument'])));
      }
      return { physicalId: name, attributes: { Id: name } };
    }
    const unknown = ['FifoQueue'].find((each) => properties[each] !== undefined && properties[each] !== false && properties[each] !== 0);
    if (unknown !== undefined) throw new Error(`${stack.name}/${logicalId}: the local cloud has no queues with ${unknown}`);
    const arn = `arn:aws:sqs:${stack.region}:${stack.account}:${name}`;
    const url = `${this.#cloud.endpointUrl}/${stack.account}/${name}`;
    const redrive = properties['RedrivePolicy'] as Readonly<{ deadLetterTargetArn: string; maxReceiveCount: number }> | undefined;
    this.#queues.set(arn, { arn, url, visibilityMs: Number(properties['VisibilityTimeout'] ?? 30) * 1000, delayMs: Number(properties['DelaySeconds'] ?? 0) * 1000, redrive: redrive === undefined ? undefined : { deadLetterArn: redrive.deadLetterTargetArn, maxReceiveCount: redrive.maxReceiveCount } });
    return { physicalId: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
  }

  #byUrl(url: string): Queue {
    const found = [...this.#queues.values()].find((queue) => new URL(queue.url).pathname === new URL(url).pathname);
    if (found === undefined) throw new AwsError('AWS.SimpleQueueService.NonExistentQueue', `no queue ${url}`);
    return found;
  }

  #byArn(arn: string): Queue {
    const found = this.#queues.get(arn);
    if (found === undefined) throw new AwsError('AWS.SimpleQueueService.NonExistentQueue', `no queue ${arn}`);
    return found;
  }

  arnOfUrl(url: string): string {
    return this.#byUrl(url).arn;
  }

  policyOf(arn: string): readonly PolicyStatement[] {
    return [...this.#policies.get(arn)?.values() ?? []].flat();
  }

  /** Resolves when the message is on disk. */
  send(arn: string, body: string): Promise<string> {
    const { delayMs } = this.#byArn(arn);
    return this.#store.send(arn, body, delayMs);
  }

  depth(arn: string): number {
    return this.#store.depth(arn);
  }

  bytes(arn: string): number {
    return this.#store.bytes(arn);
  }

  take(arn: string, maximum: number, maximumBytes: number): readonly QueuedItem[] {
    return this.#store.take(arn, maximum, maximumBytes, this.#byArn(arn).visibilityMs);
  }

  remove(receipts: readonly string[]): void {
    this.#store.remove(receipts);
  }

  giveBack(receipts: readonly string[]): void {
    this.#store.giveBack(receipts);
  }

  stop(): Promise<void> {
    this.#store.close();
    return Promise.resolve();
  }

  async receive(targetArn: string, payload: unknown, from: Principal | Readonly<{ service: string; sourceArn: string }>): Promise<unknown> {
    if ('service' in from) requireServiceAllowed(from.service, 'sqs:SendMessage', targetArn, this.policyOf(targetArn), from.sourceArn);
    else this.#cloud.authorize(from, 'sqs:SendMessage', targetArn, { resourcePolicy: this.policyOf(targetArn), resourceAccount: targetArn.split(':')[4] ?? '' });
    return this.send(targetArn, typeof payload === 'string' ? payload : JSON.stringify(payload));
  }

  readonly #operations: Readonly<Record<string, Operation>> = {
    SendMessage: async ({ arn, delayMs }, { MessageBody }) => {
      const body = String(MessageBody);
      const fault = faultOf(body);
      if (fault !== undefined) throw new AwsError('InvalidParameterValue', fault);
      return { MessageId: await this.#store.send(arn, body, delayMs), MD5OfMessageBody: md5(body) };
    },
    SendMessageBatch: async ({ arn, delayMs }, { Entries }) => {
      const entries = batchOf<Readonly<{ Id: string; MessageBody: string }>>(Entries);
      const faulty = entries.flatMap(({ Id, MessageBody }) => {
        const fault = faultOf(MessageBody);
        return fault === undefined ? [] : [{ Id, Code: 'InvalidParameterValue', Message: fault, SenderFault: true }];
      });
      const good = entries.filter(({ Id }) => !faulty.some((each) => each.Id === Id));
      return { Failed: faulty, Successful: await Promise.all(good.map(async ({ Id, MessageBody }) => ({ Id, MessageId: await this.#store.send(arn, MessageBody, delayMs), MD5OfMessageBody: md5(MessageBody) }))) };
    },
    ReceiveMessage: async (queue, { MaxNumberOfMessages = 1, WaitTimeSeconds = 0, VisibilityTimeout }) => {
      if (!(Number(MaxNumberOfMessages) >= 1 && Number(MaxNumberOfMessages) <= LARGEST_BATCH)) throw new AwsError('InvalidParameterValue', `MaxNumberOfMessages: got ${String(MaxNumberOfMessages)}, want 1 to ${LARGEST_BATCH}`);
      const until = Date.now() + Number(WaitTimeSeconds) * 1000;
      while (this.#store.depth(queue.arn) === 0 && Date.now() < until) await new Promise((resolve) => { setTimeout(resolve, LONG_POLL_STEP_MS); });
      const messages = this.#store.take(queue.arn, Number(MaxNumberOfMessages), Infinity, VisibilityTimeout === undefined ? queue.visibilityMs : Number(VisibilityTimeout) * 1000);
      return messages.length === 0 ? {} : { Messages: messages.map(({ messageId, receipt, body, receiveCount }) => ({ MessageId: messageId, ReceiptHandle: receipt, Body: body, MD5OfBody: md5(body), Attributes: { ApproximateReceiveCount: String(receiveCount) } })) };
    },
    DeleteMessage: (_, { ReceiptHandle }) => {
      this.remove([String(ReceiptHandle)]);
      return {};
    },
    DeleteMessageBatch: (_, { Entries }) => {
      const entries = batchOf<Readonly<{ Id: string; ReceiptHandle: string }>>(Entries);
      this.remove(entries.map(({ ReceiptHandle }) => ReceiptHandle));
      return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] };
    },
    ChangeMessageVisibility: (_, { ReceiptHandle, VisibilityTimeout }) => {
      this.#store.giveBack([String(ReceiptHandle)], Number(VisibilityTimeout) * 1000);
      return {};
    },
    GetQueueAttributes: ({ arn }) => ({ Attributes: { QueueArn: arn, ApproximateNumberOfMessages: String(this.#store.depth(arn)), ApproximateNumberOfMessagesNotVisible: String(this.#store.inFlight(arn)) } }),
  };

  async handle({ operation = '', body, principal }: SdkRequest): Promise<SdkResponse> {
    const input = JSON.parse(body.toString('utf8')) as Input;
    const run = this.#operations[operation];
    if (run === undefined) throw new AwsError('UnknownOperationException', `the local cloud does not serve SQS ${operation}`);
    const queue = this.#byUrl(String(input['QueueUrl']));
    this.#cloud.authorize(principal, `sqs:${operation.replace(/Batch$/, '')}`, queue.arn, { resourcePolicy: this.policyOf(queue.arn), resourceAccount: queue.arn.split(':')[4] ?? '' });
    return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(await run(queue, input)) };
  }
}

export const createSqsService: LocalServiceFactory = (cloud) => new SqsService(cloud);
