import { DomainError } from '../../../shared/errors.ts';
import type { Ask } from './messages.ts';

/** What a site answered in one run. `sites` is fixed with the first sum it confirmed. */
type RunEntry = Readonly<{ round: number; attempt: number; question: string; confirmed: boolean; sites?: readonly string[] }>;
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

const requireRound = (entry: RunEntry | undefined, { round, attempt }: Ask, question: string): void => {
  const open = entry === undefined ? 0 : entry.round + (entry.confirmed ? 1 : 0);
  const isRepeat = entry?.confirmed === true && round === entry.round;
  if (round !== open && !isRepeat) throw new DomainError('training-round-stale', `round: got ${round}, want ${open}`, { round, open });
  if (entry?.round !== round) return;
  if (entry.question !== question) throw new DomainError('training-question-changed', `round ${round}: got another question than was answered in it, want the same`, { round });
  if (attempt <= entry.attempt) throw new DomainError('training-masks-reused', `round ${round}: got attempt ${attempt}, want above ${entry.attempt}: masks serve once`, { round, attempt });
};

/**
 * Whether a site may answer. Two sums of one question over sets that differ in one site would give that site away; so within a run the set never changes once a sum was confirmed, and
 * over runs no set differs from an earlier one by a single site.
 *
 * @param question hash of the question  @param subject hash of question and cohort
 * @throws DomainError `training-round-stale`, `training-question-changed`, `training-masks-reused`, `training-sites-changed`
 */
export const requireFresh = (ledger: Ledger, ask: Ask, question: string, subject: string): void => {
  const entry = ledger.runs[ask.runId];
  requireRound(entry, ask, question);
  if (entry?.sites !== undefined && !isSame(entry.sites, ask.members)) throw changed(entry.sites, ask.members);
  const near = (ledger.sums[subject] ?? []).find((sites) => differing(sites, ask.members).length === 1);
  if (near !== undefined) throw changed(near, ask.members);
};

export const withAnswer = (ledger: Ledger, ask: Ask, question: string): Ledger => {
  const entry = ledger.runs[ask.runId];
  const sites = entry?.sites;
  return { ...ledger, runs: { ...ledger.runs, [ask.runId]: { round: ask.round, attempt: ask.attempt, question, confirmed: entry?.round === ask.round && entry.confirmed, ...(sites !== undefined && { sites }) } } };
};

export const withSum = (ledger: Ledger, ask: Ask, question: string, subject: string): Ledger => {
  const sets = ledger.sums[subject] ?? [];
  return {
    runs: { ...ledger.runs, [ask.runId]: { round: ask.round, attempt: ask.attempt, question, confirmed: true, sites: ask.members } },
    sums: { ...ledger.sums, [subject]: sets.some((each) => isSame(each, ask.members)) ? sets : [...sets, ask.members] },
  };
};
