import { DomainError } from '../../errors.ts';
import type { Role, Signature } from '../../record/envelope.ts';
import { requireMeaning } from '../../record/signature.ts';
import { isFinallyCertified, releaseCertificate, stagedResultsPoints } from '../../release/late-results.ts';
import type { BatchEvent } from '../events.ts';
import type { Batch } from '../state.ts';
import { requirePublished } from './quality.ts';

const requireStagedRelease = ({ batchId, disposition }: Batch): void => {
  if (disposition?.disposition === 'release' && disposition.staged) return;
  throw new DomainError('batch-state-wrong', `batch ${batchId} has no staged release; only results that came after one are certified by themselves`, { batchId });
};

/**
 * Certify the results of a staged release that came after it, all of them within specification: the final certification of the batch. What was certified at release stays as it was signed.
 *
 * @param isPublished a published checkpoint covers the record as it was signed
 * @throws DomainError `batch-state-wrong`, `role-missing`, `signature-meaning-wrong`, `batch-already-dispositioned` (certified, and nothing came since), `batch-open-points`, `record-not-published`
 * @see EU GMP Part IV, 11.3 (two-step release of ATMPs); EU GMP Annex 16
 */
export const certifyStagedResults = (batch: Batch, isPublished: boolean, signature: Signature, roles: readonly Role[]): readonly BatchEvent[] => {
  requireStagedRelease(batch);
  if (!roles.includes('qualified-person')) throw new DomainError('role-missing', 'the certification of late results wants the role qualified-person', { wanted: ['qualified-person'] });
  requireMeaning(signature, 'approval');
  if (isFinallyCertified(batch)) throw new DomainError('batch-already-dispositioned', `the results of batch ${batch.batchId} that came after its release are certified already`);
  const points = stagedResultsPoints(batch).map(({ rule, subject }) => `${rule} ${subject}`);
  const first = releaseCertificate(batch);
  if (points.length > 0 || first === undefined) throw new DomainError('batch-open-points', `batch ${batch.batchId} has ${points.length} open point(s) after its staged release, want 0: ${points.join(', ')}`, { openPoints: points });
  requirePublished(batch, isPublished);
  return [{ type: 'staged-results-certified', certificateId: first.certificateId, certificateSha256: first.jsonSha256, signature }];
};
