import { createMemoryObjectStore, type MemoryObjectStore } from '../memory/object-store.ts';
import type { MemoryOperationsStore } from '../memory/operations-store.ts';

/** Short-lived state, and what was paid to the log already. */
const NOT_RESTORED = /^(IDEMPOTENCY#|REAUTHENTICATION$|LOG$)/;

export const copyOf = ({ objects }: MemoryObjectStore): MemoryObjectStore => {
  const copy = createMemoryObjectStore();
  for (const [key, body] of objects) copy.objects.set(key, Uint8Array.from(body));
  return copy;
};
export const sorted = <Value>(items: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] => [...items].toSorted(([a], [b]) => (a < b ? -1 : 1));
/** What a restored site must have as it was. */
export const standing = ({ operations }: Readonly<{ operations: MemoryOperationsStore }>) => sorted(operations.items).filter(([, { pk }]) => !NOT_RESTORED.test(String(pk)));
