import type { ExactTraining } from '../../../models/federated/private/exact-trainings.ts';
import { answeredTrees } from '../../../models/federated/workflow/answered-trees.ts';
import type { Participation, RunHere } from '../../../models/federated/workflow/participation.ts';
import type { OwnFiles } from './own-files.ts';

type Files = Pick<OwnFiles, 'rowsOf'>;

/** Rows of each of these runs by their names, each set read once. */
const keysOf = async (files: Files, runs: readonly RunHere[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const kept = new Map(runs.flatMap(({ runId, cohortSha256, cohortDigest }) => (cohortSha256 === undefined || cohortDigest === undefined ? [] : [[cohortDigest, { runId, cohortSha256 }] as const])));
  return new Map(await Promise.all([...kept].map(async ([digest, { runId, cohortSha256 }]): Promise<[string, ReadonlySet<string>]> => [digest, new Set((await files.rowsOf(runId, cohortSha256)).keys)])));
};

/** Names of the rows this hospital answered with in each training before, drift apart. */
export const formerKeys = async (files: Files, held: Participation | undefined): Promise<readonly ReadonlySet<string>[]> =>
  [...(await keysOf(files, Object.values(held?.runs ?? {}).filter(({ open, driftOfSha256 }) => open !== undefined && driftOfSha256 === undefined))).values()];

/**
 * Exact trainings of trees it answered over these rows: all of the label, and those of any other label in which one of the rows was. A batch that is given another label is the same batch.
 *
 * @param keys names of the rows
 */
export const treesOver = async (files: Files, held: Participation | undefined, label: string, keys: readonly string[]): Promise<readonly ExactTraining[]> => {
  const answered = answeredTrees(held);
  const others = await keysOf(files, answered.filter((run) => run.label !== label));
  const isNear = (run: RunHere): boolean => run.label === label || keys.some((key) => others.get(run.cohortDigest ?? '')?.has(key) === true);
  return answered.filter(isNear).map((run) => ({ runId: run.runId, label: run.label ?? '' }));
};
