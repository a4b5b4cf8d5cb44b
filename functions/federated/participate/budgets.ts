import { createHash } from 'node:crypto';
import { bookRelease, requireExactAllowed, requireLeft, type Budget, type BudgetEvent } from '../../../models/federated/private/budget.ts';
import { bookTraining, isCountedMethod, requireTrainingLeft, type ExactTraining } from '../../../models/federated/private/exact-trainings.ts';
import type { Plan } from '../../../models/federated/plan.ts';
import { releaseOf } from '../../../models/federated/secure/messages.ts';
import type { Actor, Recorded } from '../../../shared/record/envelope.ts';
import type { Companion, RecordStore } from '../../_platform/ports.ts';
import { createStreamRecords, foldStream, summaryCompanion } from '../../_platform/stream-records.ts';
import { TRAINING_BUDGETS } from '../records.ts';

/** Labels that people can agree on a budget of are identifiers; any other has none, and so no ε left. */
const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9._*-]{0,63}$/u;
/** Trainings are counted for every label: one that is no identifier has a stream by its hash, longer than any identifier. */
const streamOf = (label: string): string => (IDENTIFIER.test(label) ? label : `label-${createHash('sha256').update(label).digest('hex')}`);
/** What a booking adds to the transaction that puts an answer on record. */
export type Booking = Readonly<{ alongside: readonly Recorded<BudgetEvent>[]; companions: readonly Companion[] }>;
const NOTHING: Booking = { alongside: [], companions: [] };

/** Exact trainings over the same rows that this hospital answered before, by its record of trainings; read where it is needed alone. */
export type Before = () => Promise<readonly ExactTraining[]>;
type Answering = Readonly<{ ask: Parameters<typeof releaseOf>[0]; actor: Actor; before: Before }>;

/** The budget as this hospital's own record has it, asked anew each time. */
export const createBudgets = (store: RecordStore) => {
  const records = createStreamRecords<Budget, BudgetEvent>(TRAINING_BUDGETS, store);
  const held = async (label: string): Promise<Budget | undefined> => (await records.load(streamOf(label))).state;
  /** Planned on the version it was decided on: should another run have spent meanwhile, the answer is not put on record, and not sent. */
  const planned = async (label: string, actor: Actor, decide: (state: Budget | undefined) => readonly BudgetEvent[] | Promise<readonly BudgetEvent[]>): Promise<Booking> => {
    const id = streamOf(label);
    const { state, position } = await records.load(id);
    const events = await decide(state);
    if (events.length === 0) return NOTHING;
    const alongside = store.plan({ stream: { kind: TRAINING_BUDGETS.kind, id }, expectedVersion: position.version, previousHash: position.hash, previousRecordedAt: position.recordedAt, events, actor });
    const next = foldStream(TRAINING_BUDGETS, alongside, state);
    return { alongside, companions: next === undefined ? [] : [summaryCompanion(TRAINING_BUDGETS, id, next, position.version + alongside.length)] };
  };
  return {
    /** Before anything is sent, and before rows are read. @throws DomainError `training-budget-spent`, `training-exact-refused` */
    requireAllowed: async ({ label, private: terms }: Plan): Promise<void> => {
      if (terms === undefined) requireExactAllowed(await held(label), label);
      else requireLeft(IDENTIFIER.test(label) ? await held(label) : undefined, label, terms.microEpsilon);
    },
    /** Before anything is sent, of the rows it would join with. @throws DomainError `training-limit-spent` */
    requireTrainingLeft: async ({ label, method }: Plan, runId: string, before: Before): Promise<void> => {
      if (isCountedMethod(method)) requireTrainingLeft(await held(label), { runId, label }, await before());
    },
    /**
     * What an answer costs: ε of a private training, or one of the exact trainings that are left.
     *
     * @throws DomainError `training-budget-spent`, `training-exact-refused`, `training-limit-spent`
     */
    booking: async ({ label, method, private: terms }: Plan, { ask, actor, before }: Answering): Promise<Booking> => {
      const { runId } = ask;
      if (terms !== undefined) {
        if (!IDENTIFIER.test(label)) requireLeft(undefined, label, terms.microEpsilon);
        return planned(label, actor, (state) => bookRelease(state, label, { runId, release: releaseOf(ask), microEpsilon: terms.microEpsilon }));
      }
      return planned(label, actor, async (state) => {
        requireExactAllowed(state, label);
        const isBooked = state?.trainings.some((each) => each.runId === runId) === true;
        return isBooked || !isCountedMethod(method) ? [] : bookTraining(state, { runId, label }, await before());
      });
    },
  };
};
export type Budgets = ReturnType<typeof createBudgets>;
