import { describe, expect, it } from 'vitest';
import { SnsService } from '../../infra/local/services/sns.ts';
import { ADMIN, codeOf, declaration, request, roleWith, testCloud } from './support/cloud.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:111111111111:Node-Alarms';
const QUEUE = 'arn:aws:sqs:eu-west-1:111111111111:Node-Queue';
const FUNCTION = 'arn:aws:lambda:eu-west-1:111111111111:function:Node-Tell';

const start = (subscriptions: readonly Readonly<Record<string, unknown>>[], more: Parameters<typeof testCloud>[1] = {}) => {
  const made = testCloud(temporaryFolder(), more);
  const service = new SnsService(made.cloud);
  service.provision(declaration('AWS::SNS::Topic', {}, 'Alarms'));
  for (const [i, properties] of subscriptions.entries()) service.provision(declaration('AWS::SNS::Subscription', { TopicArn: TOPIC, ...properties }, `Subscription${i}`));
  const publish = async (form: Readonly<Record<string, string>>, principal = ADMIN): Promise<string> => String((await service.handle(request({ body: Buffer.from(new URLSearchParams({ Action: 'Publish', TopicArn: TOPIC, ...form }).toString()), principal }))).body);
  return { ...made, service, publish };
};

describe('a topic', () => {
  it('tells its queues in an envelope, or raw, and its functions as records', async () => {
    const { publish, deliveries } = start([{ Protocol: 'sqs', Endpoint: QUEUE }, { Protocol: 'sqs', Endpoint: `${QUEUE}-raw`, RawMessageDelivery: true }, { Protocol: 'lambda', Endpoint: FUNCTION }]);
    const answer = await publish({ Message: 'freezer & lid <open>', Subject: 'Alarm' });
    const MessageId = /<MessageId>([^<]+)</.exec(answer)?.[1];
    const [envelope, raw, event] = deliveries;
    expect(JSON.parse(String(envelope?.payload))).toMatchObject({ Type: 'Notification', MessageId, TopicArn: TOPIC, Subject: 'Alarm', Message: 'freezer & lid <open>' });
    expect(raw?.payload).toBe('freezer & lid <open>');
    expect(event).toMatchObject({ targetArn: FUNCTION, payload: { Records: [{ EventSource: 'aws:sns', Sns: { MessageId, Message: 'freezer & lid <open>' } }] } });
  });

  it('tells the others when one can not be reached', async () => {
    const reached: string[] = [];
    const { publish } = start([{ Protocol: 'sqs', Endpoint: `${QUEUE}-gone` }, { Protocol: 'sqs', Endpoint: QUEUE }], {
      deliver: (arn) => {
        if (arn.endsWith('gone')) return Promise.reject(new Error('no queue'));
        reached.push(arn);
        return Promise.resolve();
      },
    });
    await publish({ Message: 'x' });
    expect(reached).toEqual([QUEUE]);
  });

  it('sends people no mail, but writes what it would have said', async () => {
    const { publish, deliveries, logs } = start([{ Protocol: 'email', Endpoint: 'quality@example.org' }]);
    await publish({ Message: 'x' });
    expect(deliveries).toEqual([]);
    expect(logs).toEqual(['sns: would tell']);
  });

  it('takes messages only from who may publish', async () => {
    const { publish, service } = start([]);
    expect(await codeOf(() => publish({ Message: 'x' }, roleWith([{ Effect: 'Allow', Action: 'sns:Publish', Resource: TOPIC }])))).toBe('none');
    expect(await codeOf(() => publish({ Message: 'x' }, roleWith([])))).toBe('AccessDeniedException');
    expect(await codeOf(() => service.receive(TOPIC, 'x', { service: 'cloudwatch.amazonaws.com', sourceArn: 'arn:alarm' }))).toBe('AccessDeniedException');
    expect(await codeOf(() => publish({ Message: 'x', TopicArn: `${TOPIC}2` }))).toBe('NotFound');
    expect(await codeOf(() => publish({ Message: '' }))).toBe('InvalidParameter');
  });

  it.each([[{ Protocol: 'sqs', Endpoint: QUEUE, FilterPolicy: { a: ['b'] } }, 'FilterPolicy'], [{ Protocol: 'firehose', Endpoint: 'x' }, 'firehose']])('with a subscription it can not serve is refused: %#', (properties, what) => {
    expect(() => start([properties])).toThrow(what);
  });
});
