import { DomainError } from '../../../shared/errors.ts';

/** What one site has let out of one cohort, as privacy loss in millionths of ε. Losses add up. @see Dwork, Roth 2014, theorem 3.16 */
export type Budget = Readonly<{ limitMicroEpsilon: number; spent: readonly Readonly<{ runId: string; microEpsilon: number }>[] }>;

export const spentMicroEpsilon = ({ spent }: Budget): number => spent.reduce((sum, { microEpsilon }) => sum + microEpsilon, 0);

/**
 * Book a run before it is answered. A run is answered once, so one that is booked already is refused.
 *
 * @throws DomainError `training-budget-spent`, `training-plan-malformed` unless the loss is a whole number of millionths above 0
 */
export const spend = (budget: Budget, runId: string, microEpsilon: number): Budget => {
  if (!Number.isInteger(microEpsilon) || microEpsilon <= 0) throw new DomainError('training-plan-malformed', `microEpsilon: got ${microEpsilon}, want a whole number above 0`, { field: 'microEpsilon' });
  if (budget.spent.some((each) => each.runId === runId)) throw new DomainError('training-budget-spent', `run ${runId}: got it again, want a run answered once`, { runId });
  const left = budget.limitMicroEpsilon - spentMicroEpsilon(budget);
  if (microEpsilon > left) throw new DomainError('training-budget-spent', `privacy budget: got a run of ${microEpsilon}, want at most what is left: ${left} millionths`, { runId, left });
  return { ...budget, spent: [...budget.spent, { runId, microEpsilon }] };
};
