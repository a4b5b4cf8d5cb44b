import { DomainError } from '../errors.ts';
import type { Recorded, Signature } from '../record/envelope.ts';
import { requireMeaning } from '../record/signature.ts';

export type MaterialLotEvent =
  | Readonly<{ type: 'material-lot-received'; lotId: string; materialId: string; supplier: string; quantity: number; unit: string; expiresAt: string; chainOfIdentityId?: string; /** Batch of this hospital that made it, e.g. a vector. */ sourceBatchId?: string }>
  | Readonly<{ type: 'material-lot-released'; reason: string; signature: Signature }>
  | Readonly<{ type: 'material-lot-rejected'; reason: string; signature: Signature }>;

/** A lot is in quarantine until quality decides. `chainOfIdentityId` only for material from one patient's cells. */
export type MaterialLot = Readonly<{
  lotId: string; materialId: string; unit: string; quantity: number; expiresAt: string; status: 'quarantine' | 'released' | 'rejected'; chainOfIdentityId?: string;
}>;

export const evolveMaterialLot = (lot: MaterialLot | undefined, { event, stream }: Recorded<MaterialLotEvent>): MaterialLot => {
  if (event.type === 'material-lot-received') {
    const { lotId, materialId, unit, quantity, expiresAt, chainOfIdentityId } = event;
    return { lotId, materialId, unit, quantity, expiresAt, status: 'quarantine', ...(chainOfIdentityId === undefined ? {} : { chainOfIdentityId }) };
  }
  if (lot === undefined) throw new DomainError('record-corrupt', `material lot ${stream.id} does not begin with its receipt`, { id: stream.id });
  return { ...lot, status: event.type === 'material-lot-released' ? 'released' : 'rejected' };
};

/** @throws DomainError `register-entry-exists`, `material-expired` */
export const receiveMaterialLot = (existing: MaterialLot | undefined, input: Omit<Extract<MaterialLotEvent, { type: 'material-lot-received' }>, 'type'>, nowEpochMs: number): readonly MaterialLotEvent[] => {
  if (existing !== undefined) throw new DomainError('register-entry-exists', `material lot ${input.lotId} is registered already`, { lotId: input.lotId });
  if (Date.parse(input.expiresAt) <= nowEpochMs) throw new DomainError('material-expired', `lot ${input.lotId} expired at ${input.expiresAt}`, { lotId: input.lotId });
  return [{ type: 'material-lot-received', ...input }];
};

/** Quality's decision on a lot in quarantine; a released lot may still be rejected. @throws DomainError `material-not-found`, `material-quarantined`, `signature-meaning-wrong` */
export const decideMaterialLot = (lot: MaterialLot | undefined, lotId: string, decision: Readonly<{ status: 'released' | 'rejected'; reason: string; signature: Signature }>): readonly MaterialLotEvent[] => {
  if (lot === undefined) throw new DomainError('material-not-found', `no material lot ${lotId}`, { lotId });
  if (lot.status === 'rejected' || lot.status === decision.status) throw new DomainError('material-quarantined', `lot ${lotId} is ${lot.status} already`, { lotId });
  requireMeaning(decision.signature, 'approval');
  return [{ type: `material-lot-${decision.status}`, reason: decision.reason, signature: decision.signature }];
};
