import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sequence } from '../../functions/log-sequencer/handler.ts';
import { GENESIS_HASH, type Recorded } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { sequenced } from '../support/sequence.ts';
import { verifyNode } from '../support/verify/node-log.ts';

const actor = { kind: 'system', id: 'test', version: '1' } as const;
type Event = Recorded<Readonly<{ type: string }>>;

/** A pump as one of several functions sees it, with a clock of its own. */
const createPumps = (node: TestNode) => {
  const heads = new Map<string, Event>();
  const begin = node.time.epochMs;
  return {
    /** Decided and stamped, on what is committed now; the write comes later. */
    plan: (id: string, clockMs: number): readonly Event[] => {
      node.time.epochMs = begin + clockMs;
      const head = heads.get(id);
      return node.store.plan({ stream: { kind: 'equipment', id }, expectedVersion: head?.version ?? 0, previousHash: head?.hash ?? GENESIS_HASH, previousRecordedAt: head?.recordedAt, events: [{ type: 'noted' }], actor });
    },
    /** @returns false when another was first */
    commit: async (planned: readonly Event[]): Promise<boolean> => {
      const [event] = planned;
      if (event === undefined || event.version !== (heads.get(event.stream.id)?.version ?? 0) + 1) return false;
      await node.store.write(planned, []);
      heads.set(event.stream.id, event);
      return true;
    },
  };
};

/** The sequencer, reading few appends at once, and what happens after each page it has read. */
const sequenceWith = (node: TestNode, afterPage: () => Promise<void>) => sequence({
  store: node.log.store, leaves: node.leaves, places: node.log.places, count: () => undefined, now: node.now, identity: () => Promise.resolve({ key: node.log.key, signer: node.log.signer, witnesses: [], quorum: 0 }),
  operations: {
    deleteMany: node.operations.deleteMany,
    list: async <Item>(pk: string, page: Readonly<{ limit: number; cursor?: string }>) => {
      const read = await node.operations.list<Item>(pk, { ...page, limit: 2 });
      await afterPage();
      return read;
    },
  },
});
const waiting = async (node: TestNode): Promise<number> => (await node.operations.list(keyOf.logPending('-', '-', '-', 0).pk, { limit: 1000 })).items.length;

describe('the order of streams in the log', () => {
  it('is sound whatever the clocks of the writers say, and whenever they commit', async () => {
    const write = fc.record({ pump: fc.constantFrom('PUMP-1', 'PUMP-2', 'PUMP-3'), clockMs: fc.integer({ min: 0, max: 40 }), isSlow: fc.boolean() });
    const round = fc.record({ writes: fc.array(write, { minLength: 1, maxLength: 6 }), during: fc.array(write, { maxLength: 4 }) });
    await fc.assert(fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), async (rounds) => {
      const node = createNode();
      const pumps = createPumps(node);
      const slow: (readonly Event[])[] = [];
      const make = async ({ pump, clockMs, isSlow }: (typeof rounds)[number]['writes'][number]): Promise<void> => {
        const planned = pumps.plan(pump, clockMs);
        if (isSlow) slow.push(planned);
        else await pumps.commit(planned);
      };
      for (const { writes, during } of rounds) {
        for (const each of writes) await make(each);
        const left = [...during];
        await sequenceWith(node, async () => {
          const held = slow.shift();
          if (held !== undefined) await pumps.commit(held);
          const next = left.shift();
          if (next !== undefined) await make({ ...next, isSlow: false });
        });
        expect(await verifyNode(node)).toMatchObject({ code: 0 });
      }
      await sequenced(node);
      expect(await waiting(node)).toBe(0);
      expect(await verifyNode(node)).toMatchObject({ code: 0 });
    }), { numRuns: 60 });
  });
  it('waits for an append that is put right later, and holds up no other stream', async () => {
    const node = createNode();
    const pumps = createPumps(node);
    const first = pumps.plan('PUMP-1', 0);
    await pumps.commit(first);
    const key = keyOf.event('equipment', 'PUMP-1', 1);
    const place = [...node.table.keys()].find((each) => node.table.get(each)?.pk === key.pk)!;
    const sound = node.table.get(place)!;
    node.table.set(place, { ...sound, body: String(sound['body']).replace('noted', 'Noted') });
    await pumps.commit(pumps.plan('PUMP-1', 5));
    await pumps.commit(pumps.plan('PUMP-2', 9));
    await expect(sequenced(node)).rejects.toThrow('is not the one that was accepted');
    expect([(await node.log.store.readHead()).size, await waiting(node)]).toEqual([1, 2]);
    node.table.set(place, sound);
    expect(await sequenced(node)).toMatchObject({ entries: 2, size: 3, checkpoint: 'published' });
    expect(await verifyNode(node)).toMatchObject({ code: 0 });
  });
  it('takes what had to wait in the same run once what it waited for has come', async () => {
    const node = createNode();
    const pumps = createPumps(node);
    const late = pumps.plan('PUMP-1', 0);
    for (const id of ['PUMP-2', 'PUMP-3', 'PUMP-4']) await pumps.commit(pumps.plan(id, 2));
    let pages = 0;
    const result = await sequenceWith(node, async () => {
      pages += 1;
      if (pages !== 1) return;
      await pumps.commit(late);
      await pumps.commit(pumps.plan('PUMP-1', 8));
    });
    expect(result).toMatchObject({ entries: 5, checkpoint: 'published' });
    expect(await verifyNode(node)).toMatchObject({ code: 0 });
  });
});
