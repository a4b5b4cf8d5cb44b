import type { z } from 'zod';
import { impossibilitiesOf } from './possible.ts';
import { World } from './world.ts';

const valueAt = (json: unknown, path: readonly PropertyKey[]): unknown => path.reduce<unknown>((tree, key) => (typeof tree === 'object' && tree !== null ? (tree as Readonly<Record<PropertyKey, unknown>>)[key] : undefined), json);
const LONGEST_SHOWN = 60;
const shown = (value: unknown): string => (value === undefined ? 'nothing' : typeof value === 'number' ? String(value) : JSON.stringify(value).slice(0, LONGEST_SHOWN));

const wantedBy = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'too_small': return `${issue.inclusive === true ? 'at least' : 'above'} ${issue.minimum}${issue.origin === 'string' ? ' characters' : ''}`;
    case 'too_big': return `${issue.inclusive === true ? 'at most' : 'below'} ${issue.maximum}`;
    case 'invalid_type': return `a ${issue.expected === 'object' || issue.expected === 'record' ? 'group of fields' : issue.expected}`;
    case 'invalid_union': return 'options' in issue ? `one of ${[issue.options].flat().map(String).join(', ')}` : issue.message;
    case 'unrecognized_keys': case 'invalid_key': return 'only fields of a world';
    default: return issue.message;
  }
};

const described = (json: unknown, issue: z.core.$ZodIssue): readonly string[] => {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${[...path, key].map(String).join('.')}: got ${shown(valueAt(json, [...path, key]))}, want ${wantedBy(issue)}`);
  return [`${path.map(String).join('.') || 'world'}: got ${shown(valueAt(json, path))}, want ${wantedBy(issue)}`];
};

/**
 * A world from the content of its file.
 *
 * @param json as parsed from `<name>.json`
 * @param name the world asked for, which the file must bear
 * @throws RangeError with one line for each field that is missing, unknown, out of its range or impossible beside another: path, what was got, what is wanted
 */
export const worldOf = (json: unknown, name: string): World => {
  const parsed = World.safeParse(json);
  const faults = parsed.success
    ? [...(parsed.data.name === name ? [] : [`name: got ${parsed.data.name}, want ${name}`]), ...impossibilitiesOf(parsed.data)]
    : parsed.error.issues.flatMap((issue) => described(json, issue));
  if (faults.length > 0 || !parsed.success) throw new RangeError(faults.map((fault) => `world ${name}, ${fault}`).join('\n'));
  return parsed.data;
};

/** @throws RangeError naming the worlds there are, when `name` is none of them */
export const checkWorldName = (name: string, known: readonly string[]): void => {
  if (!known.includes(name)) throw new RangeError(`world: got ${name}, want one of ${[...known].sort().join(', ')}`);
};
