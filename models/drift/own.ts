import type { Answered, Distribution } from '../../shared/model-registry/distributions.ts';
import { distributionsOf, SCORE } from '../../shared/model-registry/distributions.ts';
import type { MonitoringPlan } from '../../shared/model-registry/model-plan.ts';
import type { CaseCounts } from '../../shared/model-registry/test-report.ts';
import { countKinds } from '../../shared/training-data/evaluation.ts';
import { driftStatement, type DriftStatement } from './alarm.ts';

/** One answer a batch; `kind` once it is known what came true. */
export type OwnAnswer = Answered & Readonly<{ kind?: keyof CaseCounts }>;
/** `counts` are what it was judged on, for whoever counts again. */
export type OwnStatement = DriftStatement & Readonly<{ cases: number; counts: Readonly<{ distributions: readonly Distribution[]; outcomes?: CaseCounts }> }>;

/**
 * Drift at one hospital, on its own answers, by the plan and the reference that were signed with the model. The hospital counts its own batches for itself: nothing leaves it, so nothing is masked and one batch may be told from another.
 *
 * @param reference of the test, in the order of the model's inputs, the score last
 * @throws DomainError `histogram-malformed` for answers of other inputs
 */
export const judgeOwnAnswers = (plan: MonitoringPlan, reference: readonly Distribution[], answers: readonly OwnAnswer[]): OwnStatement => {
  const distributions = distributionsOf(reference.map(({ name }) => name).filter((name) => name !== SCORE), answers);
  const kinds = answers.flatMap(({ kind }) => (kind === undefined ? [] : [kind]));
  const outcomes = kinds.length === 0 ? {} : { outcomes: countKinds(kinds) };
  if (answers.length === 0) return { decision: 'no-statement', rule: 'none', detail: 'no answer to judge by', notJudged: [], cases: 0, counts: { distributions } };
  const statement = driftStatement(plan, { pairs: reference.map((each, i) => ({ reference: each, current: distributions[i] ?? { name: '', counts: [], missing: 0 } })), ...outcomes });
  return { ...statement, cases: answers.length, counts: { distributions, ...outcomes } };
};
