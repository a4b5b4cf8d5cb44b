import { DomainError } from '../../../shared/errors.ts';
import type { Plan } from '../plan.ts';
import type { Question } from '../run.ts';

type Level = Extract<Question, { type: 'level' }>;

const changed = (what: string): DomainError => new DomainError('training-question-changed', `question: got ${what} than the question before had, want what was opened since and nothing else`);

/** Whether sums at a place were opened by the answers to a question: in a forest at what was open, and at the root with its sides; in a boosting in the whole tree. */
const isOpened = ({ method }: Plan, { growing: { open, slots }, stand }: Level, slot: number): boolean => {
  if (method === 'boosting') return Math.floor(slot / slots) === stand.tree;
  return open[slot] === 1 || (slot % slots === 1 && open[slot + 1] === 1);
};

/**
 * Whether the trees of a question are those of the question before, and what was opened since: sums at the places that were asked about; in a forest splits of these. So that a coordinator can not tell other splits, thresholds or sums later than it told at first; of a boosting every
 * split is told before anything of a tree is opened, and stays.
 *
 * @throws DomainError `training-question-changed`
 */
export const requireContinued = (plan: Plan, before: Question, after: Question): void => {
  if (before.type !== 'level' || after.type !== 'level') return;
  if (JSON.stringify(before.bins) !== JSON.stringify(after.bins)) throw changed('other thresholds');
  const [was, is] = [before.growing, after.growing];
  is.feature.forEach((feature, slot) => {
    const isSame = feature === was.feature[slot] && is.splitBin[slot] === was.splitBin[slot] && is.defaultLeft[slot] === was.defaultLeft[slot];
    const maySplit = plan.method === 'forest' && was.open[slot] === 1;
    if (!isSame && !maySplit) throw changed(`another split at tree ${Math.floor(slot / is.slots)}, place ${slot % is.slots},`);
    if ((is.first[slot] !== was.first[slot] || is.second[slot] !== was.second[slot]) && !isOpened(plan, before, slot)) throw changed(`other sums at tree ${Math.floor(slot / is.slots)}, place ${slot % is.slots},`);
  });
};
