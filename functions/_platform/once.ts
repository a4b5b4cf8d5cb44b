/** Build a client, or what is asked of one, on first use and keep it for the life of the execution environment. What fails is not kept: the next use builds it again. */
export const once = <Value>(build: () => Value): (() => Value) => {
  let built: Readonly<{ value: Value }> | undefined;
  return () => {
    if (built !== undefined) return built.value;
    const value = build();
    built = { value };
    // Whoever asked hears of the failure; here it only ends what is kept.
    if (value instanceof Promise) value.catch(() => { built = undefined; });
    return value;
  };
};
