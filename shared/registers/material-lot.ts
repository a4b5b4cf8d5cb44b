import { DomainError } from '../errors.ts';
import type { Recorded, Signature } from '../record/envelope.ts';
import { requireMeaning } from '../record/signature.ts';

/** Enough to tell what people weigh, and few enough that 0.1 mL and 0.2 mL are 0.3 mL. */
const SIGNIFICANT_DIGITS = 12;
/** In the order given. */
export const sumOf = (quantities: readonly number[]): number => Number(quantities.reduce((sum, each) => sum + each, 0).toPrecision(SIGNIFICANT_DIGITS));

export type MaterialLotEvent =
  | Readonly<{ type: 'material-lot-received'; lotId: string; materialId: string; supplier: string; quantity: number; unit: string; expiresAt: string; chainOfIdentityId?: string; /** Batch of this hospital that made it, e.g. a vector. */ sourceBatchId?: string }>
  /** What one scan took, in the unit of the lot; which batch it was for stands in the record of the batch. */
  | Readonly<{ type: 'material-lot-drawn'; quantity: number; unit: string }>
  /** What the correction of a scan gave back. */
  | Readonly<{ type: 'material-lot-returned'; quantity: number; unit: string }>
  | Readonly<{ type: 'material-lot-released'; reason: string; signature: Signature }>
  | Readonly<{ type: 'material-lot-rejected'; reason: string; signature: Signature }>;

/** A lot is in quarantine until quality decides. `drawn` is what all batches took of it, after all corrections; the patient's own material is not counted, for it is scanned where it arrives and where it is used. `chainOfIdentityId` only for material from one patient's cells. */
export type MaterialLot = Readonly<{
  lotId: string; materialId: string; unit: string; quantity: number; drawn: number; expiresAt: string; status: 'quarantine' | 'released' | 'rejected'; chainOfIdentityId?: string;
}>;

export const evolveMaterialLot = (lot: MaterialLot | undefined, { event, stream }: Recorded<MaterialLotEvent>): MaterialLot => {
  if (event.type === 'material-lot-received') {
    const { lotId, materialId, unit, quantity, expiresAt, chainOfIdentityId } = event;
    return { lotId, materialId, unit, quantity, drawn: 0, expiresAt, status: 'quarantine', ...(chainOfIdentityId === undefined ? {} : { chainOfIdentityId }) };
  }
  if (lot === undefined) throw new DomainError('record-corrupt', `material lot ${stream.id} does not begin with its receipt`, { id: stream.id });
  if (event.type === 'material-lot-drawn') return { ...lot, drawn: sumOf([lot.drawn, event.quantity]) };
  // Of very unlike quantities the last digits are lost: what was all given back leaves nothing, and not less.
  if (event.type === 'material-lot-returned') return { ...lot, drawn: Math.max(0, sumOf([lot.drawn, -event.quantity])) };
  return { ...lot, status: event.type === 'material-lot-released' ? 'released' : 'rejected' };
};

/** @throws DomainError `register-entry-exists`, `material-expired` */
export const receiveMaterialLot = (existing: MaterialLot | undefined, input: Omit<Extract<MaterialLotEvent, { type: 'material-lot-received' }>, 'type'>, nowEpochMs: number): readonly MaterialLotEvent[] => {
  if (existing !== undefined) throw new DomainError('register-entry-exists', `material lot ${input.lotId} is registered already`, { lotId: input.lotId });
  if (Date.parse(input.expiresAt) <= nowEpochMs) throw new DomainError('material-expired', `lot ${input.lotId} expired at ${input.expiresAt}`, { lotId: input.lotId });
  return [{ type: 'material-lot-received', ...input }];
};

/** What one more scan takes; nothing of the patient's own material. Whether there is so much is asked where the scan is decided. */
export const drawnFrom = ({ unit, chainOfIdentityId }: MaterialLot, quantity: number): readonly MaterialLotEvent[] => (chainOfIdentityId === undefined ? [{ type: 'material-lot-drawn', quantity, unit }] : []);

/** What the correction of a scan that the lot counts gives back to it, or takes besides. */
export const redrawnFrom = ({ unit }: MaterialLot, { before, after }: Readonly<{ before: number; after: number }>): readonly MaterialLotEvent[] => {
  const more = sumOf([after, -before]);
  if (more === 0) return [];
  return [{ type: more > 0 ? 'material-lot-drawn' : 'material-lot-returned', quantity: Math.abs(more), unit }];
};

/** Quality's decision on a lot in quarantine; a released lot may still be rejected. @throws DomainError `material-not-found`, `material-quarantined`, `signature-meaning-wrong` */
export const decideMaterialLot = (lot: MaterialLot | undefined, lotId: string, decision: Readonly<{ status: 'released' | 'rejected'; reason: string; signature: Signature }>): readonly MaterialLotEvent[] => {
  if (lot === undefined) throw new DomainError('material-not-found', `no material lot ${lotId}`, { lotId });
  if (lot.status === 'rejected' || lot.status === decision.status) throw new DomainError('material-quarantined', `lot ${lotId} is ${lot.status} already`, { lotId });
  requireMeaning(decision.signature, 'approval');
  return [{ type: `material-lot-${decision.status}`, reason: decision.reason, signature: decision.signature }];
};
