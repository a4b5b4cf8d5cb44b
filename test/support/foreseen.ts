import { Cohort } from '../../models/federated/cohort.ts';
import type { Plan } from '../../models/federated/plan.ts';
import { advance, beginRun, type Question, type Run } from '../../models/federated/run.ts';
import { planOf, rowsOf, type Table } from './federated.ts';

/** A plan of a forest with foreseen splits. */
export const foreseen = (change: Partial<Plan> = {}): Plan => planOf({ splits: 'foreseen', ...change });

/** Play a run, and keep what was asked and the sums. */
export const played = (plan: Plan, table: Table, change: (question: Question, sum: Float64Array) => void = () => undefined): Readonly<{ run: Run; seen: readonly Readonly<{ question: Question; sum: Float64Array }>[] }> => {
  const cohort = new Cohort(plan, rowsOf(table));
  const seen: { question: Question; sum: Float64Array }[] = [];
  let run = beginRun(plan);
  while (run.question !== undefined) {
    const sum = Float64Array.from(cohort.answer(run.question));
    change(run.question, sum);
    seen.push({ question: run.question, sum });
    run = advance(run, sum);
  }
  return { run, seen };
};
