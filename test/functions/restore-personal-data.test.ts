import { beforeEach, describe, expect, it } from 'vitest';
import { backupText, itemsOfBackup } from '../../functions/_platform/restore/personal-data-backup.ts';
import { restorePersonalData, type PersonalRestored, type PersonalRestorePorts } from '../../functions/_platform/restore/personal-data.ts';
import { personalDataItemOf } from '../../functions/_platform/personal-data-store.ts';
import { restore } from '../../functions/_platform/restore/restore.ts';
import type { PersonalDataItem } from '../../shared/personal-data/sealed.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { codeOfAsync } from '../support/error-code.ts';
import { advance, createJourney, equip, type Journey } from '../support/journey.ts';
import { placeOf } from '../support/memory/operations-store.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { erasure, FIELDS, personal } from '../support/personal-data.ts';
import { restorePorts } from '../support/restore/memory-table.ts';
import { sequenced, trustOf } from '../support/sequence.ts';

const { operator, second } = PEOPLE;

const itemsOf = ({ personalData }: TestNode): readonly PersonalDataItem[] => [...personalData.items.values()].map(personalDataItemOf);
const portsOf = ({ personalData, operations, records }: TestNode): PersonalRestorePorts => ({
  table: {
    // eslint-disable-next-line @typescript-eslint/require-await
    scan: async function* () { yield* [...personalData.items.values()].map(personalDataItemOf); },
    put: async (item) => {
      const key = keyOf.personalData(item.chainOfIdentityId, item.batchId);
      personalData.items.set(placeOf(key), structuredClone({ ...item, ...key }));
      return Promise.resolve();
    },
    delete: ({ chainOfIdentityId, batchId }) => personalData.delete(chainOfIdentityId, batchId),
  },
  // eslint-disable-next-line @typescript-eslint/require-await
  batchIds: async function* () { yield* [...operations.items.values()].filter(({ pk }) => pk === keyOf.summary('batch', '-').pk).map(({ sk }) => String(sk)).toSorted(); },
  batch: async (batchId) => (await records.batches.load(batchId)).state,
  chainOfIdentity: async (id) => (await records.chainsOfIdentity.load(id)).state,
});

let old: TestNode;
let first: Journey;
let other: Journey;
let backup: string;
beforeEach(async () => {
  old = createNode();
  await equip(old);
  first = await createJourney(old);
  await personal(first).record(FIELDS);
  await personal(first).correct(second, { bodyWeightKilograms: 65.4 }, 'digits were swapped');
  await advance(first, 'released');
  other = await createJourney(old);
  await personal(other).record({ yearOfBirth: 1975 });
  backup = backupText('north', '2026-03-02T14:05:09.120Z', itemsOf(old));
});

/** The hospital after its tables were lost, restored from its log. */
const restored = async (): Promise<TestNode> => {
  await sequenced(old);
  const node = createNode();
  node.time.epochMs = old.time.epochMs;
  for (const [key, body] of old.log.objects.objects) node.log.objects.objects.set(key, body);
  await restore(restorePorts(node, node.log.objects), { trust: trustOf(old), isDryRun: false, withUnsigned: false });
  return node;
};
const run = (node: TestNode, text = backup, isDryRun = false): Promise<PersonalRestored> => restorePersonalData(portsOf(node), itemsOfBackup(text, 'north'), { isDryRun });
const at = (node: TestNode, journey: Journey): Journey => ({ ...journey, node });

