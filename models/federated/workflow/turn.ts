import { DomainError } from '../../../shared/errors.ts';
import { firstQuestionOf, type Plan } from '../plan.ts';
import type { Question } from '../run.ts';

/** What a run asks before it grows trees, round after round. */
const BEFORE_TREES: readonly Question['type'][] = ['coarse', 'fine'];

const wanted = ({ method }: Plan, round: number): Question['type'] => {
  const first = firstQuestionOf(method);
  return first === 'coarse' ? BEFORE_TREES[round] ?? 'level' : first;
};

/** How far below the roots the places are that a round of a forest asks about. Where splits are foreseen, the counts of a root give those of both its sides, so that the next round asks about the sides of these. */
const depthIn = ({ splits }: Plan, round: number): number => {
  const depth = round - BEFORE_TREES.length;
  return splits === 'foreseen' && depth > 0 ? depth + 1 : depth;
};
/** How far below the root a place is: 0 there. */
const depthOf = (place: number): number => 31 - Math.clz32(place);

/**
 * Whether a question is the one a run of this plan comes to in this round: the counts that bins are made of, each once; then, in a forest, the next level of all trees together. Without it the rounds a plan allows would all be the
 * coordinator's, to ask about whatever tree it likes.
 *
 * @throws DomainError `training-round-malformed`
 */
export const requireTurn = (plan: Plan, round: number, question: Question): void => {
  const { type } = question;
  if (type !== wanted(plan, round)) throw new DomainError('training-round-malformed', `question: got ${type} in round ${round}, want ${wanted(plan, round)}`, { round });
  if (type !== 'level' || plan.method !== 'forest') return;
  const { growing: { open, slots }, stand } = question;
  const depth = depthIn(plan, round);
  const other = open.findIndex((each, slot) => each === 1 && depthOf(slot % slots) !== depth);
  if (other >= 0 || stand.tree !== 0 || stand.count !== plan.treeCount) throw new DomainError('training-round-malformed', `question: got other nodes than those ${depth} below the roots of all trees, want these in round ${round}`, { round });
};
