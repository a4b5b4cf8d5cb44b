import type { Batch } from '../batch/state.ts';

/** Of the certificate of a batch's release. */
export const certificateIdOf = ({ batchId }: Pick<Batch, 'batchId'>): string => `CERT-${batchId}`;
