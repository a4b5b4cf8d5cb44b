import { bedsideLabel } from '../../shared/identity/label.ts';

const RECEIPT = 'receive-leukapheresis';

/** The leukapheresis of the example's patient. */
export const patientLotOf = (chainOfIdentityId: string): string => `LEUKA-${chainOfIdentityId.replace('*', '-')}`;

/** What is on the bag at a hand-over: the patient's lot where it arrives, the batch once it is filled. */
export const custodyLabel = (phaseId: string, { chainOfIdentityId, batchId }: Readonly<{ chainOfIdentityId: string; batchId: string }>): string =>
  bedsideLabel.encode({ lotId: phaseId === RECEIPT ? patientLotOf(chainOfIdentityId) : batchId, chainOfIdentityId });
