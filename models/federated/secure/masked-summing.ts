import { DomainError } from '../../../shared/errors.ts';
import type { Summing } from '../federation.ts';
import { planHash, type Plan } from '../plan.ts';
import { widthOf } from '../run.ts';
import { wordCount } from '../words.ts';
import { Gathering } from './gather.ts';
import type { Certificate } from './keys.ts';
import type { Ask } from './messages.ts';
import type { Site } from './site.ts';

const ATTEMPTS = 3;
const OPEN_MS = 3_600_000;

/** Where a message is lost, in tests and drills. */
export type Loss = (siteId: string, round: number, attempt: number, stage: 'answer' | 'confirm' | 'reveal') => boolean;

export type Members = Readonly<{ plan: Plan; runId: string; sites: readonly Site[]; certificates: readonly Certificate[]; nowEpochMs: number; isLost?: Loss }>;

/** One attempt. @returns undefined when a member did not answer, so that nothing can be read */
const attemptSum = ({ plan, sites, nowEpochMs, isLost = () => false }: Members, ask: Ask, gathering: Gathering): Uint32Array | undefined => {
  const present = (stage: 'answer' | 'confirm' | 'reveal'): readonly Site[] => sites.filter(({ siteId }) => !isLost(siteId, ask.round, ask.attempt, stage));
  if (ask.planHash !== planHash(plan)) throw new DomainError('training-round-malformed', 'plan: got another than the run has');
  for (const site of present('answer')) gathering.take(site.answer(ask, nowEpochMs), nowEpochMs);
  if (gathering.missing.length > 0) return undefined;
  const complete = gathering.complete();
  for (const site of present('confirm')) gathering.takeConfirmation(site.confirm(complete));
  for (const site of present('reveal')) gathering.takeReveal(site.reveal(gathering.revealAskFor(site.siteId)));
  return gathering.sum();
};

/**
 * Sums under masks, all sites in this process. An attempt in which a member does not answer is given up and made again with new masks.
 *
 * @throws DomainError what the sites refuse; `training-round-stale` after the last attempt
 */
export const maskedSumming = (members: Members): Summing => (round, question, format) => {
  const { plan, runId, sites, certificates, nowEpochMs } = members;
  const order = sites.map(({ siteId }) => siteId).sort();
  const sorted = order.flatMap((siteId) => certificates.filter((each) => each.siteId === siteId));
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const ask: Ask = { runId, planHash: planHash(plan), round, attempt, members: order, certificates: sorted, closesAtEpochMs: nowEpochMs + OPEN_MS, question };
    const sum = attemptSum(members, ask, new Gathering(ask, format, wordCount(widthOf(plan, question), format)));
    if (sum !== undefined) return sum;
  }
  throw new DomainError('training-round-stale', `round ${round}: got no answer of all sites in ${ATTEMPTS} attempts`, { round });
};
