import type { Batch } from '../../shared/batch/state.ts';
import { lateResults, releaseCertificate, supplementDue } from '../../shared/release/late-results.ts';
import { composeSupplement } from '../../shared/release/supplement.ts';
import { awaitFinalCertificate, settleFinalCertificate } from '../_platform/release-work.ts';
import { batchAt, issue, type CertificatePorts } from './issue.ts';

const latestResult = (batch: Batch): string => lateResults(batch).map(({ recordedAt }) => recordedAt).toSorted().at(-1) ?? '';
const testsOf = (batch: Batch): string => [...new Set(lateResults(batch).map(({ testId }) => testId))].join(', ');

/**
 * What a batch of a staged release is due now: its late results on the Qualified Person's list, or the supplement to its certificate. May be repeated.
 *
 * @returns the supplement issued, if one is due
 */
export const followStagedResults = async (ports: CertificatePorts, batchId: string): Promise<Readonly<{ certificateId?: string }>> => {
  const { state: batch } = await ports.batches.load(batchId);
  const first = batch === undefined ? undefined : releaseCertificate(batch);
  if (batch === undefined || first === undefined) return {};
  const due = supplementDue(batch);
  if (due.type === 'signature') await awaitFinalCertificate(ports.operations, { batchId, tests: testsOf(batch), raisedAt: latestResult(batch) });
  else await settleFinalCertificate(ports.operations, batchId);
  if (due.type !== 'supplement') return {};
  const { certificateId, atVersion } = due;
  if (batch.certificates.some((each) => each.certificateId === certificateId)) return { certificateId };
  const document = composeSupplement(await batchAt(ports, batchId, atVersion), first, certificateId);
  return issue(ports, batchId, document, await ports.render(document));
};
