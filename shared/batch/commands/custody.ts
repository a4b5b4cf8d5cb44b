import { DomainError } from '../../errors.ts';
import type { Label } from '../../identity/label.ts';
import type { Phase } from '../../master-batch-record/model.ts';
import type { Signature } from '../../record/envelope.ts';
import { requireMeaning } from '../../record/signature.ts';
import type { Person } from '../../registers/person.ts';
import { requireActive } from '../../registers/standing.ts';
import { requireState, requireTrained, requireUndecided, type WorkContext } from '../context.ts';
import { openTransfers } from '../custody.ts';
import type { BatchEvent } from '../events.ts';
import { isUsed } from '../quantities.ts';
import { findPhase } from '../recipe-lookup.ts';
import type { Batch, CustodyTransfer } from '../state.ts';
import { runningPhase } from './phase.ts';

export type Offer = Omit<Extract<BatchEvent, { type: 'custody-offered' }>, 'type' | 'signature' | 'onBehalfOf'> & Readonly<{
  /** The receiver as registered, or undefined. */
  toPerson: Person | undefined;
  /** Identifier for the deviation, should somebody offer who does not hold the material. */
  deviationId: string;
}>;

const isOfQuality = ({ person: { roles } }: WorkContext): boolean => roles.includes('quality-reviewer') || roles.includes('qualified-person');

/**
 * Only who has the material hands it over. Where that person can not, somebody of quality does, with a reason, and that is a deviation: the chain has a link nobody signed for.
 *
 * @returns the holder on whose behalf it is, and undefined where the holder offers or nobody took it over before
 */
const requireHolder = ({ custodianId }: Batch, { reason }: Offer, { signerId }: Signature, phase: Phase, context: WorkContext): string | undefined => {
  if (custodianId === undefined || custodianId === signerId) {
    requireTrained(phase, context);
    return undefined;
  }
  if (isOfQuality(context) && reason !== undefined) return custodianId;
  throw new DomainError('custody-not-held', `the patient material is with person ${custodianId}, want their offer; or one by a quality reviewer or Qualified Person with a reason, where they can not`, { custodianId });
};

const requireReceiver = ({ toPersonId, toPerson }: Offer, { signerId }: Signature): void => {
  if (toPersonId === signerId) throw new DomainError('custody-same-person', 'a hand-over is between two people; name another person as receiver');
  if (toPerson === undefined) throw new DomainError('person-not-registered', `person ${toPersonId} is not in the register of this site, and could never accept; name a registered person`, { toPersonId });
  requireActive(toPerson, { id: toPersonId });
};

/**
 * Hand the patient material over to a named other person, in any phase under way: people change shifts while the cells grow.
 *
 * @throws DomainError `batch-already-dispositioned`, `batch-state-wrong`, `phase-not-found`, `phase-state-wrong`, `custody-state-wrong` (one is open), `custody-not-held`, `custody-same-person`,
 *   `person-not-registered`, `person-not-active`, `training-lapsed`, `signature-meaning-wrong`
 * @see EU GMP Part IV 2.23, 21 CFR 1271.290 (tracking); FACT-JACIE D10 (chain of custody)
 */
export const offerCustody = (batch: Batch, offer: Offer, signature: Signature, context: WorkContext): readonly BatchEvent[] => {
  requireUndecided(batch);
  requireState(batch, 'running', 'held');
  const { phase } = runningPhase(batch, offer.phaseId);
  requireMeaning(signature, 'responsibility');
  const [open] = openTransfers(batch);
  if (open !== undefined) throw new DomainError('custody-state-wrong', `hand-over ${open.transferId} is still open: want it accepted, or withdrawn`, { transferId: open.transferId });
  requireReceiver(offer, signature);
  const onBehalfOf = requireHolder(batch, offer, signature, phase, context);
  const { toPerson: _, deviationId, ...offered } = offer;
  const event: BatchEvent = { type: 'custody-offered', ...offered, ...(onBehalfOf === undefined ? {} : { onBehalfOf }), signature };
  if (onBehalfOf === undefined) return [event];
  return [event, { type: 'deviation-raised', deviationId, severity: 'major', title: 'Hand-over without the person who held the material', detail: `Hand-over ${offer.transferId} was offered for person ${onBehalfOf}: ${offer.reason ?? ''}`, phaseId: phase.id, rule: 'custody-not-held' }];
};

