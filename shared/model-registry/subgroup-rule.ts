import type { Subgroup } from './model-plan.ts';

const RULE = /^([a-z][a-z0-9-]*) (<|<=|>|>=) (-?\d+(?:\.\d+)?)$/;

const compare = (sign: string, value: number, bound: number): boolean => {
  switch (sign) {
    case '<': return value < bound;
    case '<=': return value <= bound;
    case '>': return value > bound;
    default: return value >= bound;
  }
};

/**
 * Subgroups of a plan that a case belongs to by its inputs: rules of the form `starting-viability-percent < 92`. A rule in other words, or of a value that is missing, says nothing.
 *
 * @param names inputs in the model's order; `values` of them, NaN where missing
 */
export const subgroupsByRule = (subgroups: readonly Pick<Subgroup, 'id' | 'rule'>[], names: readonly string[], values: readonly number[]): readonly string[] => subgroups.flatMap(({ id, rule }) => {
  const [, name = '', sign = '', bound = ''] = RULE.exec(rule) ?? [];
  const value = values[names.indexOf(name)] ?? Number.NaN;
  return name !== '' && compare(sign, Math.fround(value), Math.fround(Number(bound))) ? [id] : [];
});
