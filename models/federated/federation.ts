import type { Cohort } from './cohort.ts';
import { requirePlan, type Plan } from './plan.ts';
import { advance, beginRun, rowBoundOf, widthOf, type Question, type Run } from './run.ts';
import { addWords, decodeWords, encodeWords, formatFor, wordCount, type Format } from './words.ts';

/** One round as seen from outside; `bytes` is what each site sent. */
export type RoundReport = Readonly<{ round: number; type: Question['type']; openNodes: number; bytes: number }>;
/** Adds what sites answer to a question. */
export type Summing = (round: number, question: Question, format: Format) => Uint32Array;

/** Sum of plain answers, for rows that one party holds anyway and for tests. */
export const plainSumming = (plan: Plan, cohorts: readonly Cohort[]): Summing => (_, question, format) => {
  const sum = new Uint32Array(wordCount(widthOf(plan, question), format));
  for (const cohort of cohorts) addWords(sum, encodeWords(cohort.answer(question), format), format);
  return sum;
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
