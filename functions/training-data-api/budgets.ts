import { budgetSummary, proposeBudget, setBudget, type Budget, type BudgetEvent, type BudgetSummary } from '../../models/federated/private/budget.ts';
import { DomainError } from '../../shared/errors.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { runCommand, signed } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { TRAINING_BUDGETS } from '../federated/records.ts';
import type { TrainingDataPorts } from './handler.ts';
import * as Routes from './schema.ts';

/** Without what lists add to it. */
const shown = ({ label, limitMicroEpsilon, refusesExact, allowsCounted, spentMicroEpsilon, leftMicroEpsilon, releases, isProposed }: BudgetSummary): BudgetSummary =>
  ({ label, ...(limitMicroEpsilon !== undefined && { limitMicroEpsilon }), ...(refusesExact !== undefined && { refusesExact }), ...(allowsCounted !== undefined && { allowsCounted }), spentMicroEpsilon, leftMicroEpsilon, releases, isProposed });

/** What private trainings may learn of this hospital's rows: proposed by one person, set by another, spent by runs. */
export const budgetEndpoints = (ports: TrainingDataPorts): readonly Endpoint[] => [
  endpoint(Routes.ProposeTrainingBudget, (request) => {
    const { signature: _, allowsCounted, ...rest } = request.body;
    const terms = { ...rest, ...(allowsCounted !== undefined && { allowsCounted }) };
    return runCommand<Budget, BudgetEvent>(ports, { records: ports.budgets, id: terms.label, request, decide: (__, signature, roles) => proposeBudget(terms, { signature: signed(signature), roles }) });
  }),
  endpoint(Routes.SetTrainingBudget, (request) => {
    const { label } = request.path;
    return runCommand<Budget, BudgetEvent>(ports, { records: ports.budgets, id: label, request, decide: ({ state }, signature, roles) => setBudget(state, label, { signature: signed(signature), roles }) });
  }),
  endpoint(Routes.ListTrainingBudgets, async ({ query: { limit, cursor } }) => {
    const { items, ...page } = await ports.operations.list<BudgetSummary>(keyOf.summary(TRAINING_BUDGETS.kind, '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) });
    return { ...page, items: items.map(shown) };
  }),
  endpoint(Routes.ReadTrainingBudget, async ({ path: { label } }) => {
    const { state, position } = await ports.budgets.load(label);
    if (state === undefined) throw new DomainError('training-budget-missing', `no training budget of label ${label} at this hospital`, { label });
    return { ...budgetSummary(state), version: position.version, ...(state.proposed !== undefined && { proposed: state.proposed }), booked: state.booked.map((each) => ({ ...each })) };
  }),
];
