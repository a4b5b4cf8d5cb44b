import { personalDataItemOf, type PersonalDataStore } from '../../../functions/_platform/personal-data-store.ts';
import { keyOf } from '../../../shared/storage/keys.ts';
import { placeOf } from './operations-store.ts';

type Item = Readonly<Record<string, unknown>>;
export type MemoryPersonalDataStore = PersonalDataStore & Readonly<{ items: Map<string, Item> }>;

/** The table of personal data in memory. */
export const createMemoryPersonalDataStore = (): MemoryPersonalDataStore => {
  const items = new Map<string, Item>();
  return {
    items,
    get: async (chainOfIdentityId, batchId) => {
      const item = await Promise.resolve(items.get(placeOf(keyOf.personalData(chainOfIdentityId, batchId))));
      return item === undefined ? undefined : personalDataItemOf(structuredClone(item));
    },
    batchIds: async (chainOfIdentityId) => {
      await Promise.resolve();
      const { pk } = keyOf.personalData(chainOfIdentityId, '-');
      return [...items.values()].filter((item) => item['pk'] === pk).map(({ sk }) => String(sk));
    },
    delete: (chainOfIdentityId, batchId) => {
      items.delete(placeOf(keyOf.personalData(chainOfIdentityId, batchId)));
      return Promise.resolve();
    },
  };
};
