import { DomainError } from '../../shared/errors.ts';
import { composeCertificate } from '../../shared/release/certificate.ts';
import type { CertificateDocument } from '../../shared/release/certificate-document.ts';
import { task } from '../_platform/batch.ts';
import { clearRelease } from '../_platform/release-work.ts';
import { batchAt, issue, type CertificatePorts } from './issue.ts';
import { followStagedResults } from './supplement.ts';

/** The workflow asks for the certificate of a release; the follower of the record, with `late`, for what is due after one. */
export type CertificateInput = Readonly<{ batchId: string; late?: true }>;

const compose = async (ports: CertificatePorts, batchId: string): Promise<CertificateDocument> => {
  const { state } = await ports.batches.load(batchId);
  if (state === undefined) throw new DomainError('batch-not-found', `no batch ${batchId}`, { batchId });
  return composeCertificate(state.disposition === undefined ? state : await batchAt(ports, batchId, state.disposition.atVersion));
};

/** Compose the certificate of a released batch as it was when that was signed, have it rendered, and issue it. */
const certify = async (ports: CertificatePorts, batchId: string) => {
  const document = await compose(ports, batchId);
  const issued = await issue(ports, batchId, document, await ports.render(document));
  await clearRelease(ports.operations, batchId);
  return issued;
};

export const createHandler = (ports: CertificatePorts) => task(async ({ batchId, late }: CertificateInput) => (late === true ? followStagedResults(ports, batchId) : certify(ports, batchId)));
