import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { createReauthenticationVerifier } from '../../../functions/_platform/reauthentication.ts';
import { codeOfAsync } from '../../support/error-code.ts';

const ISSUER = 'https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_north';
const CLIENT = 'client-1';
const CLAIMS = { name: 'Ada Lovelace', token_use: 'id', auth_time: 1_772_460_000 };

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;
let own: Keys;
let foreign: Keys;
let verify: ReturnType<typeof createReauthenticationVerifier>;

beforeAll(async () => {
  [own, foreign] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  verify = createReauthenticationVerifier(ISSUER, CLIENT, createLocalJWKSet({ keys: [{ ...await exportJWK(own.publicKey), kid: 'k-1', alg: 'RS256' }] }));
});

let made = 0;
type Asked = Readonly<{ claims?: object; issuer?: string; audience?: string; subject?: string; tokenId?: string; expires?: string; keys?: Keys }>;
const token = ({ claims = {}, issuer = ISSUER, audience = CLIENT, subject = 'p-1', tokenId = 'jti-1', expires = '5m', keys = own }: Asked = {}): Promise<string> => {
  const jwt = new SignJWT({ ...CLAIMS, ...(tokenId === '' ? {} : { origin_jti: tokenId }), ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'k-1' }).setIssuer(issuer).setAudience(audience).setIssuedAt().setExpirationTime(expires);
  if (subject !== '') jwt.setSubject(subject);
  jwt.setJti(`token-${made += 1}`);
  return jwt.sign(keys.privateKey);
};

describe('a re-authentication', () => {
  it('is the same for every token of one sign-in, refreshed ones too', async () => {
    expect((await verify(await token())).tokenId).toBe((await verify(await token())).tokenId);
  });
  it('proves who signed in and when, with the id of the sign-in', async () => {
    expect(await verify(await token())).toEqual({ personId: 'p-1', printedName: 'Ada Lovelace', authenticatedAtEpochMs: 1_772_460_000_000, tokenId: 'jti-1' });
  });
  it.each<readonly [string, () => Asked]>([
    ['signed by another key', () => ({ keys: foreign })], ['of another hospital\'s user pool', () => ({ issuer: ISSUER.replace('north', 'hill') })], ['of another client', () => ({ audience: 'client-2' })], ['that has expired', () => ({ expires: '-1s' })],
    ['that is no ID token', () => ({ claims: { token_use: 'access' } })], ['without a person', () => ({ subject: '' })], ['without an id to spend', () => ({ tokenId: '' })], ['without a name', () => ({ claims: { name: undefined } })],
    ['without the time of the sign-in', () => ({ claims: { auth_time: undefined } })], ['whose time is a text', () => ({ claims: { auth_time: '1772460000' } })],
  ])('is not a token %s', async (_, asked) => {
    const made = await token(asked());
    expect(await codeOfAsync(() => verify(made))).toBe('reauthentication-failed');
  });
  it('is not a token somebody changed, or nobody signed', async () => {
    const [header = '', payload = '', signature = ''] = (await token()).split('.');
    const other = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()) as object, sub: 'p-2' })).toString('base64url');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const forged of [`${header}.${other}.${signature}`, `${none}.${payload}.`, `${header}.${payload}.`, 'nonsense', '']) expect(await codeOfAsync(() => verify(forged))).toBe('reauthentication-failed');
  });
});
