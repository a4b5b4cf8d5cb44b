import { describe, expect, it } from 'vitest';
import { recentBatches } from '../../functions/_platform/recent-batches.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { createNode } from '../support/node.ts';

const DAY_MS = 86_400_000;

describe('batches that may have been in culture', () => {
  it('are the newest, down to sixty days before; twenty years of others are not looked through', async () => {
    const { operations, time } = createNode();
    for (let day = 0; day < 1000; day += 1) {
      const createdAt = new Date(time.epochMs - day * DAY_MS).toISOString();
      const batchId = `north-${createdAt.slice(0, 10).replaceAll('-', '')}-000001`;
      await operations.put(keyOf.summary('batch', batchId), { batchId, createdAt });
    }
    let read = 0;
    const counted: Pick<typeof operations, 'list'> = { list: async (...asked) => { const page = await operations.list(...asked); read += page.items.length; return page as never; } };
    const found: string[] = [];
    for await (const { createdAt } of recentBatches(counted, time.epochMs - 10 * DAY_MS)) found.push(createdAt);
    expect(found).toEqual(Array.from({ length: 71 }, (_, day) => new Date(time.epochMs - day * DAY_MS).toISOString()));
    expect(read).toBe(200);
  });
});
