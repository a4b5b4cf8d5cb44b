import { DomainError } from '../../../shared/errors.ts';
import type { Signature } from '../../../shared/record/envelope.ts';
import { requireSignatory, type Signatory } from '../../../shared/record/signatory.ts';
import type { Partners } from '../secure/keys.ts';

/**
 * One stream a hospital of the network, at each other hospital: whether its people hold it for one. The directory of the network is the control site's word; that a key is a real hospital's, people find out on another way.
 */
export type PartnerEvent =
  | Readonly<{ type: 'training-partner-confirmed'; siteId: string; fingerprint: string; comparedBy: string; signature: Signature }>
  | Readonly<{ type: 'training-partner-withdrawn'; siteId: string; reason: string; signature: Signature }>;
export type Partner = Readonly<{ siteId: string; fingerprint?: string; comparedBy?: string; confirmedBy?: string; confirmedAt?: string }>;

export const evolvePartner = (_: Partner | undefined, { event }: Readonly<{ event: PartnerEvent }>): Partner => {
  if (event.type === 'training-partner-withdrawn') return { siteId: event.siteId };
  const { siteId, fingerprint, comparedBy, signature } = event;
  return { siteId, fingerprint, comparedBy, confirmedBy: signature.printedName, confirmedAt: signature.signedAt };
};

const SIGNATORIES = ['quality-reviewer', 'qualified-person'] as const;

type Confirmed = Readonly<{ siteId: string; /** As it was told by people of that hospital. */ fingerprint: string; /** How, and with whom it was compared. */ comparedBy: string }>;
/** @param known fingerprint of the identity that this hospital's directory has of the site */
export type Known = Readonly<{ own: string; known: string | undefined }>;

/**
 * Confirm a hospital as a training partner, by the fingerprint of its identity. With another key it has to be confirmed anew.
 *
 * @throws DomainError `role-missing`, `signature-meaning-wrong` (wants `approval`), `training-partner-unknown`, `training-partner-key-wrong`
 */
export const confirmPartner = ({ siteId, fingerprint, comparedBy }: Confirmed, { own, known }: Known, signatory: Signatory): readonly PartnerEvent[] => {
  requireSignatory(signatory, 'approval', SIGNATORIES, 'confirm a training partner');
  if (known === undefined || siteId === own) throw new DomainError('training-partner-unknown', `siteId: got ${siteId}, want another hospital of the network's directory`, { siteId });
  if (known !== fingerprint) throw new DomainError('training-partner-key-wrong', `fingerprint of ${siteId}: got ${fingerprint}, want ${known}, which the directory of this hospital holds. One of the two is not that hospital's: do not go on before you know which`, { siteId });
  return [{ type: 'training-partner-confirmed', siteId, fingerprint, comparedBy, signature: signatory.signature }];
};

/** Take a confirmation back: no sum with it from here on. @throws DomainError `role-missing`, `signature-meaning-wrong` (wants `responsibility`), `training-partner-unknown` */
export const withdrawPartner = (held: Partner | undefined, siteId: string, reason: string, signatory: Signatory): readonly PartnerEvent[] => {
  requireSignatory(signatory, 'responsibility', SIGNATORIES, 'withdraw a training partner');
  if (held?.fingerprint === undefined) throw new DomainError('training-partner-unknown', `siteId: got ${siteId}, want a training partner that was confirmed`, { siteId });
  return [{ type: 'training-partner-withdrawn', siteId, reason, signature: signatory.signature }];
};

/** Those that are confirmed, by id. */
export const partnersOf = (held: readonly Partner[]): Partners => new Map(held.flatMap(({ siteId, fingerprint }) => (fingerprint === undefined ? [] : [[siteId, fingerprint] as const])));
