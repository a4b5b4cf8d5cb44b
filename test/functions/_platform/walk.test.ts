import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCursor } from '../../../functions/_platform/cursor.ts';
import { keptPage, walk } from '../../../functions/_platform/walk.ts';
import { codeOfAsync } from '../../support/error-code.ts';
import { createMemoryOperationsStore } from '../../support/memory/operations-store.ts';

type Item = Readonly<{ pk: string; sk: string }>;
const PK = 'WORK#operator';
const nameOf = (i: number): string => String(i).padStart(6, '0');
const storeOf = async (count: number) => {
  const store = createMemoryOperationsStore();
  for (let i = 0; i < count; i += 1) await store.put({ pk: PK, sk: nameOf(i) }, {});
  return store;
};
const all = async (items: AsyncIterable<Item>): Promise<readonly string[]> => {
  const found: string[] = [];
  for await (const { sk } of items) found.push(sk);
  return found;
};

describe('walking a partition', () => {
  it('gives every item once, in order, over as many reads as it takes', async () => {
    const names = Array.from({ length: 450 }, (_, i) => nameOf(i));
    const store = await storeOf(450);
    expect(await all(walk<Item>(store, PK))).toEqual(names);
    expect(await all(walk<Item>(store, PK, { newestFirst: true }))).toEqual(names.toReversed());
    expect(await all(walk<Item>(store, PK, { after: { pk: PK, sk: nameOf(440) } }))).toEqual(names.slice(441));
  });
  it('of more than it may look through fails instead of ending', async () => {
    const item = { pk: PK, sk: 'a' };
    const endless = { list: () => Promise.resolve({ items: Array.from({ length: 200 }, () => item) as never[], nextCursor: 'x' }) };
    expect(await codeOfAsync(() => all(walk<Item>(endless, PK)))).toBe('request-too-large');
  });
});

describe('a page of what may be seen', () => {
  it('together with the next ones is all of it, and none tells of what was left out', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), async (isSeen, limit) => {
      const store = await storeOf(isSeen.length);
      const seen = isSeen.flatMap((each, i) => (each ? [nameOf(i)] : []));
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await keptPage(walk<Item>(store, PK, { after: decodeCursor(cursor, PK) }), limit, ({ sk }) => (isSeen[Number(sk)] === true ? sk : undefined), ({ sk }) => ({ pk: PK, sk }));
        found.push(...page.items);
        cursor = page.nextCursor;
        expect(page.items.length).toBe(cursor === undefined ? seen.length - (found.length - page.items.length) : limit);
        if (cursor !== undefined) expect(seen).toContain(decodeCursor(cursor, PK)?.sk);
      } while (cursor !== undefined);
      expect(found).toEqual(seen);
    }));
  });
});
