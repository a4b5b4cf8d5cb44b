import { keyOf } from '../../shared/storage/keys.ts';
import type { OperationsStore } from './ports.ts';

/** Who the release of a batch waits for, at one time or another. */
export const RELEASE_ROLES = ['quality-reviewer', 'qualified-person', 'site-engineer'] as const;

/** Take a batch that nothing waits for any more off the work lists, and forget the workflow's token. May be repeated. */
export const clearRelease = async (operations: Pick<OperationsStore, 'delete'>, batchId: string): Promise<void> => {
  await operations.delete(keyOf.releaseWait(batchId));
  for (const role of RELEASE_ROLES) await operations.delete(keyOf.work(role, `release/${batchId}`));
};

/** Who must hear at once that a batch they let go is not what it was taken for. */
const RECALL_ROLES = ['qualified-person', 'quality-reviewer', 'process-scientist'] as const;
const recallSubject = (batchId: string, deviationId: string): string => `released/${batchId}/${deviationId}`;

/** What was found of a batch after its release, on the lists of those who must tell the treating physician and stop its use. @see EU GMP Part IV, 14 (quality defects and recalls) */
export const raiseRecall = async (operations: Pick<OperationsStore, 'put'>, found: Readonly<{ batchId: string; deviationId: string; title: string; detail: string; raisedAt: string }>): Promise<void> => {
  const { batchId, deviationId, title, detail, raisedAt } = found;
  const subject = recallSubject(batchId, deviationId);
  for (const role of RECALL_ROLES) {
    await operations.put(keyOf.work(role, subject), { subject, kind: 'released-batch-deviation', title: `RELEASED batch ${batchId}: ${title}`, detail: `${detail}. Tell the treating physician now; stop the use of the product if it is not infused`, raisedAt });
  }
};

export const settleRecall = async (operations: Pick<OperationsStore, 'delete'>, batchId: string, deviationId: string): Promise<void> => {
  for (const role of RECALL_ROLES) await operations.delete(keyOf.work(role, recallSubject(batchId, deviationId)));
};

const finalSubject = (batchId: string): string => `staged-results/${batchId}`;

/** The last result of a staged release is in, and waits for the Qualified Person. May be repeated. */
export const awaitFinalCertificate = async (operations: Pick<OperationsStore, 'put'>, { batchId, tests, raisedAt }: Readonly<{ batchId: string; tests: string; raisedAt: string }>): Promise<void> => {
  const subject = finalSubject(batchId);
  await operations.put(keyOf.work('qualified-person', subject), {
    subject, kind: 'staged-results', title: `Results after the staged release await certification: ${batchId}`, detail: `${tests}: within specification. Close what deviations were raised since, then certify; the supplement to the certificate follows`, raisedAt,
  });
};

export const settleFinalCertificate = async (operations: Pick<OperationsStore, 'delete'>, batchId: string): Promise<void> => operations.delete(keyOf.work('qualified-person', finalSubject(batchId)));
