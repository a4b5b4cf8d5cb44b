import { DomainError } from '../../../shared/errors.ts';
import type { Ask } from './messages.ts';

/** What of an ask the ledger keeps. */
export type Asked = Pick<Ask, 'runId' | 'round' | 'attempt' | 'members'>;

/** What a site answered last in one run, over which members. `sites` is fixed with the first sum. */
export type RunEntry = Readonly<{ round: number; attempt: number; question: string; subject: string; members: readonly string[]; sites?: readonly string[] }>;
/**
 * A site's memory of what it let out, kept as plain JSON between calls. `sums` holds, for each question asked of the same cohort, over which sites it was summed, in any run.
 */
export type Ledger = Readonly<{ runs: Readonly<Record<string, RunEntry>>; sums: Readonly<Record<string, readonly (readonly string[])[]>> }>;

export const EMPTY_LEDGER: Ledger = { runs: {}, sums: {} };

const isSame = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((site) => b.includes(site));
/** Sites in one list and not in the other. */
const differing = (a: readonly string[], b: readonly string[]): readonly string[] => [...a.filter((site) => !b.includes(site)), ...b.filter((site) => !a.includes(site))];

const changed = (before: readonly string[], now: readonly string[]): DomainError =>
  new DomainError('training-sites-changed', `members: got a set that differs in ${differing(before, now).join(', ')} from a sum already made, want ${before.join(', ')}`, { differing: differing(before, now) });

const requireRound = (entry: RunEntry | undefined, { round, attempt }: Asked, question: string): void => {
  const isNext = round === (entry === undefined ? 0 : entry.round + 1);
  if (round !== entry?.round && !isNext) throw new DomainError('training-round-stale', `round: got ${round}, want ${entry === undefined ? 0 : `${entry.round} or ${entry.round + 1}`}`, { round });
  if (entry?.round !== round) return;
  if (entry.question !== question) throw new DomainError('training-question-changed', `round ${round}: got another question than was answered in it, want the same`, { round });
  if (attempt <= entry.attempt) throw new DomainError('training-masks-reused', `round ${round}: got attempt ${attempt}, want above ${entry.attempt}: masks serve once`, { round, attempt });
};

/** The sites a run is over: fixed by a confirmed sum, or because the next round is asked, so that the others went on with the answer given last. */
const sitesOf = (entry: RunEntry | undefined, { round }: Asked): readonly string[] | undefined => entry?.sites ?? (entry !== undefined && round > entry.round ? entry.members : undefined);

/**
 * Whether a site may answer. Two sums of one question over sets that differ in one site would give that site away; so within a run the set never changes once a sum was confirmed, and
 * over runs no set differs from an earlier one by a single site.
 *
 * @param question hash of the question  @param subject hash of question and cohort
 * @throws DomainError `training-round-stale`, `training-question-changed`, `training-masks-reused`, `training-sites-changed`
 */
export const requireFresh = (ledger: Ledger, ask: Asked, question: string, subject: string): void => {
  const entry = ledger.runs[ask.runId];
  requireRound(entry, ask, question);
  const fixed = sitesOf(entry, ask);
  if (fixed !== undefined && !isSame(fixed, ask.members)) throw changed(fixed, ask.members);
  const near = (ledger.sums[subject] ?? []).find((sites) => differing(sites, ask.members).length === 1);
  if (near !== undefined) throw changed(near, ask.members);
};

type Sums = Ledger['sums'];
const withSet = (sums: Sums, subject: string, members: readonly string[]): Sums => {
  const sets = sums[subject] ?? [];
  return sets.some((each) => isSame(each, members)) ? sums : { ...sums, [subject]: [...sets, members] };
};

/** The ledger after an answer to what `requireFresh` let pass. */
export const withAnswer = ({ runs, sums }: Ledger, ask: Asked, question: string, subject: string): Ledger => {
  const entry = runs[ask.runId];
  const sites = sitesOf(entry, ask);
  const isSameRound = entry?.round === ask.round;
  return {
    runs: { ...runs, [ask.runId]: { round: ask.round, attempt: ask.attempt, question, subject, members: ask.members, ...(sites !== undefined && { sites }) } },
    sums: entry === undefined || isSameRound ? sums : withSet(sums, entry.subject, entry.members),
  };
};

/** The ledger after the sum answered last was confirmed. */
export const withSum = ({ runs, sums }: Ledger, { runId, members }: Pick<Ask, 'runId' | 'members'>): Ledger => {
  const entry = runs[runId];
  return entry === undefined ? { runs, sums } : { runs: { ...runs, [runId]: { ...entry, sites: members } }, sums: withSet(sums, entry.subject, members) };
};
