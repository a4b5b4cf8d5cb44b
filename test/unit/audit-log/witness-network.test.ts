import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logOriginOf, quorumOf, witnessNameOf } from '../../../shared/audit-log/directory.ts';
import { hexOf } from '../../../shared/audit-log/hash.ts';
import { integrate } from '../../../shared/audit-log/log-writer.ts';
import { formatSignature, parseNote } from '../../../shared/audit-log/note.ts';
import { cosign } from '../../../shared/audit-log/cosignature.ts';
import { publishCheckpoint } from '../../../shared/audit-log/publish.ts';
import { openCheckpoint } from '../../../shared/audit-log/trust.ts';
import { SIGNATURE_TYPE } from '../../../shared/audit-log/verifier-key.ts';
import type { TreeHead } from '../../../shared/audit-log/verify-proof.ts';
import { addCheckpoint } from '../../../shared/audit-log/witness.ts';
import type { Witness } from '../../../shared/audit-log/witness-client.ts';
import { parseAddCheckpoint } from '../../../shared/audit-log/witness-request.ts';
import { LogStorage } from './memory-log-store.ts';
import { entriesOf, keyPairOf, naiveRoot, seedOf } from './reference.ts';

const NOW = 1_772_460_300;
const log = keyPairOf(logOriginOf('north'), SIGNATURE_TYPE.ed25519, seedOf('north'));
const pause = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

/** A witness of the network: it may be out of reach, and a dishonest one cosigns whatever it is asked. Every body it was sent is kept. */
const witnessOf = (name: string, isHonest: boolean) => {
  const { key, signer } = keyPairOf(witnessNameOf(name), SIGNATURE_TYPE.cosignature, seedOf(name));
  const memory: { state: TreeHead | undefined; up: boolean; sizes: number[]; bodies: Uint8Array[] } = { state: undefined, up: true, sizes: [], bodies: [] };
  const ask = async (body: Uint8Array) => {
    await pause();
    if (!memory.up) throw new Error('no route');
    memory.bodies.push(body);
    if (!isHonest) return { status: 200, contentType: 'text/plain', body: formatSignature(await cosign(parseAddCheckpoint(body).note.text, signer, NOW)) };
    return addCheckpoint(body, {
      signer, nowSeconds: () => NOW, logKeysOf: (origin) => (origin === log.key.name ? [log.key] : undefined),
      readState: async () => { await pause(); return memory.state; },
      moveState: async (_origin, expected, next) => {
        await pause();
        if (memory.state !== expected) return false;
        memory.state = next;
        memory.sizes.push(next.size);
        return true;
      },
    });
  };
  const witness: Witness = { key, addCheckpoint: ask };
  return { memory, witness, isHonest };
};
type Member = ReturnType<typeof witnessOf>;

/** A keeper of a log who shows two histories: they agree on the first entries and then part. Each history has a sequencer of its own, and the same key signs both. */
const createHistory = (members: readonly Member[], quorum: number, prefix: string, common: number) => {
  const storage = new LogStorage();
  const entries: Uint8Array[] = [];
  return {
    storage, entries,
    grow: async (count: number): Promise<void> => {
      entries.push(...Array.from({ length: count }, (_, i) => { const at = entries.length + i; return Buffer.from(at < common ? `common-${at}` : `${prefix}-${at}`); }));
      await integrate(storage.open(), entries);
    },
    publish: () => publishCheckpoint(storage.open(), { ...log, witnesses: members.map(({ witness }) => witness), quorum }),
  };
};
type History = ReturnType<typeof createHistory>;

/** What readers with the keys of all witnesses would believe, whichever history they are shown. */
const believed = (histories: readonly History[], members: readonly Member[], quorum: number) => histories.flatMap(({ storage, entries }) => storage.checkpoints.map((bytes) => {
  const { checkpoint } = openCheckpoint(bytes, { origin: log.key.name, logKeys: [log.key], witnessKeys: members.map(({ witness }) => witness.key), quorum });
  return { ...checkpoint, entries };
}));
const requireOneHistory = (checkpoints: ReturnType<typeof believed>): void => {
  for (const smaller of checkpoints) for (const larger of checkpoints) if (smaller.size <= larger.size) expect(hexOf(naiveRoot(larger.entries.slice(0, smaller.size)))).toBe(hexOf(smaller.root));
};

type Turn = Readonly<{ history: 0 | 1; grow: number; up: readonly boolean[] }>;
const turnOf = (witnesses: number): fc.Arbitrary<Turn> => fc.record({ history: fc.constantFrom(0, 1), grow: fc.nat(3), up: fc.array(fc.boolean(), { minLength: witnesses, maxLength: witnesses }) });
const network = fc.integer({ min: 1, max: 5 }).chain((witnesses) => fc.record({
  witnesses: fc.constant(witnesses), wanted: fc.nat(witnesses), dishonest: fc.nat(witnesses), common: fc.nat(4), turns: fc.array(turnOf(witnesses), { minLength: 2, maxLength: 8 }), atOnce: fc.boolean(),
}));

