import { DomainError } from '../errors.ts';
import type { Recorded, Signature } from '../record/envelope.ts';
import { requireMeaning } from '../record/signature.ts';

/**
 * A grant of the control site: one inspector may read at the hospitals it names, of the products it names, for a time; no grant lets anyone write. It stands in the record and not in a
 * token, as a scope would: a token outlives a revocation, and each hospital gives tokens of its own.
 */
export type GrantTerms = Readonly<{
  grantId: string;
  /** The inspector's login name at the hospitals; capitals do not count, as in their user pools. */
  login: string;
  nodeIds: readonly string[];
  /** Absent: all products of those hospitals. */
  productIds?: readonly string[];
  /** RFC 3339. */
  from: string;
  /** RFC 3339, exclusive. */
  until: string;
  reason: string;
}>;

export type AuditGrantEvent =
  | (GrantTerms & Readonly<{ type: 'audit-grant-issued'; signature: Signature }>)
  | Readonly<{ type: 'audit-grant-revoked'; reason: string; signature: Signature }>;

export type Revocation = Readonly<{ at: string; by: string; reason: string }>;
export type AuditGrant = GrantTerms & Readonly<{ grantedAt: string; grantedBy: string; revoked?: Revocation }>;

/** An inspection takes days; a grant that is forgotten ends by itself. */
export const MAXIMUM_GRANT_DAYS = 92;
const DAY_MS = 86_400_000;

/** Login names are compared as the user pools do, which take no notice of capitals. */
export const loginOf = (text: string): string => text.toLowerCase();

export const evolveAuditGrant = (grant: AuditGrant | undefined, { event, recordedAt, stream }: Recorded<AuditGrantEvent>): AuditGrant => {
  if (event.type === 'audit-grant-issued') {
    const { type: _, signature, ...terms } = event;
    return { ...terms, grantedAt: recordedAt, grantedBy: signature.printedName };
  }
  if (grant === undefined) throw new DomainError('record-corrupt', `audit grant ${stream.id} does not begin with its issue`, { id: stream.id });
  return { ...grant, revoked: { at: recordedAt, by: event.signature.printedName, reason: event.reason } };
};

const requireTime = ({ from, until }: GrantTerms, nowEpochMs: number): void => {
  const [start, end] = [Date.parse(from), Date.parse(until)];
  if (!(end > start)) throw new DomainError('request-malformed', `body.until: got ${until}, want a time after from ${from}`, { paths: ['body.until'] });
  if (end - start > MAXIMUM_GRANT_DAYS * DAY_MS) throw new DomainError('request-malformed', `body.until: got ${Math.ceil((end - start) / DAY_MS)} days after from, want at most ${MAXIMUM_GRANT_DAYS}`, { paths: ['body.until'] });
  if (end <= nowEpochMs) throw new DomainError('request-malformed', `body.until: got ${until}, want a time to come`, { paths: ['body.until'] });
};

/**
 * Give an inspector sight of hospitals and products for a time.
 *
 * @param existing the grant of this id, if there is one
 * @param knownNodeIds hospitals of the network
 * @throws DomainError `audit-grant-exists`, `node-not-found`, `request-malformed` (time), `signature-meaning-wrong` when it is not `approval`
 * @see 21 CFR 11.10(d), (g): access for authorised individuals; EU GMP Annex 11, 12.1 and 12.3 (creation, change and cancellation of access recorded)
 */
export const issueGrant = (existing: AuditGrant | undefined, terms: GrantTerms, knownNodeIds: readonly string[], nowEpochMs: number, signature: Signature): readonly AuditGrantEvent[] => {
  const { grantId } = terms;
  if (existing !== undefined) throw new DomainError('audit-grant-exists', `there is a grant ${grantId} already; want another grantId`, { grantId });
  const unknown = terms.nodeIds.find((id) => !knownNodeIds.includes(id));
  if (unknown !== undefined) throw new DomainError('node-not-found', `body.nodeIds: no hospital ${unknown} in this network`, { nodeId: unknown });
  requireTime(terms, nowEpochMs);
  requireMeaning(signature, 'approval');
  return [{ type: 'audit-grant-issued', ...terms, login: loginOf(terms.login), signature }];
};

/**
 * End a grant before its time. It is final: who is to read again gets another grant.
 *
 * @throws DomainError `audit-grant-not-found`, `audit-grant-revoked`, `signature-meaning-wrong` when it is not `approval`
 */
export const revokeGrant = (grant: AuditGrant | undefined, grantId: string, reason: string, signature: Signature): readonly AuditGrantEvent[] => {
  if (grant === undefined) throw new DomainError('audit-grant-not-found', `no grant ${grantId}`, { grantId });
  if (grant.revoked !== undefined) throw new DomainError('audit-grant-revoked', `grant ${grantId} was revoked at ${grant.revoked.at} already`, { grantId });
  requireMeaning(signature, 'approval');
  return [{ type: 'audit-grant-revoked', reason, signature }];
};
