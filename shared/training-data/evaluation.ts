import type { Verdict } from '../model-registry/model-plan.ts';
import { addCounts, caseCount, type CaseCounts } from '../model-registry/test-report.ts';

/** What came true of one row, and what a model says of it by the rule of its plan. */
export type JudgedRow = Case & Readonly<{ subgroups: readonly string[] }>;
export type Evaluation = Readonly<{ counts: CaseCounts; subgroups: readonly Readonly<{ id: string; counts: CaseCounts }>[]; withheld: readonly string[] }>;

const NONE: CaseCounts = { truePositive: 0, falsePositive: 0, trueNegative: 0, falseNegative: 0, undecidedPositive: 0, undecidedNegative: 0 };

/** What came true of one case, and what a model said of it. */
export type Case = Readonly<{ label: number; says: Verdict }>;

export const caseOf = ({ label, says }: Case): keyof CaseCounts => {
  if (says === 'undecided') return label === 1 ? 'undecidedPositive' : 'undecidedNegative';
  if (says === 'positive') return label === 1 ? 'truePositive' : 'falsePositive';
  return label === 1 ? 'falseNegative' : 'trueNegative';
};
export const countKinds = (kinds: readonly (keyof CaseCounts)[]): CaseCounts => kinds.reduce((counts, kind) => addCounts(counts, { ...NONE, [kind]: 1 }), NONE);
export const countCases = (cases: readonly Case[]): CaseCounts => countKinds(cases.map(caseOf));

/**
 * Cases of a hospital's test rows by what came true and what the model said. A subgroup of fewer than the hospital shows, or with fewer outside it, is withheld: with the whole it would give
 * the others away.
 *
 * @param wanted subgroups in the order of the model's plan
 * @param least rows that a count is shown for, at least: as in training
 */
export const evaluate = (rows: readonly JudgedRow[], wanted: readonly string[], least: number): Evaluation => {
  const counts = countCases(rows);
  const strata = wanted.map((id) => ({ id, counts: countCases(rows.filter(({ subgroups }) => subgroups.includes(id))) }));
  const isShown = (own: CaseCounts): boolean => {
    const outside = rows.length - caseCount(own);
    return caseCount(own) >= least && (outside === 0 || outside >= least);
  };
  return { counts, subgroups: strata.filter((each) => isShown(each.counts)), withheld: strata.filter((each) => !isShown(each.counts)).map(({ id }) => id) };
};
