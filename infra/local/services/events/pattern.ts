type Json = unknown;
const isObject = (value: Json): value is Readonly<Record<string, Json>> => typeof value === 'object' && value !== null && !Array.isArray(value);

const matchesRule = (rule: Readonly<Record<string, Json>>, value: Json): boolean => {
  const [[operator, operand] = ['', undefined]] = Object.entries(rule);
  switch (operator) {
    case 'prefix': return typeof value === 'string' && value.startsWith(String(operand));
    case 'suffix': return typeof value === 'string' && value.endsWith(String(operand));
    case 'exists': return (value !== undefined) === operand;
    case 'anything-but': return value !== undefined && ![operand].flat().includes(value);
    default: throw new Error(`an event pattern uses '${operator}', which the local cloud does not evaluate`);
  }
};

const matchesLeaf = (alternatives: readonly Json[], value: Json): boolean => {
  const values = Array.isArray(value) ? value : [value];
  return values.some((each) => alternatives.some((alternative) => (isObject(alternative) ? matchesRule(alternative, each) : alternative === each)));
};

/**
 * Does an event match an EventBridge pattern (also used by event source filters)?
 *
 * @throws Error for an operator that is not evaluated here
 */
export const matchesEvent = (pattern: Json, event: Json): boolean => {
  if (!isObject(pattern)) throw new Error('an event pattern is an object');
  return Object.entries(pattern).every(([name, wanted]) => {
    const value = isObject(event) ? event[name] : undefined;
    return Array.isArray(wanted) ? matchesLeaf(wanted, value) : matchesEvent(wanted, value ?? {});
  });
};
