import { matchesPattern } from '../../core/iam.ts';

type Json = unknown;
const isObject = (value: Json): value is Readonly<Record<string, Json>> => typeof value === 'object' && value !== null && !Array.isArray(value);

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = { '<': (a, b) => a < b, '<=': (a, b) => a <= b, '=': (a, b) => a === b, '>=': (a, b) => a >= b, '>': (a, b) => a > b };

/** `["<", 5]` or `[">", 0, "<=", 5]`. */
const matchesNumeric = (conditions: readonly Json[], value: Json): boolean => typeof value === 'number'
  && conditions.every((operator, i) => i % 2 === 1 || COMPARE[String(operator)]?.(value, Number(conditions[i + 1])) === true);

type Rule = (operand: Json, value: Json) => boolean;
const RULES: Readonly<Record<string, Rule>> = {
  prefix: (operand, value) => typeof value === 'string' && value.startsWith(String(operand)),
  suffix: (operand, value) => typeof value === 'string' && value.endsWith(String(operand)),
  wildcard: (operand, value) => typeof value === 'string' && matchesPattern(String(operand).replaceAll('?', '\u0000'), value),
  'equals-ignore-case': (operand, value) => typeof value === 'string' && value.toLowerCase() === String(operand).toLowerCase(),
  numeric: (operand, value) => matchesNumeric(operand as readonly Json[], value),
  exists: (operand, value) => (value !== undefined) === operand,
  'anything-but': (operand, value) => value !== undefined && (isObject(operand) ? !matchesRule(operand, value) : ![operand].flat().includes(value)),
};

const matchesRule = (rule: Readonly<Record<string, Json>>, value: Json): boolean => {
  const [[operator, operand] = ['', undefined]] = Object.entries(rule);
  return RULES[operator]?.(operand, value) === true;
};

const matchesLeaf = (alternatives: readonly Json[], value: Json): boolean => {
  const values = Array.isArray(value) && value.length > 0 ? value : [Array.isArray(value) ? undefined : value];
  return values.some((each) => alternatives.some((alternative) => (isObject(alternative) ? matchesRule(alternative, each) : alternative === each)));
};

/** @throws Error for an operator that is not evaluated here: said when the pattern is read, not when the first event comes */
export const parsePattern = (pattern: Json): Json => {
  if (!isObject(pattern)) throw new Error('an event pattern is an object');
  for (const [name, wanted] of Object.entries(pattern)) {
    if (name.startsWith('$')) throw new Error(`an event pattern uses '${name}', which the local cloud does not evaluate`);
    if (!Array.isArray(wanted)) parsePattern(wanted);
    else for (const rule of wanted.filter(isObject)) requireKnown(rule);
  }
  return pattern;
};

const requireKnown = (rule: Readonly<Record<string, Json>>): void => {
  const [operator = '', ...others] = Object.keys(rule);
  if (RULES[operator] === undefined || others.length > 0) throw new Error(`an event pattern uses '${Object.keys(rule).join(', ')}', which the local cloud does not evaluate`);
  const operand = rule[operator];
  if (operator === 'anything-but' && isObject(operand)) requireKnown(operand);
  if (operator === 'numeric' && !(Array.isArray(operand) && operand.length > 0 && operand.every((each, i) => (i % 2 === 0 ? COMPARE[String(each)] !== undefined : typeof each === 'number')) && operand.length % 2 === 0)) throw new Error(`an event pattern uses numeric ${JSON.stringify(operand)}, want pairs of comparison and number`);
};

/** Does an event match an EventBridge pattern (also used by event source filters)? The pattern went through `parsePattern`. */
export const matchesEvent = (pattern: Json, event: Json): boolean => isObject(pattern) && Object.entries(pattern).every(([name, wanted]) => {
  const value = isObject(event) ? event[name] : undefined;
  return Array.isArray(wanted) ? matchesLeaf(wanted, value) : matchesEvent(wanted, value);
});
