import fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LocalService } from '../../infra/local/core/contracts.ts';
import { invokeAsynchronously } from '../../infra/local/services/lambda/asynchronous.ts';
import { doneCountOf, PendingRecords } from '../../infra/local/services/lambda/pending-records.ts';
import { pause, type MappingParts } from '../../infra/local/services/lambda/poller.ts';
import { QueuePoller } from '../../infra/local/services/lambda/queue-poller.ts';
import type { Invocation } from '../../infra/local/services/lambda/runner.ts';
import { DynamoDbStreamPoller } from '../../infra/local/services/lambda/stream-poller.ts';
import { SqsService } from '../../infra/local/services/sqs/service.ts';
import { ADMIN, declaration, testCloud } from './support/cloud.ts';
import { eventually } from './support/eventually.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const FUNCTION = 'arn:aws:lambda:eu-west-1:111111111111:function:Node-Progress';
const FAILED: Invocation = { outcome: 'failed', errorType: 'Error', errorMessage: 'broken' };

describe('records of a stream', () => {
  it('all pass in order, except those a function can never handle, which are let go one by one', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.integer(), { maxLength: 30 }), fc.integer({ min: 0, max: 3 }), fc.boolean(), (records, maximumRetryAttempts, reports) => {
      const isPoison = (record: number): boolean => record % 3 === 0;
      const pending = new PendingRecords<number>({ bisects: true, maximumRetryAttempts });
      pending.add(records);
      const [passed, discarded]: [number[], number[]] = [[], []];
      while (!pending.isEmpty) {
        const first = pending.batch.findIndex(isPoison);
        const settled = pending.settle(first < 0 ? pending.batch.length : reports ? first : 0);
        passed.push(...settled.passed);
        discarded.push(...settled.discarded);
      }
      expect(passed).toEqual(records.filter((record) => !isPoison(record)));
      expect(discarded).toEqual(records.filter(isPoison));
    }));
  });

  it('are tried again for ever when the mapping sets no limit', () => {
    const pending = new PendingRecords<number>({ bisects: false, maximumRetryAttempts: -1 });
    pending.add([1, 2]);
    for (let i = 0; i < 1000; i += 1) expect(pending.settle(0).isRetried).toBe(true);
    expect(pending.batch).toEqual([1, 2]);
  });

  it('are let go after exactly the retries the mapping allows', () => {
    const pending = new PendingRecords<number>({ bisects: false, maximumRetryAttempts: 2 });
    pending.add([7]);
    expect([pending.settle(0), pending.settle(0), pending.settle(0)].map(({ discarded }) => discarded.length)).toEqual([0, 0, 1]);
  });

  it.each([
    ['nothing reported', {}, 3], ['null answered', null, 3], ['the second reported', { batchItemFailures: [{ itemIdentifier: 'b' }] }, 1],
    ['the earliest of several counts', { batchItemFailures: [{ itemIdentifier: 'c' }, { itemIdentifier: 'b' }] }, 1], ['one it was never given', { batchItemFailures: [{ itemIdentifier: 'x' }] }, 0],
  ])('are done up to the first failure: %s', (_, result, doneCount) => {
    expect(doneCountOf(['a', 'b', 'c'], result)).toBe(doneCount);
  });
});

