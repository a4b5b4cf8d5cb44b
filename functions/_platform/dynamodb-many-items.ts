import { BatchGetItemCommand, BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import { inParallel } from './in-parallel.ts';
import type { ItemKey, ManyItems } from './ports.ts';

/** What one call may hold. @see Amazon DynamoDB API Reference, BatchGetItem and BatchWriteItem */
const KEYS_A_READ = 100;
const ITEMS_A_WRITE = 25;
/** Calls at once: each is as much work for the table as many single ones. */
const CALLS_AT_ONCE = 4;
/** The table takes what it has room for and names the rest. Eight tries wait 6 s together. */
const MAXIMUM_TRIES = 8;
const FIRST_PAUSE_MS = 50;

const placeOf = ({ pk, sk }: ItemKey): string => `${pk}\u0000${sk}`;

/** One of each key, the last one given: a call that names a key twice is refused. */
const distinct = <Each extends ItemKey>(items: readonly Each[]): readonly Each[] => [...new Map(items.map((each) => [placeOf(each), each])).values()];

const slicesOf = <Each>(items: readonly Each[], size: number): readonly (readonly Each[])[] => Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));

type Pause = (ms: number) => Promise<unknown>;

/** Call until nothing is left. @param call takes what is left, gives what is left after it */
const untilDone = async <Left>(all: readonly Left[], call: (left: readonly Left[]) => Promise<readonly Left[]>, pause: Pause): Promise<void> => {
  let left = all;
  for (let tries = 0; left.length > 0; tries += 1) {
    if (tries === MAXIMUM_TRIES) throw new Error(`the table took ${all.length - left.length} of ${all.length} items in ${MAXIMUM_TRIES} tries`);
    if (tries > 0) await pause(FIRST_PAUSE_MS * 2 ** (tries - 1));
    left = await call(left);
  }
};

/** Many items of one table in few calls; consistent reads. @throws Error when the table is too busy for too long; some of the items may then be written */
export const createDynamoDbManyItems = (client: () => DynamoDBClient, table: string, pause: Pause = sleep): ManyItems => {
  const write = async (requests: readonly WriteRequest[]): Promise<void> => {
    await inParallel(slicesOf(requests, ITEMS_A_WRITE), (slice) => untilDone(slice, async (left) => {
      const { UnprocessedItems = {} } = await client().send(new BatchWriteItemCommand({ RequestItems: { [table]: [...left] } }));
      return UnprocessedItems[table] ?? [];
    }, pause), CALLS_AT_ONCE);
  };
  return {
    getMany: async <Item>(keys: readonly ItemKey[]) => {
      const found: Item[] = [];
      await inParallel(slicesOf(distinct(keys).map(({ pk, sk }) => marshall({ pk, sk })), KEYS_A_READ), (slice) => untilDone(slice, async (left) => {
        const { Responses = {}, UnprocessedKeys = {} } = await client().send(new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [...left], ConsistentRead: true } } }));
        found.push(...(Responses[table] ?? []).map((item) => unmarshall(item) as Item));
        return UnprocessedKeys[table]?.Keys ?? [];
      }, pause), CALLS_AT_ONCE);
      return found;
    },
    putMany: (items) => write(distinct(items).map((item) => ({ PutRequest: { Item: marshall(item, { removeUndefinedValues: true }) } }))),
    deleteMany: (keys) => write(distinct(keys).map(({ pk, sk }) => ({ DeleteRequest: { Key: marshall({ pk, sk }) } }))),
  };
};
