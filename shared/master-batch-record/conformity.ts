import type { Limits, ValueSpecification } from './model.ts';

type Answer = number | string | boolean;
/** What of a value's specification says which answers are right. */
export type Wanted = Pick<ValueSpecification, 'type' | 'unit' | 'limits' | 'equals'>;

/** Limits are inclusive; what is no number has none. */
export const isWithin = (limits: Limits | undefined, value: Answer): boolean =>
  typeof value !== 'number' || limits === undefined || (value >= (limits.low ?? -Infinity) && value <= (limits.high ?? Infinity));

export const describeLimits = ({ low, high }: Limits, unit: string): string => {
  if (low !== undefined && high !== undefined) return `${low} to ${high} ${unit}`;
  return low === undefined ? `at most ${String(high)} ${unit}` : `at least ${low} ${unit}`;
};

/** A check that any answer passes is no check: a yes-or-no value wants yes, unless its specification says no. */
const answerWanted = ({ type, equals }: Wanted): string | boolean | undefined => equals ?? (type === 'boolean' ? true : undefined);

/** Whether an answer, of the type wanted, is one the master batch record allows without a deviation. */
export const conforms = (wanted: Wanted, value: Answer): boolean => {
  const answer = answerWanted(wanted);
  return isWithin(wanted.limits, value) && (answer === undefined || value === answer);
};

/** What is wanted, as a person reads it; empty where any answer will do. */
export const describeWanted = (wanted: Wanted): string => {
  const answer = answerWanted(wanted);
  if (answer !== undefined) return String(answer);
  return wanted.limits === undefined ? '' : describeLimits(wanted.limits, wanted.unit);
};
