import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoDbService } from '../../infra/local/services/dynamodb.ts';
import { indexStreams } from '../../infra/local/services/stream-index.ts';
import { freePorts } from '../support/free-ports.ts';
import { declaration, jsonOf, request, roleWith, codeOf, testCloud } from './support/cloud.ts';

const folder = mkdtempSync(join(tmpdir(), 'bedside-local-'));
const STREAMS = 'DynamoDBStreams_20120810';
const TABLE = 'Node-Record';
const ARN = `arn:aws:dynamodb:eu-west-1:111111111111:table/${TABLE}`;
let engine: DynamoDbService;

const transact = (principal: ReturnType<typeof roleWith>, entries: readonly unknown[]) => request({ principal, operation: 'TransactWriteItems', headers: { 'x-amz-target': 'DynamoDB_20120810.TransactWriteItems' }, body: { TransactItems: entries } });
const put = (pk: string, sk: string) => ({ Put: { TableName: TABLE, Item: { pk: { S: pk }, sk: { S: sk } }, ConditionExpression: 'attribute_not_exists(pk)' } });

beforeAll(async () => {
  const port = await freePorts();
  engine = new DynamoDbService(testCloud(folder, { portFor: () => port }).cloud, undefined);
  await engine.prepare();
  const key = (name: string, KeyType: string) => ({ AttributeName: name, KeyType });
  await engine.provision(declaration('AWS::DynamoDB::GlobalTable', {
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }, { AttributeName: 'sk', AttributeType: 'S' }], KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')], StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
  }, 'Record'));
});
afterAll(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the local DynamoDB', () => {
  it('finds its place in a stream without looking through it', () => {
    const database = new DatabaseSync(join(folder, 'dynamodb', 'tables.sqlite'));
    const planOf = (sql: string): string => database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all().map(({ detail }) => String(detail)).join('; ');
    // As the engine asks: for the number of the next record, and for what follows one.
    const plans = [
      planOf("SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = 'Node-Record'"),
      planOf("SELECT new_image FROM _stream_records WHERE table_name = 'Node-Record' AND shard_id = 's' AND CAST(sequence_number AS INTEGER) > 5 ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT 100"),
    ];
    database.close();
    for (const plan of plans) expect(plan).toMatch(/^SEARCH _stream_records USING (COVERING )?INDEX bedside_stream_order/);
    expect(plans.join()).not.toMatch(/SCAN|TEMP B-TREE/);
  });

  it('gives every record of a stream once, in order', async () => {
    const principal = roleWith([{ Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: ARN }]);
    const names = Array.from({ length: 60 }, (_, i) => `B#${String(i).padStart(3, '0')}`);
    for (const name of names) expect((await engine.handle(transact(principal, [put(name, 'EVENT'), put(name, 'COMPANION')]))).status).toBe(200);
    const StreamArn = await engine.engineStreamOf(`${ARN}/stream/1`);
    const { StreamDescription } = await engine.call<{ StreamDescription: { Shards: readonly { ShardId: string }[] } }>('DescribeStream', { StreamArn }, STREAMS);
    let { ShardIterator } = await engine.call<{ ShardIterator: string }>('GetShardIterator', { StreamArn, ShardId: StreamDescription.Shards[0]!.ShardId, ShardIteratorType: 'TRIM_HORIZON' }, STREAMS);
    const seen: string[] = [];
    for (let page = 0; page < 4; page += 1) {
      const answer = await engine.call<{ Records: readonly { dynamodb: { Keys: { pk: { S: string }; sk: { S: string } } } }[]; NextShardIterator: string }>('GetRecords', { ShardIterator, Limit: 50 }, STREAMS);
      seen.push(...answer.Records.map(({ dynamodb: { Keys } }) => `${Keys.pk.S} ${Keys.sk.S}`));
      ShardIterator = answer.NextShardIterator;
    }
    expect(seen).toEqual(names.flatMap((name) => [`${name} EVENT`, `${name} COMPANION`]));
  });

  it('refuses a transaction when one of its writes is not allowed', async () => {
    const principal = roleWith([{ Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: ARN }]);
    const entries = [put('C', '1'), put('C', '2'), { Delete: { TableName: TABLE, Key: { pk: { S: 'C' }, sk: { S: '3' } } } }];
    expect(await codeOf(async () => engine.handle(transact(principal, entries)))).toBe('AccessDeniedException');
    const { Item } = await engine.call<{ Item?: unknown }>('GetItem', { TableName: TABLE, Key: { pk: { S: 'C' }, sk: { S: '1' } } });
    expect(Item).toBeUndefined();
    expect(jsonOf(await engine.handle(transact(principal, entries.slice(0, 2))))).toEqual({});
  });

  describe('a batch of writes', () => {
    const writer = roleWith([{ Effect: 'Allow', Action: 'dynamodb:BatchWriteItem', Resource: ARN }]);
    const keyOf = (sk: string) => ({ pk: { S: 'BATCH' }, sk: { S: sk } });
    const putRequest = (sk: string, text = '') => ({ PutRequest: { Item: { ...keyOf(sk), text: { S: text } } } });
    const write = async (requests: readonly unknown[]) => {
      const targets: string[] = [];
      const own = engine.forward.bind(engine);
      engine.forward = (target, body) => { targets.push(target.split('.').at(-1) ?? ''); return own(target, body); };
      const { status, body } = await engine.handle(request({ principal: writer, operation: 'BatchWriteItem', headers: { 'x-amz-target': 'DynamoDB_20120810.BatchWriteItem' }, body: { RequestItems: { [TABLE]: requests } } }));
      engine.forward = own;
      return { status, answer: JSON.parse(String(body)) as { UnprocessedItems?: object; __type?: string }, targets };
    };
    const held = async (): Promise<readonly string[]> =>
      (await engine.call<{ Items: readonly { sk: { S: string } }[] }>('Query', { TableName: TABLE, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: 'BATCH' } }, ProjectionExpression: 'sk' })).Items.map(({ sk }) => sk.S);

    it('is made durable at once, puts and deletes', async () => {
      expect(await write(['1', '2', '3'].map((sk) => putRequest(sk)))).toEqual({ status: 200, answer: { UnprocessedItems: {} }, targets: ['TransactWriteItems'] });
      await write([{ DeleteRequest: { Key: keyOf('2') } }, { DeleteRequest: { Key: keyOf('none') } }, putRequest('4')]);
      expect(await held()).toEqual(['1', '3', '4']);
    });

    it('is refused with an item twice, as a batch is, and nothing is written', async () => {
      const { status, answer } = await write([putRequest('5'), putRequest('6'), putRequest('5')]);
      expect([status, answer.__type?.split('#').at(-1), await held()]).toEqual([400, 'ValidationException', ['1', '3', '4']]);
    });

    it('may be larger than a transaction', async () => {
      const large = 'x'.repeat(350_000);
      const { status, answer, targets } = await write(Array.from({ length: 14 }, (_, i) => putRequest(`large-${i}`, large)));
      expect([status, answer, targets]).toEqual([200, { UnprocessedItems: {} }, ['TransactWriteItems', 'BatchWriteItem']]);
      const { Item } = await engine.call<{ Item?: { text: { S: string } } }>('GetItem', { TableName: TABLE, Key: keyOf('large-13') });
      expect(Item?.text.S).toHaveLength(350_000);
    });
  });

  it('leaves a file of another form alone', () => {
    expect(indexStreams(join(folder, 'other.sqlite'))).toBe(false);
  });
});