const play = async (members: readonly Member[], histories: readonly [History, History], turns: readonly Turn[], atOnce: boolean): Promise<void> => {
  for (const { history, grow, up } of turns) {
    members.forEach(({ memory }, i) => { memory.up = up[i]!; });
    await histories[history].grow(grow);
    await Promise.all(atOnce ? histories.map((each) => each.publish()) : [histories[history].publish()]);
  }
};

describe('a network of witnesses', () => {
  it('never lets two histories be published, while fewer are dishonest than any two quorums share', async () => {
    await fc.assert(fc.asyncProperty(network, async ({ witnesses, wanted, dishonest, common, turns, atOnce }) => {
      const quorum = quorumOf(witnesses, wanted);
      const liars = Math.min(dishonest, 2 * quorum - witnesses - 1);
      const members = Array.from({ length: witnesses }, (_, i) => witnessOf(`site-${i}`, i >= liars));
      const histories = [createHistory(members, quorum, 'one', common), createHistory(members, quorum, 'other', common)] as const;
      await play(members, histories, turns, atOnce);
      requireOneHistory(believed(histories, members, quorum));
      for (const { memory: { sizes } } of members) expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    }), { numRuns: 150 });
  });
  it('would let them with less than a majority: two histories, each with its own witness', async () => {
    const members = [witnessOf('a', true), witnessOf('b', true)];
    const histories = [createHistory(members, 1, 'one', 0), createHistory(members, 1, 'other', 0)] as const;
    await play(members, histories, [{ history: 0, grow: 2, up: [true, false] }, { history: 1, grow: 2, up: [false, true] }], false);
    expect(() => { requireOneHistory(believed(histories, members, 1)); }).toThrow();
    expect(quorumOf(2, 1)).toBe(2);
  });
  it('publishes again, with nothing lost, as soon as a quorum is back after any outage', async () => {
    await fc.assert(fc.asyncProperty(network, async ({ witnesses, turns }) => {
      const members = Array.from({ length: witnesses }, (_, i) => witnessOf(`site-${i}`, true));
      const quorum = quorumOf(witnesses);
      const history = createHistory(members, quorum, 'one', 0);
      await play(members, [history, history], turns, false);
      members.forEach(({ memory }, i) => { memory.up = i < quorum; });
      await history.grow(1);
      expect(await history.publish()).toMatchObject({ type: 'published', size: history.entries.length });
      requireOneHistory(believed([history], members, quorum));
    }), { numRuns: 60 });
  });
  it('of two sequencers of one log at once has both publish the same tree', async () => {
    const members = ['control', 'hill', 'harbour'].map((name) => witnessOf(name, true));
    const { storage, publish, grow, entries } = createHistory(members, 2, 'one', 0);
    for (const count of [3, 1, 300]) {
      await grow(count);
      await Promise.all([publish(), publish(), publish()]);
      await publish();
      const { checkpoint: { size, root } } = openCheckpoint(storage.checkpoint!.bytes, { origin: log.key.name, logKeys: [log.key], witnessKeys: members.map(({ witness }) => witness.key), quorum: 2 });
      expect([size, hexOf(root)]).toEqual([entries.length, hexOf(naiveRoot(entries))]);
    }
  });
  it('answers an old request, played again, by its newest size, and cosigns nothing but what it has', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 6 }), async (growths) => {
      const member = witnessOf('control', true);
      const { grow, publish, entries } = createHistory([member], 1, 'one', 0);
      for (const growth of growths) {
        await grow(growth);
        expect((await publish()).type).toBe('published');
      }
      const { memory, witness } = member;
      for (const body of [...memory.bodies]) {
        const answer = await witness.addCheckpoint(body);
        const { oldSize } = parseAddCheckpoint(body);
        expect(answer).toMatchObject(oldSize === entries.length ? { status: 200 } : { status: 409, body: `${entries.length}\n` });
      }
      expect([memory.state?.size, hexOf(memory.state!.root)]).toEqual([entries.length, hexOf(naiveRoot(entriesOf(entries.length, 'one')))]);
    }), { numRuns: 40 });
  });
  it('keeps each history\'s signed note as it was asked: a text with other cosignatures is the same text', async () => {
    const members = ['control', 'hill', 'harbour'].map((name) => witnessOf(name, true));
    const { storage, grow, publish } = createHistory(members, 2, 'one', 0);
    members[2]!.memory.up = false;
    await grow(5);
    await publish();
    members[2]!.memory.up = true;
    expect((await publish()).type).toBe('completed');
    expect(new Set(storage.checkpoints.map((bytes) => parseNote(bytes).text)).size).toBe(1);
  });
});
