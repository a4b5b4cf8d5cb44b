import { isCountedMethod, type ExactTraining } from '../private/exact-trainings.ts';
import type { Participation, RunHere } from './participation.ts';

/** Exact trainings of trees that this hospital answered, whatever became of them afterwards: by its own record, also from before they were counted. */
export const answeredTrees = (held: Participation | undefined): readonly RunHere[] =>
  Object.values(held?.runs ?? {}).filter(({ open, method }) => open !== undefined && method !== undefined && isCountedMethod(method));

/** Of those the ones over a label. */
export const answeredWith = (held: Participation | undefined, label: string): readonly ExactTraining[] => answeredTrees(held).filter((run) => run.label === label).map(({ runId }) => ({ runId, label }));
