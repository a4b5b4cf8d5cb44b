import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { DomainError } from '../../shared/errors.ts';
import { ROLES, type Actor, type Role } from '../../shared/record/envelope.ts';
import type { Caller } from './ports.ts';

const isRole = (text: string): text is Role => (ROLES as readonly string[]).includes(text);

/** The authoriser writes a list claim as `[a b]`; unknown groups give no role. */
export const rolesOf = (groups: unknown): readonly Role[] => {
  const words = Array.isArray(groups) ? groups.map(String) : typeof groups === 'string' ? groups.replace(/^\[|\]$/g, '').split(/[\s,]+/) : [];
  return words.filter(isRole);
};

const textClaim = (claims: Readonly<Record<string, unknown>>, name: string): string => {
  const value = claims[name];
  if (typeof value !== 'string' || value === '') {
    throw new DomainError('role-missing', `identity token has no claim ${name}; sign in with an ID token`, { claim: name });
  }
  return value;
};

/**
 * Who is calling, from the authoriser's verified claims; never from a header or body.
 *
 * @throws DomainError `role-missing` when a claim that names the person is absent
 */
export const callerOf = (event: APIGatewayProxyEventV2WithJWTAuthorizer): Caller => {
  const { claims } = event.requestContext.authorizer.jwt;
  const authenticatedAt = Number(claims['auth_time']) * 1000;
  return {
    id: textClaim(claims, 'sub'),
    username: textClaim(claims, 'cognito:username'),
    printedName: textClaim(claims, 'name'),
    roles: rolesOf(claims['cognito:groups']),
    tokenId: textClaim(claims, 'jti'),
    signInId: typeof claims['origin_jti'] === 'string' ? claims['origin_jti'] : '',
    authenticatedAt: Number.isFinite(authenticatedAt) ? new Date(authenticatedAt).toISOString() : '',
  };
};

export const actorOf = ({ id, printedName, roles }: Caller): Actor => ({ kind: 'person', id, printedName, roles });
