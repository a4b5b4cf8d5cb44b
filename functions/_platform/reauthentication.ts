import { createRemoteJWKSet, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { DomainError } from '../../shared/errors.ts';

/**
 * What a fresh sign-in proved: who, when, and the sign-in's id, which is spent with the signature. It is the id of the sign-in (`origin_jti`) and not of the token: a token refreshed
 * from the same sign-in has another `jti`, and would sign again without the password.
 */
export type Reauthentication = Readonly<{ personId: string; printedName: string; authenticatedAtEpochMs: number; tokenId: string }>;
export type ReauthenticationVerifier = (token: string) => Promise<Reauthentication>;

const claimsOf = (payload: JWTPayload): Reauthentication => {
  const { sub, origin_jti: signInId, name, auth_time: authenticatedAt, token_use: use } = payload;
  if (typeof sub !== 'string' || typeof signInId !== 'string' || typeof name !== 'string' || typeof authenticatedAt !== 'number' || use !== 'id') {
    throw new DomainError('reauthentication-failed', 'got a token without sub, origin_jti, name and auth_time, want an ID token');
  }
  return { personId: sub, printedName: name, authenticatedAtEpochMs: authenticatedAt * 1000, tokenId: signInId };
};

/**
 * Verify the token of a fresh sign-in: both identification components were given again, to the user pool itself, so that no
 * password ever passes through this interface.
 *
 * @throws DomainError `reauthentication-failed` when the token is not one of this pool and client, or has expired
 * @see 21 CFR 11.200(a)(1)
 */
export const createReauthenticationVerifier = (issuer: string, audience: string, keys?: JWTVerifyGetKey): ReauthenticationVerifier => {
  const keySet = keys ?? createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keySet, { issuer, audience, algorithms: ['RS256'] });
      return claimsOf(payload);
    } catch (cause) {
      if (cause instanceof DomainError) throw cause;
      throw new DomainError('reauthentication-failed', 'the re-authentication token is not valid for this user pool; sign in again and send the new ID token', {}, { cause });
    }
  };
};