/** An offer that is still to be taken over; also once the batch is complete, so that none is left for ever. */
const requireOpen = (batch: Batch, transferId: string, signature: Signature): CustodyTransfer => {
  requireState(batch, 'running', 'held', 'complete');
  requireMeaning(signature, 'responsibility');
  const transfer = openTransfers(batch).find((each) => each.transferId === transferId);
  if (transfer === undefined) throw new DomainError('custody-state-wrong', `no open hand-over ${transferId}`, { transferId });
  return transfer;
};

/** Lots of the patient's material that this batch has scanned and used. */
const patientLots = ({ phases, recipe }: Batch): readonly string[] => {
  const patients = recipe.content.materials.filter(({ kind }) => kind === 'patient').map(({ id }) => id);
  return Object.values(phases).flatMap(({ materials }) => materials.filter((each) => patients.includes(each.materialId) && isUsed(each)).map(({ lotId }) => lotId));
};

/** What is taken over is this patient's, by the label on it: the batch's own, or that of a lot of the patient. The wrong patient is never named. */
const requireOwnLabel = (batch: Batch, { chainOfIdentityId, lotId }: Label): void => {
  if (chainOfIdentityId !== batch.chainOfIdentityId) throw new DomainError('chain-of-identity-mismatch', 'the label is not of this batch\'s patient: do not take it over', { batchId: batch.batchId });
  const lots = patientLots(batch);
  if (lotId === batch.batchId || lots.length === 0 || lots.includes(lotId)) return;
  throw new DomainError('material-wrong', `the label is of lot ${lotId}, want ${[batch.batchId, ...lots].join(' or ')}`, { lotId });
};

export type Acceptance = Readonly<{ transferId: string; condition: string; /** The scanned text, and what it says. */ labelText: string; label: Label }>;

/**
 * Take the material over, its label scanned: only the person it was handed to.
 *
 * @throws DomainError `batch-state-wrong`, `custody-state-wrong`, `custody-same-person`, `training-lapsed`, `chain-of-identity-mismatch`, `material-wrong`, `signature-meaning-wrong`
 */
export const acceptCustody = (batch: Batch, { transferId, condition, labelText, label }: Acceptance, signature: Signature, context: WorkContext): readonly BatchEvent[] => {
  const transfer = requireOpen(batch, transferId, signature);
  if (transfer.toPersonId !== signature.signerId) throw new DomainError('custody-same-person', `hand-over ${transferId} was offered to another person; only that person can accept it`, { transferId });
  requireTrained(findPhase(batch, transfer.phaseId).phase, context);
  requireOwnLabel(batch, label);
  return [{ type: 'custody-accepted', transferId, condition, label: labelText, signature }];
};

/**
 * Take an offer back that was not accepted: who made it, or somebody of quality. The material stays where it was.
 *
 * @throws DomainError `batch-state-wrong`, `custody-state-wrong`, `custody-not-held`, `signature-meaning-wrong`
 */
export const withdrawCustody = (batch: Batch, transferId: string, reason: string, signature: Signature, context: WorkContext): readonly BatchEvent[] => {
  const { fromPersonId } = requireOpen(batch, transferId, signature);
  if (fromPersonId !== signature.signerId && !isOfQuality(context)) {
    throw new DomainError('custody-not-held', `hand-over ${transferId} was offered by another person; want that person, a quality reviewer or the Qualified Person to withdraw it`, { transferId });
  }
  return [{ type: 'custody-withdrawn', transferId, reason, signature }];
};
