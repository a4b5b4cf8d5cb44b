import { BatchGetItemCommand, BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDynamoDbManyItems } from '../../../functions/_platform/dynamodb-many-items.ts';
import { createDynamoDbOperationsStore } from '../../../functions/_platform/dynamodb-operations-store.ts';
import type { ManyItems, OperationsStore } from '../../../functions/_platform/ports.ts';
import { enginePath, startEngine, type Engine } from '../../support/dynamodb/engine.ts';
import { createMemoryOperationsStore } from '../../support/memory/operations-store.ts';

type Store = OperationsStore & ManyItems;
let engine: Engine;
let tables = 0;
const pause = vi.fn((_ms: number) => Promise.resolve());
beforeAll(async () => { if (enginePath !== undefined) engine = await startEngine(); });
afterAll(() => { if (enginePath !== undefined) engine.stop(); });
afterEach(() => { pause.mockClear(); });

const KINDS: readonly (readonly [string, boolean, () => Promise<Store>])[] = [
  ['in memory', true, () => Promise.resolve(createMemoryOperationsStore())],
  ['in DynamoDB', enginePath !== undefined, async () => {
    const table = `many-${tables += 1}`;
    await engine.createTable(table);
    return { ...createDynamoDbOperationsStore(() => engine.client, table), ...createDynamoDbManyItems(() => engine.client, table) };
  }],
];
const keyAt = (i: number): { pk: string; sk: string } => ({ pk: `LOG-LEAF#${i % 7}`, sk: `leaf-${i}` });
const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);
const sorted = (items: readonly { sk: string }[]): readonly string[] => items.map(({ sk }) => sk).toSorted();

describe.each(KINDS)('many items %s', (_, isThere, create) => {
  let store: Store;
  beforeEach(async (test) => {
    test.skip(!isThere);
    store = await create();
  });

  it('puts, finds and removes more than fit into one call', async () => {
    await store.putMany(range(351).map((i) => ({ ...keyAt(i), index: i, gone: undefined })));
    expect(await store.get(keyAt(350))).toEqual({ ...keyAt(350), index: 350 });
    const found = await store.getMany<{ sk: string; index: number }>(range(400).map(keyAt));
    expect(sorted(found)).toEqual(sorted(range(351).map(keyAt)));
    expect(found.every(({ sk, index }) => sk === `leaf-${index}`)).toBe(true);
    await store.deleteMany(range(350).map(keyAt));
    expect(await store.getMany(range(400).map(keyAt))).toEqual([{ ...keyAt(350), index: 350 }]);
  });
  it('takes nothing, a key twice, and what is not there', async () => {
    await store.putMany([]);
    await store.putMany([{ ...keyAt(1), index: 1 }, { ...keyAt(1), index: 2 }]);
    expect(await store.getMany([keyAt(1), keyAt(2)])).toEqual([{ ...keyAt(1), index: 2 }]);
    await store.deleteMany([keyAt(1), keyAt(2), keyAt(1)]);
    expect(await store.getMany([keyAt(1)])).toEqual([]);
    expect(await store.getMany([])).toEqual([]);
  });
});

describe('a table that has not room for all', () => {
  /** A table that takes `room` items a call and names the others. */
  const busyClient = (room: number) => {
    const held = new Map<string, unknown>();
    const send = (command: unknown): Promise<unknown> => {
      if (command instanceof BatchWriteItemCommand) {
        const all = command.input.RequestItems?.['t'] ?? [];
        for (const { PutRequest } of all.slice(0, room)) held.set(String(PutRequest?.Item?.['sk']?.S), PutRequest?.Item);
        return Promise.resolve(all.length > room ? { UnprocessedItems: { t: all.slice(room) } } : { UnprocessedItems: {} });
      }
      const all = (command as BatchGetItemCommand).input.RequestItems?.['t']?.Keys ?? [];
      const Responses = { t: all.slice(0, room).flatMap(({ sk }) => held.get(String(sk?.S)) ?? []) };
      return Promise.resolve({ Responses, ...(all.length > room ? { UnprocessedKeys: { t: { Keys: all.slice(room) } } } : {}) });
    };
    return { held, client: () => ({ send }) as unknown as DynamoDBClient };
  };

  it('is asked again for the rest, with longer pauses, until all is done', async () => {
    const { held, client } = busyClient(7);
    const many = createDynamoDbManyItems(client, 't', pause);
    await many.putMany(range(25).map((i) => ({ ...keyAt(i), index: i })));
    expect(held.size).toBe(25);
    expect(pause.mock.calls).toEqual([[50], [100], [200]]);
    expect(sorted(await many.getMany(range(30).map(keyAt)))).toEqual(sorted(range(25).map(keyAt)));
  });
  it('is given up after eight tries, and says how much was done', async () => {
    const { client } = busyClient(1);
    await expect(createDynamoDbManyItems(client, 't', pause).putMany(range(25).map(keyAt))).rejects.toThrow('the table took 8 of 25 items in 8 tries');
    expect(pause).toHaveBeenCalledTimes(7);
  });
});
