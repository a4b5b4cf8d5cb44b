import { DomainError } from '../../shared/errors.ts';
import type { Cohort } from './cohort.ts';
import { requirePlan, type Plan } from './plan.ts';
import { withNoise } from './private/forest.ts';
import { advance, beginRun, rowBoundOf, widthOf, type Question, type Run } from './run.ts';
import { addWords, decodeWords, encodeWords, formatFor, wordCount, type Format } from './words.ts';

/** One round as seen from outside; `bytes` is what each site sent. */
export type RoundReport = Readonly<{ round: number; type: Question['type']; openNodes: number; bytes: number }>;
/** Adds what sites answer to a question. */
export type Summing = (round: number, question: Question, format: Format) => Uint32Array;

/**
 * Sum of plain answers, for rows that one party holds anyway and for tests.
 *
 * @param noiseKeys for a private plan: 32 secret bytes of each cohort, serving this once. Unmasked, each answer is seen alone, so each has the whole noise
 * @throws DomainError `training-plan-malformed` for a private plan without a key for each cohort
 */
export const plainSumming = (plan: Plan, cohorts: readonly Cohort[], noiseKeys: readonly Uint8Array[] = []): Summing => {
  if (plan.private !== undefined && noiseKeys.length !== cohorts.length) throw new DomainError('training-plan-malformed', `noise: got ${noiseKeys.length} keys, want one of each of ${cohorts.length} sites`, { field: 'private' });
  return (_, question, format) => {
    const sum = new Uint32Array(wordCount(widthOf(plan, question), format));
    cohorts.forEach((cohort, i) => {
      const [exact, key] = [cohort.answer(question), noiseKeys[i]];
      addWords(sum, encodeWords(plan.private === undefined || key === undefined ? exact : withNoise(plan.private, exact, { key, parts: 1 }), format), format);
    });
    return sum;
  };
};

/**
 * A whole run in one process: the coordinator's part, with the sites behind `summing`.
 *
 * @throws DomainError `training-plan-malformed`, `training-sum-overflow`, and what `advance` and `summing` throw
 */
export const federate = (plan: Plan, siteCount: number, summing: Summing, onRound: (report: RoundReport) => void = () => undefined): Run => {
  requirePlan(plan);
  let run = beginRun(plan);
  while (run.question !== undefined) {
    const { question } = run;
    const format = formatFor(rowBoundOf(plan, question), siteCount * plan.rowLimit);
    const words = summing(run.round, question, format);
    const openNodes = question.type === 'level' ? question.growing.open.reduce((sum, open) => sum + open, 0) : 0;
    run = advance(run, decodeWords(words, widthOf(plan, question), format));
    onRound({ round: run.round, type: question.type, openNodes, bytes: words.byteLength });
  }
  return run;
};
