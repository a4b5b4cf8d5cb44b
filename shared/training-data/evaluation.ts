import { addCounts, caseCount, type CaseCounts } from '../model-registry/test-report.ts';

/** Where a model says yes, no, or nothing. Probabilities; `undecided` from inclusive, to exclusive. */
export type Thresholds = Readonly<{ threshold: number; undecided?: Readonly<{ from: number; to: number }> | undefined }>;
export type JudgedRow = Readonly<{ label: number; probability: number; subgroups: readonly string[] }>;
export type Evaluation = Readonly<{ counts: CaseCounts; subgroups: readonly Readonly<{ id: string; counts: CaseCounts }>[]; withheld: readonly string[] }>;

/** Rows that a count is shown for, at least: as in training. */
export const LEAST_COUNTED = 5;
const NONE: CaseCounts = { truePositive: 0, falsePositive: 0, trueNegative: 0, falseNegative: 0, undecidedPositive: 0, undecidedNegative: 0 };

/** What came true of one case, and what a model said of it. */
export type Case = Readonly<{ label: number; says: boolean | 'undecided' }>;

export const caseOf = ({ label, says }: Case): keyof CaseCounts => {
  if (says === 'undecided') return label === 1 ? 'undecidedPositive' : 'undecidedNegative';
  if (says) return label === 1 ? 'truePositive' : 'falsePositive';
  return label === 1 ? 'falseNegative' : 'trueNegative';
};
export const countKinds = (kinds: readonly (keyof CaseCounts)[]): CaseCounts => kinds.reduce((counts, kind) => addCounts(counts, { ...NONE, [kind]: 1 }), NONE);
export const countCases = (cases: readonly Case[]): CaseCounts => countKinds(cases.map(caseOf));

const saidOf = ({ threshold, undecided }: Thresholds, { probability }: JudgedRow): Case['says'] => (undecided !== undefined && probability >= undecided.from && probability < undecided.to ? 'undecided' : probability >= threshold);
const countsOf = (thresholds: Thresholds, rows: readonly JudgedRow[]): CaseCounts => countCases(rows.map((row) => ({ label: row.label, says: saidOf(thresholds, row) })));

/**
 * Cases of a hospital's test rows by what came true and what the model said. A subgroup of fewer than five, or with fewer than five outside it, is withheld: with the whole it would give
 * the others away.
 *
 * @param wanted subgroups in the order of the model's plan
 */
export const evaluate = (thresholds: Thresholds, rows: readonly JudgedRow[], wanted: readonly string[]): Evaluation => {
  const counts = countsOf(thresholds, rows);
  const strata = wanted.map((id) => ({ id, counts: countsOf(thresholds, rows.filter(({ subgroups }) => subgroups.includes(id))) }));
  const isShown = (own: CaseCounts): boolean => {
    const outside = rows.length - caseCount(own);
    return caseCount(own) >= LEAST_COUNTED && (outside === 0 || outside >= LEAST_COUNTED);
  };
  return { counts, subgroups: strata.filter((each) => isShown(each.counts)), withheld: strata.filter((each) => !isShown(each.counts)).map(({ id }) => id) };
};
