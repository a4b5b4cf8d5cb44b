import { DomainError } from '../../../shared/errors.ts';
import { askedIn, ROUNDS_BEFORE_TREES, type Plan } from '../plan.ts';
import type { Question } from '../run.ts';

/** How far below the roots the places are that a round of a forest asks about. Where splits are foreseen, that of a root is before it is counted, so that the first thing asked of a tree is what lies on its two sides. */
const depthIn = ({ splits }: Plan, round: number): number => round - ROUNDS_BEFORE_TREES + (splits === 'foreseen' ? 1 : 0);
/** How far below the root a place is: 0 there. A root that is not split is asked about with the sides of those that are. */
const depthOf = ({ splits }: Plan, place: number): number => (splits === 'foreseen' && place === 1 ? 1 : 31 - Math.clz32(place));

/**
 * Whether a question is the one a run of this plan comes to in this round: what bins are made of, each once; then, in a forest, the next level of all trees together. Without it the rounds a plan allows would all be the
 * coordinator's, to ask about whatever tree it likes.
 *
 * @throws DomainError `training-round-malformed`
 */
export const requireTurn = (plan: Plan, round: number, question: Question): void => {
  const { type } = question;
  const wanted = askedIn(plan, round);
  if (type !== wanted) throw new DomainError('training-round-malformed', `question: got ${type} in round ${round}, want ${wanted}`, { round });
  if (type !== 'level' || plan.method !== 'forest') return;
  const { growing: { open, slots }, stand } = question;
  const depth = depthIn(plan, round);
  const other = open.findIndex((each, slot) => each === 1 && depthOf(plan, slot % slots) !== depth);
  if (other >= 0 || stand.tree !== 0 || stand.count !== plan.treeCount) throw new DomainError('training-round-malformed', `question: got other nodes than those ${depth} below the roots of all trees, want these in round ${round}`, { round });
};
