import { levelOf } from '../../models/federated/level.ts';
import { modelFileOf } from '../../models/federated/model-text.ts';
import type { Question, Run } from '../../models/federated/run.ts';
import { readModelFile } from '../../models/forest/model-file.ts';
import type { Tree } from '../../models/forest/tree.ts';

type Played = Readonly<{ run: Run; seen: readonly Readonly<{ question: Question; sum: ArrayLike<number> }>[] }>;

/** What each round of a run opened of its trees, and what the model's file says of the same places. */
export const openedOfTrees = ({ run, seen }: Played, saidOf: (tree: Tree, place: number) => readonly number[]): readonly Readonly<{ opened: readonly number[]; said: readonly number[] }>[] => {
  const { trees } = readModelFile(modelFileOf(run));
  return seen.flatMap(({ question, sum }) => (question.type !== 'level' ? [] : [{
    opened: Array.from(sum), said: levelOf(question.growing, question.stand).nodes.flatMap(({ tree, place }) => saidOf(trees[tree]!, place)),
  }]));
};

/** Kinds of the first three questions. */
export const roundsOf = (seen: Played['seen']): readonly Question['type'][] => seen.slice(0, 3).map(({ question }) => question.type);
