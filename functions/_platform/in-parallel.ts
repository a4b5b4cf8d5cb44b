/** Objects read or written at once by one function. */
export const CONCURRENT_CALLS = 16;
/** Records of batches read at once: a whole one is some 2 MB, and its chain is verified. */
export const RECORDS_AT_ONCE = 8;

/** Run over all items, `atOnce` at a time, the next as soon as one is done; results in the items' order. The first failure rejects, and nothing more is begun. */
export const inParallel = async <Item, Result>(items: readonly Item[], run: (item: Item) => Promise<Result>, atOnce = CONCURRENT_CALLS): Promise<readonly Result[]> => {
  const results: Result[] = [];
  const waiting = items.entries();
  let hasFailed = false;
  const work = async (): Promise<void> => {
    for (const [at, item] of waiting) {
      if (hasFailed) return;
      try {
        results[at] = await run(item);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work));
  return results;
};
