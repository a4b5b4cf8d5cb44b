import { createRemoteJWKSet, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';

/** Claims as the HTTP API hands them to a function: every value a string, lists as `[a b]`. */
export type Claims = Readonly<Record<string, string>>;
export type Authorizer = (authorization: string | undefined) => Promise<Claims | undefined>;

const asText = (value: unknown): string => (Array.isArray(value) ? `[${value.map(String).join(' ')}]` : String(value));
const claimsOf = (payload: JWTPayload): Claims => Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, asText(value)]));

/**
 * A JWT authoriser: signature by the issuer's published keys, issuer, audience (`aud`, or `client_id` of an access token), expiry by real time.
 *
 * @returns claims, or undefined when the request may not pass
 */
export const createAuthorizer = (issuer: string, audiences: readonly string[]): Authorizer => {
  const keys: JWTVerifyGetKey = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));
  return async (authorization) => {
    const token = authorization?.replace(/^Bearer\s+/i, '');
    if (token === undefined || token === '') return undefined;
    try {
      const { payload } = await jwtVerify(token, keys, { issuer, algorithms: ['RS256'], requiredClaims: ['exp'] });
      const audience = payload.aud ?? payload['client_id'];
      return [audience].flat().some((each) => audiences.includes(String(each))) ? claimsOf(payload) : undefined;
    } catch {
      return undefined;
    }
  };
};