describe('a stream mapping', () => {
  type Answer = (numbers: readonly string[]) => Invocation;
  const record = (n: number, eventName = 'INSERT') => ({ eventID: String(n), eventName, dynamodb: { SequenceNumber: String(n) } });
  const SOURCE = 'arn:aws:dynamodb:eu-west-1:111111111111:table/Node-Record/stream/1';

  const start = (folder: string, records: readonly ReturnType<typeof record>[], properties: Readonly<Record<string, unknown>>, answer: Answer, stream = 'stream', parts: Partial<Pick<MappingParts, 'rest'>> = {}) => {
    const made = testCloud(folder);
    const batches: (readonly string[])[] = [];
    const engine = {
      name: 'dynamodb', engineStreamOf: () => Promise.resolve(stream),
      call: (operation: string, input: Readonly<Record<string, string | undefined>>) => {
        if (operation === 'DescribeStream') return Promise.resolve({ StreamDescription: { Shards: [{ ShardId: 'shard' }] } });
        if (operation === 'GetShardIterator') return Promise.resolve({ ShardIterator: input['SequenceNumber'] ?? '0' });
        const page = records.filter(({ dynamodb }) => Number(dynamodb.SequenceNumber) > Number(input['ShardIterator'])).slice(0, Number(input['Limit']));
        return Promise.resolve({ Records: page, NextShardIterator: page.at(-1)?.dynamodb.SequenceNumber ?? input['ShardIterator'] });
      },
    };
    made.services.set('dynamodb', engine as unknown as LocalService);
    const poller = new DynamoDbStreamPoller({
      cloud: made.cloud, id: 'Node-Stream', source: SOURCE, functionArn: FUNCTION, properties, principal: () => ADMIN,
      invoke: (event) => {
        const numbers = (event as { Records: readonly ReturnType<typeof record>[] }).Records.map(({ dynamodb }) => dynamodb.SequenceNumber);
        batches.push(numbers);
        return Promise.resolve(answer(numbers));
      },
      ...parts,
    });
    poller.start();
    return { poller, batches, ...made };
  };
  const returned: Invocation = { outcome: 'returned', result: null };

  it('goes on after what was handled when it starts again', async () => {
    const folder = temporaryFolder();
    const first = start(folder, [1, 2, 3].map((n) => record(n)), { BatchSize: 2 }, () => returned);
    await eventually('both batches', () => first.batches.length === 2);
    await first.poller.stop();
    const second = start(folder, [1, 2, 3, 4].map((n) => record(n)), { BatchSize: 2 }, () => returned);
    await eventually('the new record', () => second.batches.length === 1);
    await second.poller.stop();
    expect([...first.batches, ...second.batches]).toEqual([['1', '2'], ['3'], ['4']]);
  });

  it('does not read again at once when records come one by one, and then has them in one batch', async () => {
    const records = [record(1)];
    let rests = 0;
    // The second is there as soon as the first is handed over, two more come while it rests: whatever the clock does.
    const rest: MappingParts['rest'] = (ms, signal) => {
      if ((rests += 1) === 1) records.push(record(3), record(4));
      return pause(ms, signal);
    };
    const handOver: Answer = ([number]) => {
      if (number === '1') records.push(record(2));
      return returned;
    };
    const { poller, batches } = start(temporaryFolder(), records, {}, handOver, 'stream', { rest });
    await eventually('the rest', () => batches.flat().length === 4);
    await poller.stop();
    expect(batches).toEqual([['1'], ['2', '3', '4']]);
  });

  it('begins anew with the stream of a table that was made again, though its shard is named and numbered as the old one was', async () => {
    const folder = temporaryFolder();
    const first = start(folder, [1, 2].map((n) => record(n)), { BatchSize: 2 }, () => returned);
    await eventually('the batch', () => first.batches.length === 1);
    await first.poller.stop();
    const second = start(folder, [1, 2].map((n) => record(n)), { BatchSize: 2 }, () => returned, 'stream of the new table');
    await eventually('the records of the new table', () => second.batches.length === 1);
    await second.poller.stop();
    expect(second.batches).toEqual([['1', '2']]);
  });

  it('hands over only what its filters want, and does not read the rest again', async () => {
    const folder = temporaryFolder();
    const properties = { FilterCriteria: { Filters: [{ Pattern: JSON.stringify({ eventName: ['INSERT'] }) }] } };
    const first = start(folder, [record(1), record(2, 'REMOVE'), record(3)], properties, () => returned);
    await eventually('the batch', () => first.batches.length === 1);
    await first.poller.stop();
    expect(first.batches).toEqual([['1', '3']]);
  });

  it('notes what its filters left out once it rests, and hands over nothing twice after a restart', async () => {
    const folder = temporaryFolder();
    const properties = { BatchSize: 2, FilterCriteria: { Filters: [{ Pattern: JSON.stringify({ eventName: ['INSERT'] }) }] } };
    const records = [record(1), ...Array.from({ length: 9 }, (_, i) => record(2 + i, 'REMOVE'))];
    const first = start(folder, records, properties, () => returned);
    const position = join(first.cloud.stateFolder('stream-positions'), 'Node-Stream.json');
    await eventually('the place after the last', () => existsSync(position) && (JSON.parse(readFileSync(position, 'utf8')) as { sequenceNumber: string }).sequenceNumber === '10');
    await first.poller.stop();
    const second = start(folder, [...records, record(11)], properties, () => returned);
    await eventually('the new record', () => second.batches.length === 1);
    await second.poller.stop();
    expect([first.batches, second.batches]).toEqual([[['1']], [['11']]]);
  });

  it('retries from the record reported as failed, and from nothing before it', async () => {
    let tries = 0;
    const { poller, batches } = start(temporaryFolder(), [1, 2, 3].map((n) => record(n)), { FunctionResponseTypes: ['ReportBatchItemFailures'] }, () => ({ outcome: 'returned', result: (tries += 1) === 1 ? { batchItemFailures: [{ itemIdentifier: '2' }] } : null }));
    await eventually('the retry', () => batches.length === 2);
    await poller.stop();
    expect(batches).toEqual([['1', '2', '3'], ['2', '3']]);
  });

  it('does not hand over again, after a restart in the middle of a batch, what was reported as done', async () => {
    const folder = temporaryFolder();
    const properties = { FunctionResponseTypes: ['ReportBatchItemFailures'] };
    const first = start(folder, [1, 2, 3].map((n) => record(n)), properties, () => ({ outcome: 'returned', result: { batchItemFailures: [{ itemIdentifier: '2' }] } }));
    await eventually('the first try', () => first.batches.length === 1);
    await first.poller.stop();
    const second = start(folder, [1, 2, 3].map((n) => record(n)), properties, () => returned);
    await eventually('the rest', () => second.batches.length === 1);
    await second.poller.stop();
    expect(second.batches).toEqual([['2', '3']]);
  });

  it('gives up a record that always fails, tells the destination which, and goes on with the next', async () => {
    const properties = { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:eu-west-1:111111111111:failures' } } };
    const { poller, batches, deliveries } = start(temporaryFolder(), [1, 2, 3].map((n) => record(n)), properties, (numbers) => (numbers.includes('2') ? FAILED : returned));
    await eventually('the last record', () => batches.at(-1)?.join() === '3');
    await poller.stop();
    expect(deliveries).toMatchObject([{ targetArn: 'arn:aws:sqs:eu-west-1:111111111111:failures', payload: { requestContext: { condition: 'RetryAttemptsExhausted', functionArn: FUNCTION }, DDBStreamBatchInfo: { startSequenceNumber: '2', endSequenceNumber: '2', batchSize: 1 } } }]);
  });
});

describe('a queue mapping', () => {
  it('removes what is done and gives back what is reported as failed', async () => {
    const made = testCloud(temporaryFolder());
    const queues = new SqsService(made.cloud);
    made.services.set('sqs', queues);
    const arn = String(queues.provision(declaration('AWS::SQS::Queue', {}, 'Queue')).attributes['Arn']);
    const bodies: string[] = [];
    const poller = new QueuePoller({
      cloud: made.cloud, id: 'Node-Queue', source: arn, functionArn: FUNCTION, properties: { BatchSize: 10 }, principal: () => ADMIN,
      invoke: (event) => {
        const { Records } = event as { Records: readonly { messageId: string; body: string; attributes: { ApproximateReceiveCount: string } }[] };
        bodies.push(...Records.map(({ body }) => body));
        return Promise.resolve({ outcome: 'returned', result: { batchItemFailures: Records.filter(({ body, attributes }) => body === 'bad' && attributes.ApproximateReceiveCount === '1').map(({ messageId }) => ({ itemIdentifier: messageId })) } });
      },
    });
    await Promise.all([queues.send(arn, 'good'), queues.send(arn, 'bad')]);
    poller.start();
    await eventually('the retry', () => bodies.length === 3);
    await poller.stop();
    expect(bodies).toEqual(['good', 'bad', 'bad']);
    expect(queues.depth(arn)).toBe(0);
    await queues.stop();
  });
});

describe('an asynchronous invocation', () => {
  const call = async (config: Parameters<typeof invokeAsynchronously>[0]['config'], outcomes: readonly Invocation[]) => {
    const sent: { target: string; record: unknown }[] = [];
    let made = 0;
    await invokeAsynchronously({
      functionArn: FUNCTION, payload: { id: 1 }, config, retryMs: 1, now: () => 0, log: () => undefined, invoke: () => Promise.resolve(outcomes[Math.min(made++, outcomes.length - 1)]!),
      deliver: (target, record) => { sent.push({ target, record }); return Promise.resolve(); },
    });
    return { made, sent };
  };

  it.each([[undefined, 3], [0, 1], [1, 2]])('with %s retries is tried %i times', async (maximumRetryAttempts, tries) => {
    expect((await call(maximumRetryAttempts === undefined ? {} : { maximumRetryAttempts }, [FAILED])).made).toBe(tries);
  });

  it('that can not succeed is told to the failure destination, with what was asked', async () => {
    const { sent } = await call({ maximumRetryAttempts: 1, onFailure: 'arn:aws:sqs:eu-west-1:111111111111:failures' }, [FAILED]);
    expect(sent).toMatchObject([{ record: { requestPayload: { id: 1 }, requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 2 }, responsePayload: { errorMessage: 'broken' } } }]);
  });

  it('that succeeds at last tells only the success destination', async () => {
    const { sent, made } = await call({ onSuccess: 'arn:aws:events:eu-west-1:111111111111:event-bus/default', onFailure: 'arn:aws:sqs:eu-west-1:111111111111:failures' }, [FAILED, { outcome: 'returned', result: 'ok' }]);
    expect(made).toBe(2);
    expect(sent).toMatchObject([{ target: 'arn:aws:events:eu-west-1:111111111111:event-bus/default', record: { DetailType: 'Lambda Function Invocation Result - Success' } }]);
  });
});
