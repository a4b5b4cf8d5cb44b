import { DomainError } from '../errors.ts';
import { overlapOf, type DataManifest } from './data-manifest.ts';

/** Test data that was registered, opened or not. Hospitals had told its rows, and signed for them, before. */
export type DeclaredSet = Readonly<{ testDataId: string; registeredAt: string; manifest: DataManifest }>;

/** @param startedAtEpochMs of a training run @returns whether the set was there when the run was planned: only then were all of its rows out of question */
export const wasDeclaredBefore = ({ registeredAt }: Pick<DeclaredSet, 'registeredAt'>, startedAtEpochMs: number): boolean => Date.parse(registeredAt) <= startedAtEpochMs;

/**
 * A record that was declared as test data trains nothing from then on, whichever model it was declared for, opened or not. The hospital refuses it by what it told; this is the same rule by what the control site holds: for rows that a hospital told before it kept what it
 * told, and for an import that crossed with the telling.
 *
 * @param training manifest of the rows a version was trained on
 * @param declared sets that were registered before the run of that training began
 * @throws DomainError `model-data-overlap`, naming the sets
 */
export const requireNoTestRows = (training: DataManifest, declared: readonly DeclaredSet[]): void => {
  const shared = declared.flatMap(({ testDataId, manifest }) => {
    const overlap = overlapOf(training, manifest);
    return overlap.length === 0 ? [] : [{ testDataId, overlap }];
  });
  if (shared.length === 0) return;
  const said = shared.map(({ testDataId, overlap }) => `${overlap.map(({ nodeId, records }) => `${records} of ${nodeId}`).join(', ')} in ${testDataId}`).join('; ');
  throw new DomainError('model-data-overlap', `training records that were declared as test data before they were trained on: ${said}; want none`, { testDataIds: shared.map(({ testDataId }) => testDataId), nodeIds: [...new Set(shared.flatMap(({ overlap }) => overlap.map(({ nodeId }) => nodeId)))] });
};
