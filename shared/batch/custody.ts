import type { Batch, CustodyTransfer } from './state.ts';

/** Offered, and neither taken over nor withdrawn. */
export const isOpenTransfer = ({ acceptedAt, withdrawnAt }: CustodyTransfer): boolean => acceptedAt === undefined && withdrawnAt === undefined;

export const openTransfers = ({ custody }: Batch): readonly CustodyTransfer[] => Object.values(custody).filter(isOpenTransfer);
