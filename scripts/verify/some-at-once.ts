/**
 * Do something with each item, so many at once: when one is done the next begins, and none waits for the slowest of a group.
 *
 * @throws what the first that failed threw, when those that were under way then are done; none is begun after it
 */
export const someAtOnce = async <Item>(items: readonly Item[], atOnce: number, run: (item: Item) => Promise<void>): Promise<void> => {
  const rest = items.values();
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    for (const item of rest) {
      if (failures.length > 0) return;
      try {
        await run(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work));
  if (failures.length > 0) throw failures[0];
};