describe('personal data restored from its own backup', () => {
  it('is as it was, item by item, and once more changes nothing', async () => {
    const node = await restored();
    expect(await run(node)).toEqual({ whole: [first.batchId, other.batchId].toSorted(), incomplete: [], erased: [] });
    expect(itemsOf(node).toSorted((a, b) => (a.batchId < b.batchId ? -1 : 1))).toEqual(itemsOf(old).map((item) => ({ ...item, entries: item.entries.toSorted((a, b) => a.version - b.version || (a.field < b.field ? -1 : 1)) })).toSorted((a, b) => (a.batchId < b.batchId ? -1 : 1)));
    const once = structuredClone([...node.personalData.items]);
    await run(node);
    expect([...node.personalData.items]).toEqual(once);
    expect((await personal(at(node, first)).read(operator)).body).toEqual((await personal(first).read(operator)).body);
  });
  it('is only looked at in a dry run', async () => {
    const node = await restored();
    expect((await run(node, backup, true)).whole).toHaveLength(2);
    expect(node.personalData.items.size).toBe(0);
  });
  it('never brings back what was erased after the backup, and drops it from an old copy of the table', async () => {
    await erasure(old, first.chainOfIdentityId).request();
    const held = new Map(old.personalData.items);
    await erasure(old, first.chainOfIdentityId).confirm();
    const node = await restored();
    expect(await run(node)).toEqual({ whole: [other.batchId], incomplete: [], erased: [first.batchId] });
    expect(itemsOf(node).map(({ batchId }) => batchId)).toEqual([other.batchId]);
    for (const [place, item] of held) node.personalData.items.set(place, item);
    await restorePersonalData(portsOf(node), [], { isDryRun: false });
    expect(itemsOf(node).map(({ batchId }) => batchId)).toEqual([other.batchId]);
    expect(await personal(at(node, first)).read(operator)).toMatchObject({ status: 410, code: 'personal-data-erased' });
    expect((await erasure(node, first.chainOfIdentityId).read()).body).toMatchObject({ state: 'complete' });
  });
  it('never brings back what was confirmed and not yet carried out', async () => {
    await erasure(old, first.chainOfIdentityId).request();
    const store = old.store as { write: (typeof old.store)['write'] };
    const { write } = store;
    let left = 1;
    store.write = (...given) => ((left -= 1) < 0 ? Promise.reject(new Error('power is gone')) : write(...given));
    expect((await erasure(old, first.chainOfIdentityId).confirm()).status).toBe(500);
    store.write = write;
    const node = await restored();
    expect((await run(node)).erased).toEqual([first.batchId]);
    expect(itemsOf(node).map(({ batchId }) => batchId)).toEqual([other.batchId]);
    expect((await erasure(node, first.chainOfIdentityId).complete()).body).toMatchObject({ state: 'complete' });
  });
  it('shows what no backup has as lost, gives out the rest, and takes it again as a correction', async () => {
    await personal(other).record({ sex: 'male', bodyWeightKilograms: 80 });
    const node = await restored();
    expect(await run(node)).toEqual({ whole: [first.batchId], incomplete: [other.batchId], erased: [] });
    const journey = at(node, other);
    expect((await personal(journey).read(operator)).body).toMatchObject({ fields: { yearOfBirth: 1975 }, lost: ['bodyWeightKilograms', 'sex'] });
    expect((await personal(journey).correct(second, { bodyWeightKilograms: 81 }, 'weighed again')).status).toBe(200);
    expect((await personal(journey).read(operator)).body).toMatchObject({ fields: { yearOfBirth: 1975, bodyWeightKilograms: 81 }, lost: ['sex'] });
    const none = await restored();
    expect((await run(none, backupText('north', '2026-03-02T14:05:09.120Z', []))).incomplete).toEqual([first.batchId, other.batchId].toSorted());
    expect((await personal(at(none, first)).read(operator)).body).toMatchObject({ fields: {}, lost: expect.arrayContaining(['patientReference']) as unknown });
  });
});

describe('a backup that is refused, and nothing of it is written', () => {
  const item = (): PersonalDataItem => itemsOf(old).find(({ batchId }) => batchId === other.batchId)!;
  const withItems = (...items: readonly PersonalDataItem[]): string => backupText('north', '2026-03-02T14:05:09.120Z', items);
  const lines = (): string[] => backup.split('\n');
  it.each<readonly [string, () => string]>([
    ['with another value', () => withItems({ ...item(), entries: item().entries.map((entry) => ({ ...entry, valueJson: '1976' })) })],
    ['with a value of no field', () => withItems({ ...item(), entries: item().entries.map((entry) => ({ ...entry, valueJson: '"1975"' })) })],
    ['with a value that was never recorded', () => withItems({ ...item(), entries: item().entries.map((entry) => ({ ...entry, commitment: 'a'.repeat(64) })) })],
    ['with a value of another version', () => withItems({ ...item(), entries: item().entries.map((entry) => ({ ...entry, version: 1 })) })],
    ['with values of another patient', () => withItems({ ...item(), chainOfIdentityId: first.chainOfIdentityId })],
    ['with values of another batch', () => withItems({ ...item(), batchId: first.batchId })],
    ['with a batch nobody knows', () => withItems({ ...item(), batchId: 'north-20260302-NOBODY' })],
    ['of another node', () => backup.replace('"nodeId":"north"', '"nodeId":"hill"')],
    ['that ends early', () => lines().slice(0, -2).join('\n')],
    ['that lacks a line', () => lines().toSpliced(1, 1).join('\n')],
    ['with a damaged line', () => lines().with(1, lines()[1]!.slice(0, 40)).join('\n')],
    ['that is empty', () => ''],
    ['that is something else', () => '{"a":1}\n{"items":0}\n'],
  ])('%s', async (_, text) => {
    const node = await restored();
    expect(await codeOfAsync(async () => run(node, text()))).toBe('restore-refused');
    expect(node.personalData.items.size).toBe(0);
  });
  it('without repeating what it holds', () => {
    expect(() => itemsOfBackup(lines().with(1, lines()[1]!.replace('"field"', '"feld"')).join('\n'), 'north')).toThrow(/line 2 is not in its form/);
    try {
      itemsOfBackup(lines().with(1, lines()[1]!.slice(0, 400)).join('\n'), 'north');
      expect.unreachable();
    } catch (error) {
      expect(String(error)).not.toMatch(/H-4711|Novak|\b1961\b/);
    }
  });
});
