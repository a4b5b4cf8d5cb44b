import { DomainError } from '../errors.ts';
import type { Signature, SignatureMeaning } from './envelope.ts';

/** How fresh a re-authentication must be when it is used to sign. */
export const REAUTHENTICATION_MAXIMUM_AGE_MS = 120_000;
/** Clocks of the user pool and of a function may differ by this much. */
const CLOCK_TOLERANCE_MS = 5_000;

export type SigningRequest = Readonly<{
  /** Who is logged in, and by which sign-in: its id and time. */
  caller: Readonly<{ id: string; printedName: string; signInId: string; authenticatedAt: string }>;
  /** What the fresh sign-in proved; `tokenId` is its id. */
  reauthentication: Readonly<{ personId: string; authenticatedAtEpochMs: number; tokenId: string }>;
  meaning: SignatureMeaning;
  /** Record version the person had on screen. */
  signedVersion: number;
  /** Where the record stands now. */
  position: Readonly<{ version: number; hash: string }>;
  nowEpochMs: number;
}>;

/**
 * Both components were given again, for this signature: another sign-in than the one that authenticates the request, and none before it. Whoever has a session's tokens, refreshed ones among them, signs with none of them; nor
 * does the session's token sign a request that a spent re-authentication authenticates.
 */
const requireOwnSignIn = (caller: SigningRequest['caller'], { tokenId, authenticatedAtEpochMs }: SigningRequest['reauthentication']): void => {
  const isAfterLogin = authenticatedAtEpochMs >= Date.parse(caller.authenticatedAt);
  if (caller.signInId === '' || tokenId === caller.signInId || !isAfterLogin) {
    throw new DomainError('reauthentication-failed', 'got the sign-in that this request is made with, or an earlier one, as re-authentication, want a new one: sign in again with name and password and send the new ID token as reauthenticationToken');
  }
};

/**
 * Execute an electronic signature on the record as the person saw it.
 *
 * @throws DomainError `reauthentication-failed` (another person, or no sign-in of its own), `reauthentication-stale` (too old, or from the future),
 *   `version-conflict` (the record moved on; the person must look again)
 * @see 21 CFR 11.50 (name, time, meaning), 11.70 (link to the record), 11.200(a) (components)
 */
export const executeSignature = ({ caller, reauthentication, meaning, signedVersion, position, nowEpochMs }: SigningRequest): Signature => {
  if (reauthentication.personId !== caller.id) {
    throw new DomainError('reauthentication-failed', 'the re-authentication is another person\'s; the person logged in must sign');
  }
  requireOwnSignIn(caller, reauthentication);
  const ageMs = nowEpochMs - reauthentication.authenticatedAtEpochMs;
  if (ageMs > REAUTHENTICATION_MAXIMUM_AGE_MS || ageMs < -CLOCK_TOLERANCE_MS) {
    throw new DomainError('reauthentication-stale', `got a sign-in ${Math.round(ageMs / 1000)} s old, want at most ${REAUTHENTICATION_MAXIMUM_AGE_MS / 1000} s; sign in again`);
  }
  if (signedVersion !== position.version) {
    throw new DomainError('version-conflict', `signed at version ${signedVersion}, the record is at ${position.version}; read it again before signing`, { expectedVersion: position.version });
  }
  return {
    signerId: caller.id, printedName: caller.printedName, signedAt: new Date(nowEpochMs).toISOString(), meaning, signedVersion, signedHash: position.hash,
    reauthenticatedAt: new Date(reauthentication.authenticatedAtEpochMs).toISOString(), reauthenticationId: reauthentication.tokenId,
  };
};

/**
 * A signature that must carry one meaning.
 *
 * @throws DomainError `signature-meaning-wrong`
 */
export const requireMeaning = (signature: Signature, wanted: SignatureMeaning): void => {
  if (signature.meaning !== wanted) throw new DomainError('signature-meaning-wrong', `got meaning ${signature.meaning}, want ${wanted}`);
};
