import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { SqsService } from '../../infra/local/services/sqs/service.ts';
import { ADMIN, codeOf, declaration, jsonOf, request, roleWith, testCloud } from './support/cloud.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

type Message = Readonly<{ MessageId: string; ReceiptHandle: string; Body: string; Attributes: Readonly<{ ApproximateReceiveCount: string }> }>;

const start = (folder = temporaryFolder()) => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_790_000_000_000 });
  onTestFinished(() => { vi.useRealTimers(); });
  const service = new SqsService(testCloud(folder).cloud);
  const dead = service.provision(declaration('AWS::SQS::Queue', {}, 'Dead'));
  const { physicalId: QueueUrl } = service.provision(declaration('AWS::SQS::Queue', { VisibilityTimeout: 30, RedrivePolicy: { deadLetterTargetArn: dead.attributes['Arn'], maxReceiveCount: 2 } }, 'Queue'));
  const call = async <Answer = Readonly<Record<string, unknown>>>(operation: string, body: Readonly<Record<string, unknown>> = {}, principal = ADMIN): Promise<Answer> => jsonOf<Answer>(await service.handle(request({ operation, body: { QueueUrl, ...body }, principal })));
  const receive = async (more: Readonly<Record<string, unknown>> = {}): Promise<readonly Message[]> => (await call<{ Messages?: readonly Message[] }>('ReceiveMessage', { MaxNumberOfMessages: 10, ...more })).Messages ?? [];
  return { service, call, receive, deadUrl: dead.physicalId, later: (seconds: number) => { vi.setSystemTime(Date.now() + seconds * 1000); } };
};

describe('a queue', () => {
  it('shows a message to one receiver until its visibility ends, then again', async () => {
    const { call, receive, later } = start();
    await call('SendMessage', { MessageBody: 'sample' });
    expect(await receive()).toMatchObject([{ Body: 'sample', Attributes: { ApproximateReceiveCount: '1' } }]);
    later(29);
    expect(await receive()).toEqual([]);
    later(2);
    expect(await receive()).toMatchObject([{ Body: 'sample', Attributes: { ApproximateReceiveCount: '2' } }]);
  });

  it('holds a message back for as long as it is told, and no longer', async () => {
    const { service, later } = start();
    const { attributes: { Arn } } = service.provision(declaration('AWS::SQS::Queue', { DelaySeconds: 30 }, 'Late'));
    await service.send(String(Arn), 'half a minute');
    later(29);
    expect(service.depth(String(Arn))).toBe(0);
    later(1);
    expect(service.take(String(Arn), 10, 1000)).toMatchObject([{ body: 'half a minute', receiveCount: 1 }]);
  });

  it('wakes a long poll when a message becomes visible again', async () => {
    const { call, receive, later } = start();
    await call('SendMessage', { MessageBody: 'sample' });
    await receive();
    setTimeout(() => { later(19); }, 50);
    const started = performance.now();
    later(12);
    expect(await receive({ WaitTimeSeconds: 20 })).toHaveLength(1);
    expect(performance.now() - started, 'woken, and not ended by its own time').toBeLessThan(20_000);
  });

  it('forgets what is deleted, also over a restart, and keeps the rest', async () => {
    const folder = temporaryFolder();
    const first = start(folder);
    await Promise.all(['a', 'b'].map((MessageBody) => first.call('SendMessage', { MessageBody })));
    const [a] = await first.receive({ MaxNumberOfMessages: 1 });
    await first.call('DeleteMessage', { ReceiptHandle: a?.ReceiptHandle });
    await first.service.stop();
    expect((await start(folder).receive()).map(({ Body }) => Body)).toEqual(['b']);
  });

  it('moves a message received too often to the dead letters, under its own id, also over a restart', async () => {
    const folder = temporaryFolder();
    const { service, call, receive, later, deadUrl } = start(folder);
    const { MessageId } = await call('SendMessage', { MessageBody: 'poison' });
    for (const _ of [1, 2]) {
      expect(await receive()).toHaveLength(1);
      later(31);
    }
    expect(await receive()).toEqual([]);
    expect(await receive({ QueueUrl: deadUrl })).toMatchObject([{ MessageId, Body: 'poison' }]);
    await service.stop();
    const again = start(folder);
    expect(await again.receive()).toEqual([]);
    expect(await again.receive({ QueueUrl: again.deadUrl })).toMatchObject([{ MessageId }]);
  });

  it('lets a receiver choose and change how long a message is hidden', async () => {
    const { call, receive, later } = start();
    await call('SendMessage', { MessageBody: 'slow' });
    const [message] = await receive({ VisibilityTimeout: 5 });
    await call('ChangeMessageVisibility', { ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 100 });
    later(90);
    expect(await receive()).toEqual([]);
    later(11);
    expect(await receive()).toHaveLength(1);
  });
});

describe('a batch', () => {
  it('takes the good entries and says which are bad', async () => {
    const { call, receive } = start();
    const answer = await call('SendMessageBatch', { Entries: [{ Id: '1', MessageBody: 'good' }, { Id: '2', MessageBody: 'x'.repeat(1_048_577) }, { Id: '3', MessageBody: '' }] });
    expect(answer).toMatchObject({ Successful: [{ Id: '1' }], Failed: [{ Id: '2', SenderFault: true }, { Id: '3' }] });
    expect(await receive()).toHaveLength(1);
  });

  it.each([
    ['nothing', [], 'AWS.SimpleQueueService.EmptyBatchRequest'], ['eleven', Array.from({ length: 11 }, (_, i) => ({ Id: String(i), MessageBody: 'a' })), 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest'],
    ['one id twice', [{ Id: '1', MessageBody: 'a' }, { Id: '1', MessageBody: 'b' }], 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct'],
  ])('of %s is refused as a whole', async (_, Entries, code) => {
    expect(await codeOf(() => start().call('SendMessageBatch', { Entries }))).toBe(code);
  });
});

describe('access', () => {
  it('is by the caller’s role; a batch needs the same action as one message', async () => {
    const { call } = start();
    const sender = roleWith([{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: 'arn:aws:sqs:eu-west-1:111111111111:Node-Queue' }]);
    expect(await codeOf(() => call('SendMessageBatch', { Entries: [{ Id: '1', MessageBody: 'a' }] }, sender))).toBe('none');
    expect(await codeOf(() => call('ReceiveMessage', {}, sender))).toBe('AccessDeniedException');
  });

  it('of a service is by the queue’s policy', async () => {
    const { service } = start();
    const arn = 'arn:aws:sqs:eu-west-1:111111111111:Node-Queue';
    const rule = { service: 'events.amazonaws.com', sourceArn: 'arn:aws:events:eu-west-1:111111111111:rule/a' };
    expect(await codeOf(() => service.receive(arn, 'x', rule))).toBe('AccessDeniedException');
    service.provision(declaration('AWS::SQS::QueuePolicy', { Queues: ['http://127.0.0.1:1/111111111111/Node-Queue'], PolicyDocument: { Statement: { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: arn } } }));
    expect(await codeOf(() => service.receive(arn, 'x', rule))).toBe('none');
  });

  it('to a FIFO queue is not pretended', () => {
    expect(() => start().service.provision(declaration('AWS::SQS::Queue', { FifoQueue: true }, 'Fifo'))).toThrow(/no queues with FifoQueue/);
  });
});
