import { DomainError } from '../errors.ts';
import { manifestHashOf, overlapOf, recordCountOf, type DataManifest } from './data-manifest.ts';
import type { Training } from './events.ts';

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** Nothing may be in two of training, calibration and test. @throws DomainError `model-data-overlap` */
export const requireDisjoint = (one: Readonly<{ name: string; manifest: DataManifest }>, other: Readonly<{ name: string; manifest: DataManifest }>): void => {
  const overlap = overlapOf(one.manifest, other.manifest);
  if (overlap.length === 0) return;
  throw new DomainError('model-data-overlap', `records in ${other.name} and ${one.name} data: ${overlap.map(({ nodeId, records }) => `${records} of ${nodeId}`).join(', ')}; want none`, { nodeIds: overlap.map(({ nodeId }) => nodeId) });
};

/**
 * Calibration says what is undecided, so it is held to what tests are: hospitals say beforehand which cases they count, by hash, and the counts are of those, none of which was trained on.
 *
 * @param training.calibration           counts of all hospitals, added up
 * @param training.calibrationManifestSha256 of `calibration`, the manifest of the cases counted
 * @throws DomainError `request-malformed` (one without the other), `model-hash-mismatch`, `model-results-inconsistent` (other cases than counted), `model-data-overlap`
 */
export const requireCalibrationData = ({ calibration: counted, calibrationManifestSha256: named }: Training, manifests: Readonly<{ training: DataManifest; calibration?: DataManifest | undefined }>): void => {
  const { calibration: manifest } = manifests;
  if (counted === undefined && named === undefined) return;
  if (counted === undefined || named === undefined || manifest === undefined) {
    const missing = counted === undefined ? 'calibration' : 'calibrationManifestSha256';
    throw new DomainError('request-malformed', `training.${missing}: got none, want counts and the manifest of the cases counted, or neither`, { paths: [`body.training.${missing}`] });
  }
  const hash = manifestHashOf(manifest);
  if (hash !== named) throw new DomainError('model-hash-mismatch', `calibrationManifestSha256: got ${named}, want ${hash} as of the manifest`);
  const cases = sumOf(counted.positives) + sumOf(counted.negatives);
  if (cases !== recordCountOf(manifest)) throw new DomainError('model-results-inconsistent', `calibration: got ${cases} cases, want the ${recordCountOf(manifest)} of its manifest`, { paths: ['body.training.calibration'] });
  requireDisjoint({ name: 'calibration', manifest }, { name: 'training', manifest: manifests.training });
};
