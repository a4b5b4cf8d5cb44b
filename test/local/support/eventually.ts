/** Wait until a check holds; what is waited for happens in milliseconds, and the limit is for what hangs. */
export const eventually = async <Value>(what: string, check: () => Value | undefined | false, withinMs = 120_000): Promise<Value> => {
  const end = Date.now() + withinMs;
  for (;;) {
    const value = check();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`waited ${withinMs} ms for ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
};
