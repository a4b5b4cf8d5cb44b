import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeCursor } from '../../../functions/_platform/cursor.ts';
import type { OperationsStore } from '../../../functions/_platform/ports.ts';
import { keyOf, TABLE } from '../../../shared/storage/keys.ts';
import { enginePath, startEngine, type Engine } from '../../support/dynamodb/engine.ts';
import { storeKinds, stream } from '../../support/dynamodb/store-kinds.ts';
import { codeOfAsync } from '../../support/error-code.ts';

let engine: Engine;
beforeAll(async () => { if (enginePath !== undefined) engine = await startEngine(); });
afterAll(() => { if (enginePath !== undefined) engine.stop(); });

const KINDS = storeKinds(() => engine);

/** Every item of a partition, page by page. */
const walk = async (operations: OperationsStore, pk: string, limit: number, options: Readonly<{ prefix?: string; newestFirst?: boolean }> = {}): Promise<readonly string[]> => {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await operations.list<Readonly<{ sk: string }>>(pk, { limit, ...(cursor === undefined ? {} : { cursor }) }, options);
    expect(page.items.length).toBeLessThanOrEqual(limit);
    found.push(...page.items.map(({ sk }) => sk));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return found;
};

describe.each(KINDS)('an operations store %s', (_, isThere, create) => {
  let operations: OperationsStore;
  beforeEach(async (test) => {
    test.skip(!isThere);
    ({ operations } = await create());
  });
  const fill = async (pk: string, ...sortKeys: readonly string[]): Promise<void> => {
    for (const sk of sortKeys) await operations.put({ pk, sk }, { of: sk });
  };

  it('gives back what was put at once, of every type we store, without what is undefined', async () => {
    const attributes = { text: 'a', count: 3, ratio: 0.1, yes: true, nothing: null, list: ['a', 1], inner: { b: 2, gone: undefined }, bytes: Uint8Array.of(0, 255), gone: undefined };
    await operations.put(keyOf.work('operator', 's'), attributes);
    const { gone: __, ...kept } = attributes;
    expect(await operations.get(keyOf.work('operator', 's'))).toEqual({ ...kept, inner: { b: 2 }, ...keyOf.work('operator', 's') });
  });
  it('refuses a number DynamoDB has no form for', async () => {
    await expect(operations.put(keyOf.work('operator', 's'), { value: Infinity })).rejects.toThrow();
    expect(await operations.get(keyOf.work('operator', 's'))).toBeUndefined();
  });
  it('lets nothing in the attributes take the place of the key', async () => {
    await operations.put(keyOf.work('operator', 's'), { pk: 'WORK#regulator', sk: 'x' });
    expect(await operations.get(keyOf.work('operator', 's'))).toEqual(keyOf.work('operator', 's'));
  });
  it('keeps the first of two puts that want the key absent', async () => {
    const key = keyOf.idempotency('p-1', 'key-00001');
    const answers = await Promise.all(['a', 'b', 'c'].map((by) => operations.put(key, { by }, { onlyIfAbsent: true })));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await operations.get(key)).toEqual({ ...key, by: ['a', 'b', 'c'][answers.indexOf(true)] });
    expect(await operations.put(key, { by: 'd' })).toBe(true);
  });
  it('keeps the time to live under the attribute the table was made with', async () => {
    const key = keyOf.reauthentication('jti-1');
    await operations.put(key, { [TABLE.timeToLive]: 1_772_460_309 });
    expect(await operations.get(key)).toEqual({ ...key, expiresAtEpochSeconds: 1_772_460_309 });
  });
  it('forgets what was deleted, and takes a delete of nothing', async () => {
    await fill('WORK#operator', 'a');
    await operations.delete({ pk: 'WORK#operator', sk: 'a' });
    await operations.delete({ pk: 'WORK#operator', sk: 'a' });
    expect(await operations.get({ pk: 'WORK#operator', sk: 'a' })).toBeUndefined();
  });
  it.each([1, 2, 3, 5, 100])('lists a partition in order, in pages of %i', async (limit) => {
    await fill('WORK#operator', 'c', 'a', 'e', 'b', 'd');
    await fill('WORK#regulator', 'x');
    expect(await walk(operations, 'WORK#operator', limit)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await walk(operations, 'WORK#operator', limit, { newestFirst: true })).toEqual(['e', 'd', 'c', 'b', 'a']);
  });
  it('lists what begins with a prefix', async () => {
    await fill('WORK#operator', 'due/a', 'due/b', 'release/a', 'd');
    expect(await walk(operations, 'WORK#operator', 1, { prefix: 'due/' })).toEqual(['due/a', 'due/b']);
    expect(await walk(operations, 'WORK#operator', 1, { prefix: 'due/', newestFirst: true })).toEqual(['due/b', 'due/a']);
  });
  it('goes on where a page ended, though its last item is gone and others have come', async () => {
    await fill('WORK#operator', 'a', 'b', 'd');
    const { nextCursor } = await operations.list('WORK#operator', { limit: 2 });
    await operations.delete({ pk: 'WORK#operator', sk: 'b' });
    await fill('WORK#operator', 'aa', 'c');
    const { items } = await operations.list<Readonly<{ sk: string }>>('WORK#operator', { limit: 9, cursor: nextCursor! });
    expect(items.map(({ sk }) => sk)).toEqual(['c', 'd']);
  });
  it.each([
    ['of another list', encodeCursor({ pk: 'WORK#regulator', sk: 'a' })!], ['that is no base64', '%%%'], ['that is no JSON', Buffer.from('nonsense').toString('base64url')],
    ['that is no object', Buffer.from('7').toString('base64url')], ['without a sort key', Buffer.from('{"pk":"WORK#operator"}').toString('base64url')],
    ['with an empty sort key', Buffer.from('{"pk":"WORK#operator","sk":""}').toString('base64url')], ['with a number for a sort key', Buffer.from('{"pk":"WORK#operator","sk":7}').toString('base64url')],
    ['with another attribute', Buffer.from('{"pk":"WORK#operator","sk":"a","gsi1pk":"x"}').toString('base64url')],
  ])('refuses a cursor %s', async (__, cursor) => {
    await fill('WORK#operator', 'a', 'b');
    expect(await codeOfAsync(() => operations.list('WORK#operator', { limit: 1, cursor }))).toBe('cursor-malformed');
  });
});

it.skipIf(enginePath === undefined)('every read of a DynamoDB store is consistent', async () => {
  const [, , create] = KINDS[1]!;
  const { record, operations } = await create();
  const reads: unknown[] = [];
  engine.client.middlewareStack.add((next, { commandName }) => (args) => {
    if (commandName === 'GetItemCommand' || commandName === 'QueryCommand') reads.push((args.input as Readonly<{ ConsistentRead?: boolean }>).ConsistentRead);
    return next(args);
  }, { step: 'initialize', name: 'see' });
  await record.load(stream());
  await operations.get(keyOf.work('operator', 's'));
  await operations.list('WORK#operator', { limit: 1 });
  engine.client.middlewareStack.remove('see');
  expect(reads).toEqual([true, true, true]);
});
