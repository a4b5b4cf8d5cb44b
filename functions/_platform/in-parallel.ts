/** Objects read or written at once by one function. */
export const CONCURRENT_CALLS = 16;

/** Run over all items, a bounded number at once; results in the items' order. The first failure rejects. */
export const inParallel = async <Item, Result>(items: readonly Item[], run: (item: Item) => Promise<Result>): Promise<readonly Result[]> => {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += CONCURRENT_CALLS) results.push(...await Promise.all(items.slice(at, at + CONCURRENT_CALLS).map(run)));
  return results;
};
