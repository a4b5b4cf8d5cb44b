/**
 * The event envelope every stream of the record shares. A record *is* its events: state is a fold of them, the audit trail is
 * the list of them, and each carries the SHA-256 of the one before it.
 */

/** Kinds of stream kept in the append-only record table. */
export const STREAM_KINDS = ['batch', 'chain-of-identity', 'material-lot', 'equipment', 'person', 'master-batch-record', 'node', 'audit-grant', 'security', 'model', 'test-data', 'model-record', 'training', 'training-data', 'training-budget', 'training-partner', 'governance-table', 'publication'] as const;
export type StreamKind = (typeof STREAM_KINDS)[number];
export type StreamId = Readonly<{ kind: StreamKind; id: string }>;

/** Who did it: from the authoriser's token, never from a body. A `system` actor is a function, with its rule or code version. */
export type Actor =
  | Readonly<{ kind: 'person'; id: string; printedName: string; roles: readonly Role[] }>
  | Readonly<{ kind: 'system'; id: string; version: string }>;

/** Groups of the node's user pool. */
export const ROLES = [
  'operator', 'process-scientist', 'quality-reviewer', 'qualified-person', 'site-engineer', 'master-data-steward', 'regulator', 'network-coordinator',
] as const;
export type Role = (typeof ROLES)[number];

/** 21 CFR 11.50(a)(3). */
export const SIGNATURE_MEANINGS = ['authorship', 'review', 'approval', 'responsibility', 'performed', 'verified'] as const;
export type SignatureMeaning = (typeof SIGNATURE_MEANINGS)[number];

/**
 * An executed electronic signature.
 *
 * `signedVersion` and `signedHash` name the exact state of the record on the signer's screen (21 CFR 11.70): the version of the
 * stream before this event, and the hash of its last event. `reauthenticatedAt` is when the person proved both identification
 * components again (11.200(a)(1)); `reauthenticationId` is the token's `jti`, usable once.
 */
export type Signature = Readonly<{
  signerId: string;
  printedName: string;
  /** RFC 3339 with offset, e.g. `2026-03-02T14:05:09.120Z`. */
  signedAt: string;
  meaning: SignatureMeaning;
  signedVersion: number;
  signedHash: string;
  reauthenticatedAt: string;
  reauthenticationId: string;
}>;

/** What a domain command decides; the store adds the chain. `type` and `data` are the event's own. */
export type Recorded<Event> = Readonly<{
  stream: StreamId;
  /** From 1, without holes. */
  version: number;
  /** Server time, RFC 3339 UTC with milliseconds. */
  recordedAt: string;
  /** Time by the device's or terminal's own clock, where it gave one. */
  deviceTime?: string;
  actor: Actor;
  event: Event;
  /** Hash of the previous event of this stream; 64 zeros before the first. */
  previousHash: string;
  /** SHA-256 (hex) of the canonical JSON (RFC 8785) of all members above. */
  hash: string;
}>;

export const GENESIS_HASH = '0'.repeat(64);
