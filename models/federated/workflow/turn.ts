import { DomainError } from '../../../shared/errors.ts';
import { requireSummed } from '../contradictions.ts';
import { leavesOf, type Growing, type Stand } from '../growing.ts';
import { askedIn, ROUNDS_BEFORE_TREES, type Plan } from '../plan.ts';
import type { Question } from '../run.ts';

const malformed = (message: string, round: number): DomainError => new DomainError('training-round-malformed', `question: ${message}`, { round });

/** How far below its root a place is asked about: that of a root is split before it is counted, so that the first thing asked of a tree is what lies on its two sides; a root that is not split is asked about with them. */
const depthOf = (place: number): number => Math.max(1, 31 - Math.clz32(place));

const requireForestTurn = ({ treeCount }: Plan, round: number, { open, slots }: Growing, { tree, count }: Stand): void => {
  const depth = round - ROUNDS_BEFORE_TREES + 1;
  if (tree !== 0 || count !== treeCount || open.some((each, slot) => each === 1 && depthOf(slot % slots) !== depth)) throw malformed(`got other nodes than those ${depth} below the roots of all trees, want these in round ${round}`, round);
};

const requireBoostingTurn = (round: number, growing: Growing, { tree, count }: Stand): void => {
  const wanted = round - ROUNDS_BEFORE_TREES;
  const leaves = new Set(tree === wanted ? leavesOf(growing, tree) : []);
  if (tree !== wanted || count !== 1 || growing.open.some((each, slot) => (each === 1) !== leaves.has(slot))) throw malformed(`got other nodes than the leaves of tree ${wanted}, want these in round ${round}`, round);
  requireSummed(growing, { tree, count });
};

/**
 * Whether a question is the one a run of this plan comes to in this round: what all rows are asked, each once; then, in a forest, the next level of all trees together, and in a boosting the leaves of the next tree. Without it the rounds a plan allows would all be the
 * coordinator's, to ask about whatever tree it likes.
 *
 * @throws DomainError `training-round-malformed`, `training-sum-impossible` for sums of boosted trees that no rows have
 */
export const requireTurn = (plan: Plan, round: number, question: Question): void => {
  const wanted = askedIn(plan, round);
  if (question.type !== wanted) throw malformed(`got ${question.type} in round ${round}, want ${wanted}`, round);
  if (question.type !== 'level') return;
  if (plan.method === 'forest') requireForestTurn(plan, round, question.growing, question.stand); else requireBoostingTurn(round, question.growing, question.stand);
};
