import type { Recorded, Signature } from '../record/envelope.ts';

type Members = Readonly<Record<string, unknown>>;
type Told = Readonly<{ what: string; oldValue?: unknown; newValue?: unknown; why?: string; signature?: Signature }>;

/** Members that are told under names of their own. */
const TOLD_APART: ReadonlySet<string> = new Set(['type', 'reason', 'signature']);
const valuesOf = (event: Members): Members => Object.fromEntries(Object.entries(event).filter(([name]) => !TOLD_APART.has(name)));
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What earlier events of the record said of the members of this one, the last each time; only where it was something else. */
const before = (earlier: readonly Recorded<Members>[], values: Members): Members => Object.fromEntries(Object.entries(values).flatMap(([name, value]) => {
  const last = earlier.findLast(({ event }) => Object.hasOwn(event, name))?.event[name];
  return last === undefined || isSame(last, value) ? [] : [[name, last]];
}));

/**
 * An event of any kind of record as its audit trail tells it: what, from which values to which, why, by which signature.
 *
 * @param earlier the events of the record before it, in order
 * @see 21 CFR 11.10(e); EU GMP Annex 11, 9
 */
export const tellAny = (event: Members, earlier: readonly Recorded<Members>[]): Told => {
  const values = valuesOf(event);
  const old = before(earlier, values);
  return {
    what: String(event['type']).replaceAll('-', ' '), ...(Object.keys(values).length === 0 ? {} : { newValue: values }), ...(Object.keys(old).length === 0 ? {} : { oldValue: old }),
    ...(typeof event['reason'] === 'string' ? { why: event['reason'] } : {}), ...(event['signature'] === undefined ? {} : { signature: event['signature'] as Signature }),
  };
};
