import { DomainError } from '../../../shared/errors.ts';
import { differing, type Cohorts } from './cohorts.ts';
import type { Ask } from './messages.ts';
import { singledOut } from './trackers.ts';

/** What of an ask the ledger keeps. `driftOf` names the model in a run of drift. */
export type Asked = Pick<Ask, 'runId' | 'round' | 'attempt'> & Readonly<{ cohorts: Cohorts; driftOf?: string | undefined }>;

/** What a site answered last in one run, over whom. `sites` is fixed with the first sum. */
export type RunEntry = Readonly<{ round: number; attempt: number; question: string; cohorts: Cohorts; sites?: Cohorts; driftOf?: string }>;
export type Sum = Readonly<{ cohorts: Cohorts; driftOf?: string }>;
/**
 * A site's memory of what it let out, kept as plain JSON between calls. `sums` holds over whom, and over which of their rows, sums were made in which it is, whatever was asked: oldest first, each once.
 */
export type Ledger = Readonly<{ runs: Readonly<Record<string, RunEntry>>; sums: readonly Sum[] }>;

export const EMPTY_LEDGER: Ledger = { runs: {}, sums: [] };

const isSame = (a: Cohorts, b: Cohorts): boolean => differing(a, b).length === 0;

const requireRound = (entry: RunEntry | undefined, { round, attempt }: Asked, question: string): void => {
  const isNext = round === (entry === undefined ? 0 : entry.round + 1);
  if (round !== entry?.round && !isNext) throw new DomainError('training-round-stale', `round: got ${round}, want ${entry === undefined ? 0 : `${entry.round} or ${entry.round + 1}`}`, { round });
  if (entry?.round !== round) return;
  if (entry.question !== question) throw new DomainError('training-question-changed', `round ${round}: got another question than was answered in it, want the same`, { round });
  if (attempt <= entry.attempt) throw new DomainError('training-masks-reused', `round ${round}: got attempt ${attempt}, want above ${entry.attempt}: masks serve once`, { round, attempt });
};

/** Whom a run is over: fixed by a confirmed sum, or because the next round is asked, so that the others went on with the answer given last. */
const sitesOf = (entry: RunEntry | undefined, { round }: Asked): Cohorts | undefined => entry?.sites ?? (entry !== undefined && round > entry.round ? entry.cohorts : undefined);

/** The next count of a model's drift over the hospitals of the last one: each changed by as many rows as it takes part with, or not at all. */
const isNextOfDrift = ({ sums }: Ledger, { cohorts, driftOf }: Asked): boolean => {
  const last = driftOf === undefined ? undefined : sums.findLast((each) => each.driftOf === driftOf);
  return last !== undefined && Object.keys(last.cohorts).sort().join() === Object.keys(cohorts).sort().join();
};

/**
 * Whether a site may answer. Within a run the set never changes once a sum was confirmed. Over runs no sum may, with sums made before, give numbers that hang on fewer than three sites: on a site that is in one of them
 * only, or in both with other rows. What is asked plays no part, nor do names and order of columns.
 *
 * @param question hash of the question
 * @throws DomainError `training-round-stale`, `training-question-changed`, `training-masks-reused`, `training-sites-changed`
 */
export const requireFresh = (ledger: Ledger, ask: Asked, question: string): void => {
  const entry = ledger.runs[ask.runId];
  requireRound(entry, ask, question);
  const fixed = sitesOf(entry, ask);
  if (fixed !== undefined && !isSame(fixed, ask.cohorts)) {
    const others = differing(fixed, ask.cohorts);
    throw new DomainError('training-sites-changed', `members: got a set that differs in ${others.join(', ')} from a sum of this run, want ${Object.keys(fixed).join(', ')}`, { differing: others });
  }
  if (ledger.sums.some(({ cohorts }) => isSame(cohorts, ask.cohorts)) || isNextOfDrift(ledger, ask)) return;
  const told = singledOut(ledger.sums.map(({ cohorts }) => cohorts), ask.cohorts);
  if (told !== undefined) throw new DomainError('training-sites-changed', `members: got a set that with sums made before tells of ${told.join(' and ')} alone, want differences of three sites at least`, { differing: told });
};

const withSet = (sums: Ledger['sums'], { cohorts, driftOf }: RunEntry): Ledger['sums'] => (sums.some((each) => isSame(each.cohorts, cohorts)) ? sums : [...sums, { cohorts, ...(driftOf !== undefined && { driftOf }) }]);

/** The ledger after an answer to what `requireFresh` let pass. */
export const withAnswer = ({ runs, sums }: Ledger, ask: Asked, question: string): Ledger => {
  const entry = runs[ask.runId];
  const { round, attempt, cohorts, driftOf } = ask;
  const sites = sitesOf(entry, ask);
  const isSameRound = entry?.round === round;
  return {
    runs: { ...runs, [ask.runId]: { round, attempt, question, cohorts, ...(sites !== undefined && { sites }), ...(driftOf !== undefined && { driftOf }) } },
    sums: entry === undefined || isSameRound ? sums : withSet(sums, entry),
  };
};

/** The ledger after the sum answered last was confirmed. */
export const withSum = ({ runs, sums }: Ledger, runId: string): Ledger => {
  const entry = runs[runId];
  return entry === undefined ? { runs, sums } : { runs: { ...runs, [runId]: { ...entry, sites: entry.cohorts } }, sums: withSet(sums, entry) };
};
