/** Build a client on first use and keep it for the life of the execution environment. */
export const once = <Value>(build: () => Value): (() => Value) => {
  let built: { value: Value } | undefined;
  return () => (built ??= { value: build() }).value;
};
