import { allowedTrainings, leftTrainings, withTrainings, type ExactTraining } from '../../models/federated/private/exact-trainings.ts';
import { budgetSummary, proposeBudget, setBudget, type Budget, type BudgetEvent, type BudgetSummary } from '../../models/federated/private/budget.ts';
import { answeredWith } from '../../models/federated/workflow/answered-trees.ts';
import { DomainError } from '../../shared/errors.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { runCommand, signed } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { TRAINING_BUDGETS } from '../federated/records.ts';
import type { TrainingDataPorts } from './handler.ts';
import * as Routes from './schema.ts';

/** A summary as it was stored: those from before trainings were counted say nothing of them. */
type Stored = Omit<BudgetSummary, 'exactTrainings' | 'spentExactTrainings' | 'leftExactTrainings'> & Partial<BudgetSummary>;

/** Without what lists add to it. A record has none of the trainings from before they were counted until it has one at all, and from then on all of the label: so the larger number is that of both. */
const shown = ({ label, limitMicroEpsilon, refusesExact, exactTrainings = allowedTrainings(undefined), spentExactTrainings = 0, spentMicroEpsilon, leftMicroEpsilon, releases, isProposed }: Stored, answered: readonly ExactTraining[]): BudgetSummary => {
  const spent = Math.max(spentExactTrainings, answered.length);
  return {
    label, ...(limitMicroEpsilon !== undefined && { limitMicroEpsilon }), ...(refusesExact !== undefined && { refusesExact }), spentMicroEpsilon, leftMicroEpsilon, releases,
    exactTrainings, spentExactTrainings: spent, leftExactTrainings: Math.max(0, exactTrainings - spent), isProposed,
  };
};

/** What trainings may learn of this hospital's rows: proposed by one person, set by another, spent by runs. */
export const budgetEndpoints = (ports: TrainingDataPorts): readonly Endpoint[] => {
  const answered = async () => (await ports.participation.load(ports.nodeId)).state;
  return [
    endpoint(Routes.ProposeTrainingBudget, (request) => {
      const { signature: _, exactTrainings, ...rest } = request.body;
      const terms = { ...rest, ...(exactTrainings !== undefined && { exactTrainings }) };
      return runCommand<Budget, BudgetEvent>(ports, { records: ports.budgets, id: terms.label, request, decide: (__, signature, roles) => proposeBudget(terms, { signature: signed(signature), roles }) });
    }),
    endpoint(Routes.SetTrainingBudget, (request) => {
      const { label } = request.path;
      return runCommand<Budget, BudgetEvent>(ports, { records: ports.budgets, id: label, request, decide: ({ state }, signature, roles) => setBudget(state, label, { signature: signed(signature), roles }) });
    }),
    endpoint(Routes.ListTrainingBudgets, async ({ query: { limit, cursor } }) => {
      const { items, ...page } = await ports.operations.list<Stored>(keyOf.summary(TRAINING_BUDGETS.kind, '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) });
      const held = await answered();
      return { ...page, items: items.map((each) => shown(each, answeredWith(held, each.label))) };
    }),
    endpoint(Routes.ReadTrainingBudget, async ({ path: { label } }) => {
      const { state, position } = await ports.budgets.load(label);
      if (state === undefined) throw new DomainError('training-budget-missing', `no training budget of label ${label} at this hospital`, { label });
      const before = answeredWith(await answered(), label);
      const trainings = withTrainings(state.trainings, before).map((each) => ({ ...each }));
      return {
        ...budgetSummary(state), spentExactTrainings: trainings.length, leftExactTrainings: leftTrainings(state, before), version: position.version,
        ...(state.proposed !== undefined && { proposed: state.proposed }), booked: state.booked.map((each) => ({ ...each })), trainings,
      };
    }),
  ];
};
