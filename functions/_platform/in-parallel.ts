/** Objects read or written at once by one function. */
export const CONCURRENT_CALLS = 16;

/** Run over all items, `atOnce` at a time; results in the items' order. The first failure rejects. */
export const inParallel = async <Item, Result>(items: readonly Item[], run: (item: Item) => Promise<Result>, atOnce = CONCURRENT_CALLS): Promise<readonly Result[]> => {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += atOnce) results.push(...await Promise.all(items.slice(at, at + atOnce).map(run)));
  return results;
};
