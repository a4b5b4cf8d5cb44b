import type { TestSpecification } from '../master-batch-record/model.ts';

const limitsText = ({ low, high }: Readonly<{ low?: number; high?: number }>): string => {
  if (low !== undefined && high !== undefined) return `${low} to ${high}`;
  return low === undefined ? `≤ ${String(high)}` : `≥ ${low}`;
};

/** The acceptance criterion as a person reads it, without unit. */
export const describeSpecification = ({ limits, equals }: TestSpecification): string => equals ?? (limits === undefined ? 'report result' : limitsText(limits));

/** Inclusive limits for numbers, exact text for qualitative results. */
export const meetsSpecification = ({ type, limits, equals }: TestSpecification, value: number | string): boolean => {
  if (type === 'number') return typeof value === 'number' && value >= (limits?.low ?? -Infinity) && value <= (limits?.high ?? Infinity);
  return typeof value === 'string' && (equals === undefined || value === equals);
};
