import type { StreamRecords } from '../../functions/_platform/stream-records.ts';
import { proposeBudget, setBudget, type Budget, type BudgetEvent, type BudgetTerms } from '../../models/federated/private/budget.ts';
import type { Signatory } from '../../shared/record/signatory.ts';

/** A person of a hospital who signs for a training budget. */
export const signatoryOf = (signerId: string, meaning: 'authorship' | 'approval', roles: Signatory['roles'] = ['quality-reviewer']): Signatory => ({
  roles, signature: { signerId, printedName: signerId, signedAt: '2026-03-02T14:00:00Z', meaning, signedVersion: 0, signedHash: '0'.repeat(64), reauthenticatedAt: '2026-03-02T14:00:00Z', reauthenticationId: 'r' },
});

/** One person proposes a budget, another sets it. */
export const agreeOnBudget = async (budgets: StreamRecords<Budget, BudgetEvent>, label: string, terms: BudgetTerms): Promise<void> => {
  const actor = { kind: 'system', id: 'test', version: '1' } as const;
  await budgets.change(label, () => proposeBudget({ label, ...terms, reason: 'as agreed' }, signatoryOf('rev-1', 'authorship')), { actor });
  await budgets.change(label, ({ state }) => setBudget(state, label, signatoryOf('rev-2', 'approval')), { actor });
};
