import { bookRelease, requireExactAllowed, requireLeft, type Budget, type BudgetEvent } from '../../../models/federated/private/budget.ts';
import type { Plan } from '../../../models/federated/plan.ts';
import { releaseOf } from '../../../models/federated/secure/messages.ts';
import type { Actor, Recorded } from '../../../shared/record/envelope.ts';
import type { Companion, RecordStore } from '../../_platform/ports.ts';
import { createStreamRecords, foldStream, summaryCompanion } from '../../_platform/stream-records.ts';
import { TRAINING_BUDGETS } from '../records.ts';

/** Labels that have a budget are identifiers; any other has none, and so nothing left. */
const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9._*-]{0,63}$/u;
/** What a booking adds to the transaction that puts an answer on record. */
export type Booking = Readonly<{ alongside: readonly Recorded<BudgetEvent>[]; companions: readonly Companion[] }>;
const NOTHING: Booking = { alongside: [], companions: [] };

/** The budget as this hospital's own record has it, asked anew each time. */
export const createBudgets = (store: RecordStore) => {
  const records = createStreamRecords<Budget, BudgetEvent>(TRAINING_BUDGETS, store);
  const held = async (label: string): Promise<Budget | undefined> => (IDENTIFIER.test(label) ? (await records.load(label)).state : undefined);
  return {
    /** Before anything is sent. @throws DomainError `training-budget-spent`, `training-exact-refused` */
    requireAllowed: async (plan: Plan): Promise<void> => {
      const { label, private: terms } = plan;
      const budget = await held(label);
      if (terms === undefined) requireExactAllowed(budget, plan);
      else requireLeft(budget, label, terms.microEpsilon);
    },
    /**
     * What an answer costs, planned on the version it was decided on: should another run have spent meanwhile, the answer is not put on record, and not sent.
     *
     * @throws DomainError `training-budget-spent`, `training-exact-refused`
     */
    booking: async (plan: Plan, ask: Parameters<typeof releaseOf>[0], actor: Actor): Promise<Booking> => {
      const { label, private: terms } = plan;
      if (terms === undefined) {
        requireExactAllowed(await held(label), plan);
        return NOTHING;
      }
      if (!IDENTIFIER.test(label)) requireLeft(undefined, label, terms.microEpsilon);
      const { state, position } = await records.load(label);
      const events = bookRelease(state, label, { runId: ask.runId, release: releaseOf(ask), microEpsilon: terms.microEpsilon });
      if (events.length === 0) return NOTHING;
      const alongside = store.plan({ stream: { kind: TRAINING_BUDGETS.kind, id: label }, expectedVersion: position.version, previousHash: position.hash, previousRecordedAt: position.recordedAt, events, actor });
      const next = foldStream(TRAINING_BUDGETS, alongside, state);
      return { alongside, companions: next === undefined ? [] : [summaryCompanion(TRAINING_BUDGETS, label, next, position.version + alongside.length)] };
    },
  };
};
export type Budgets = ReturnType<typeof createBudgets>;
