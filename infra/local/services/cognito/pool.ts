import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { AwsError } from '../../core/contracts.ts';
import type { JsonFile } from '../../core/state.ts';
import { hashPassword, isPassword, policyFaults, type PasswordPolicy } from './passwords.ts';

export type User = Readonly<{ username: string; sub: string; passwordHash: string | null; temporary: boolean; enabled: boolean; attributes: Readonly<Record<string, string>>; groups: readonly string[]; failures: number; lockedUntilEpochMs: number }>;
export type PoolState = Readonly<{ privateKeyPem: string; users: Readonly<Record<string, User>>; refreshTokens: Readonly<Record<string, string>> }>;
export type PoolDefinition = Readonly<{ id: string; arn: string; issuer: string; policy: PasswordPolicy }>;

const TOKEN_LIFE_SECONDS = 3600;
const FAILURES_BEFORE_LOCK = 5;
const LOCK_MS = 60_000;
const KEY_ID = 'local-1';

export const newPoolState = (): PoolState =>
  ({ privateKeyPem: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), users: {}, refreshTokens: {} });

/** One user pool: people, passwords, groups, tokens. */
export class UserPool {
  definition: PoolDefinition;
  readonly clientIds = new Set<string>();
  readonly groups = new Set<string>();
  readonly #file: JsonFile<PoolState>;
  readonly #key: KeyObject;
  readonly #now: () => number;

  constructor(definition: PoolDefinition, file: JsonFile<PoolState>, now: () => number) {
    this.definition = definition;
    this.#file = file;
    this.#now = now;
    file.set(file.value);
    this.#key = createPrivateKey(file.value.privateKeyPem);
  }

  get jwks(): Readonly<Record<string, unknown>> {
    return { keys: [{ ...createPublicKey(this.#key).export({ format: 'jwk' }), kid: KEY_ID, alg: 'RS256', use: 'sig' }] };
  }

  user(username: string): User {
    const user = this.#file.value.users[username.toLowerCase()];
    if (user === undefined) throw new AwsError('UserNotFoundException', 'User does not exist.');
    return user;
  }

  users(): readonly User[] {
    return Object.values(this.#file.value.users);
  }

  #keep(user: User): void {
    this.#file.set({ ...this.#file.value, users: { ...this.#file.value.users, [user.username]: user } });
  }

  create(username: string, attributes: Readonly<Record<string, string>>): User {
    const name = username.toLowerCase();
    if (this.#file.value.users[name] !== undefined) throw new AwsError('UsernameExistsException', 'User account already exists');
    const user: User = { username: name, sub: randomUUID(), passwordHash: null, temporary: true, enabled: true, attributes, groups: [], failures: 0, lockedUntilEpochMs: 0 };
    this.#keep(user);
    return user;
  }

  setPassword(username: string, password: string, isPermanent: boolean): void {
    const faults = policyFaults(password, this.definition.policy);
    if (faults.length > 0) throw new AwsError('InvalidPasswordException', `Password did not conform with policy: want ${faults.join(', ')}`);
    this.#keep({ ...this.user(username), passwordHash: hashPassword(password), temporary: !isPermanent });
  }

  addToGroup(username: string, group: string): void {
    if (!this.groups.has(group)) throw new AwsError('ResourceNotFoundException', 'Group not found.');
    const user = this.user(username);
    this.#keep({ ...user, groups: [...new Set([...user.groups, group])].toSorted() });
  }

  setEnabled(username: string, enabled: boolean): void {
    this.#keep({ ...this.user(username), enabled });
  }

  /** @throws AwsError `NotAuthorizedException`, the same for a wrong name and a wrong password */
  authenticate(username: string, password: string): User {
    const user = this.#file.value.users[username.toLowerCase()];
    const wrong = new AwsError('NotAuthorizedException', 'Incorrect username or password.');
    if (user?.passwordHash == null || !user.enabled) throw wrong;
    if (user.lockedUntilEpochMs > Date.now()) throw new AwsError('NotAuthorizedException', 'Password attempts exceeded');
    if (!isPassword(password, user.passwordHash)) {
      const failures = user.failures + 1;
      this.#keep({ ...user, failures: failures % FAILURES_BEFORE_LOCK, lockedUntilEpochMs: failures >= FAILURES_BEFORE_LOCK ? Date.now() + LOCK_MS : 0 });
      throw wrong;
    }
    if (user.failures > 0) this.#keep({ ...user, failures: 0 });
    return user;
  }

  /** Claims by the cloud's clock, expiry by real time: a login outlives a time-lapse jump (ADR 0006). */
  async tokens(user: User, clientId: string, authenticatedAtSeconds = Math.floor(this.#now() / 1000)) {
    const issuedAt = Math.floor(this.#now() / 1000);
    const expiresAt = Math.floor(Date.now() / 1000) + TOKEN_LIFE_SECONDS;
    const common = { sub: user.sub, 'cognito:groups': user.groups, auth_time: authenticatedAtSeconds, origin_jti: randomUUID() };
    const sign = (claims: Readonly<Record<string, unknown>>): Promise<string> =>
      new SignJWT({ ...common, ...claims }).setProtectedHeader({ alg: 'RS256', kid: KEY_ID }).setIssuer(this.definition.issuer).setIssuedAt(issuedAt).setExpirationTime(expiresAt).setJti(randomUUID()).sign(this.#key);
    const refreshToken = randomUUID();
    return {
      IdToken: await sign({ token_use: 'id', aud: clientId, 'cognito:username': user.username, ...user.attributes }),
      AccessToken: await sign({ token_use: 'access', client_id: clientId, username: user.username, scope: 'aws.cognito.signin.user.admin' }),
      RefreshToken: refreshToken, ExpiresIn: TOKEN_LIFE_SECONDS, TokenType: 'Bearer',
    };
  }
}
