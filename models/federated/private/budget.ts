import { DomainError } from '../../../shared/errors.ts';
import type { Fact } from '../../../shared/model-registry/events.ts';
import type { Signature } from '../../../shared/record/envelope.ts';
import { requireSignatory, type Signatory } from '../../../shared/record/signatory.ts';
import { allowedTrainings, leftTrainings, type ExactTraining, type ExactTrainingsBooked } from './exact-trainings.ts';

/** What a hospital lets trainings learn of its rows with one label, ever. Budgets on record may hold `allowsCounted`, from before; it means nothing any more. */
export type BudgetTerms = Readonly<{
  /** Privacy loss of a row over all trainings, in millionths of ε. */
  limitMicroEpsilon: number;
  /** Whether these rows answer private trainings only: an exact sum tells what no budget can count. */
  refusesExact: boolean;
  /** Exact trainings of trees these rows answer, ever. Absent: `EXACT_TRAININGS`. */
  exactTrainings?: number;
}>;
const termsOf = ({ limitMicroEpsilon, refusesExact, exactTrainings }: BudgetTerms): BudgetTerms => ({ limitMicroEpsilon, refusesExact, ...(exactTrainings !== undefined && { exactTrainings }) });

/** One stream a label. Nothing takes a spending back: what was learned stays learned. */
export type BudgetEvent =
  | Readonly<{ type: 'training-budget-proposed'; label: string; reason: string; signature: Signature } & BudgetTerms>
  | Readonly<{ type: 'training-budget-set'; signature: Signature } & BudgetTerms>
  | Readonly<{ type: 'training-budget-booked'; runId: string; release: string; microEpsilon: number }>
  | ExactTrainingsBooked;

/** One sum of one run over one set of hospitals. Losses add up. @see Dwork, Roth 2014, theorem 3.16 */
export type Release = Readonly<{ runId: string; release: string; microEpsilon: number }>;
export type Budget = Readonly<{ label: string; terms?: BudgetTerms; proposed?: BudgetTerms & Readonly<{ reason: string; authorId: string }>; booked: readonly Release[]; trainings: readonly ExactTraining[] }>;

export const evolveBudget = (held: Budget | undefined, { event, stream }: Fact<BudgetEvent>): Budget => {
  if (event.type === 'training-budget-proposed') {
    const { label, reason, signature } = event;
    return { ...held, label, booked: held?.booked ?? [], trainings: held?.trainings ?? [], proposed: { ...termsOf(event), reason, authorId: signature.signerId } };
  }
  // Trainings are counted also where nobody agreed on a budget.
  if (event.type === 'exact-trainings-booked') return { ...held, label: event.label, booked: held?.booked ?? [], trainings: [...held?.trainings ?? [], ...event.trainings] };
  if (held === undefined) throw new DomainError('record-corrupt', `training budget ${stream.id} does not begin with a proposal or a counted training`, { id: stream.id });
  if (event.type === 'training-budget-booked') return { ...held, booked: [...held.booked, { runId: event.runId, release: event.release, microEpsilon: event.microEpsilon }] };
  const { proposed: _, ...rest } = held;
  return { ...rest, terms: termsOf(event) };
};

export const spentMicroEpsilon = ({ booked }: Pick<Budget, 'booked'>): number => booked.reduce((sum, { microEpsilon }) => sum + microEpsilon, 0);
/** What a next release may cost; 0 while no budget was set. */
export const leftMicroEpsilon = (budget: Budget | undefined): number => (budget === undefined ? 0 : Math.max(0, (budget.terms?.limitMicroEpsilon ?? 0) - spentMicroEpsilon(budget)));

/** How a budget stands, as lists show it. */
export type BudgetSummary = Readonly<{ label: string; limitMicroEpsilon?: number; refusesExact?: boolean; spentMicroEpsilon: number; leftMicroEpsilon: number; releases: number; exactTrainings: number; spentExactTrainings: number; leftExactTrainings: number; isProposed: boolean }>;
export const budgetSummary = (budget: Budget): BudgetSummary => ({
  label: budget.label, ...budget.terms, spentMicroEpsilon: spentMicroEpsilon(budget), leftMicroEpsilon: leftMicroEpsilon(budget), releases: budget.booked.length,
  exactTrainings: allowedTrainings(budget), spentExactTrainings: budget.trainings.length, leftExactTrainings: leftTrainings(budget), isProposed: budget.proposed !== undefined,
});

/** First signature, and the same again while it waits for the second. @throws DomainError `role-missing`, `signature-meaning-wrong` (wants `authorship`) */
export const proposeBudget = ({ label, reason, ...terms }: BudgetTerms & Readonly<{ label: string; reason: string }>, signatory: Signatory): readonly BudgetEvent[] => {
  requireSignatory(signatory, 'authorship', ['process-scientist', 'quality-reviewer', 'qualified-person'], 'propose a training budget');
  return [{ type: 'training-budget-proposed', label, ...termsOf(terms), reason, signature: signatory.signature }];
};

/** Second signature, by quality and another person: from here on it holds. @throws DomainError `training-budget-missing`, `signature-same-person`, `role-missing`, `signature-meaning-wrong` (wants `approval`) */
export const setBudget = (held: Budget | undefined, label: string, signatory: Signatory): readonly BudgetEvent[] => {
  if (held?.proposed === undefined) throw new DomainError('training-budget-missing', `label ${label}: got no proposal of a budget, want one to approve`, { label });
  if (held.proposed.authorId === signatory.signature.signerId) throw new DomainError('signature-same-person', `the budget of ${label} was proposed by this person; another person must sign it`);
  requireSignatory(signatory, 'approval', ['quality-reviewer', 'qualified-person'], 'set a training budget');
  return [{ type: 'training-budget-set', ...termsOf(held.proposed), signature: signatory.signature }];
};

/** @throws DomainError `training-budget-spent` unless as much is left */
export const requireLeft = (held: Budget | undefined, label: string, microEpsilon: number): void => {
  const left = leftMicroEpsilon(held);
  if (microEpsilon > left) throw new DomainError('training-budget-spent', `privacy budget of ${label}: got a training of ${microEpsilon}, want at most what is left: ${left} millionths of ε`, { label, left });
};

/**
 * Book a release, to be on record before it leaves. One that is booked already costs nothing more: its noise is the same, so it is the same numbers again.
 *
 * @throws DomainError `training-budget-spent`
 */
export const bookRelease = (held: Budget | undefined, label: string, { runId, release, microEpsilon }: Release): readonly BudgetEvent[] => {
  if (held?.booked.some((each) => each.release === release) === true) return [];
  requireLeft(held, label, microEpsilon);
  return [{ type: 'training-budget-booked', runId, release, microEpsilon }];
};

/** @throws DomainError `training-exact-refused` where the hospital lets these rows answer private trainings only */
export const requireExactAllowed = (held: Budget | undefined, label: string): void => {
  if (held?.terms?.refusesExact === true) throw new DomainError('training-exact-refused', `label ${label}: got a training with exact sums, want a private one, by the budget of this hospital`, { label });
};
