type Table<Value> = Readonly<Record<string, Value>>;

/** How the tables and lists of a state take one more: by a copy, or in place where nobody else can see them. The result is the same. */
export type Growth = Readonly<{
  /** The table with `value` under `key`; a key that is there keeps its place. */
  entry<Value>(table: Table<Value>, key: string, value: Value): Table<Value>;
  item<Item>(list: readonly Item[], item: Item): readonly Item[];
}>;

/** Each step leaves the table or list it began with as it was. */
export const byCopy: Growth = {
  entry: (table, key, value) => ({ ...table, [key]: value }),
  item: (list, item) => [...list, item],
};

/**
 * For one fold over many events, whose states in between nobody sees: a table or list is copied when the fold first touches it, and only that copy grows. A copy at every
 * step would cost the square of the events. Never keep one for a second fold.
 */
export const inPlace = (): Growth => {
  const own = new WeakSet();
  const owned = <Whole extends object>(whole: Whole, copy: () => Whole): Whole => {
    if (own.has(whole)) return whole;
    const mine = copy();
    own.add(mine);
    return mine;
  };
  return {
    // Defined and not assigned: `__proto__` is a key like any other.
    entry: (table, key, value) => Object.defineProperty(owned(table, () => ({ ...table })), key, { value, enumerable: true, writable: true, configurable: true }),
    item: <Item>(list: readonly Item[], item: Item) => {
      const mine = owned<Item[]>(list as Item[], () => [...list]);
      mine.push(item);
      return mine;
    },
  };
};
