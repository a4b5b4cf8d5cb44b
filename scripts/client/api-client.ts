import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Login, Site } from './endpoints.ts';

export type Json = Readonly<Record<string, unknown>>;
const POST_ATTEMPTS = 4;
const POST_PAUSE_MS = 1000;
export type Answer = Readonly<{ status: number; body: Json }>;

/** A refusal of the interface, as its RFC 9457 problem said it. */
export class ProblemError extends Error {
  readonly status: number;
  readonly problem: Json;
  constructor(method: string, path: string, status: number, problem: Json) {
    super(`${method} ${path} answered ${status}: ${String(problem['type'] ?? '')} ${String(problem['detail'] ?? problem['message'] ?? '')}`);
    this.name = 'ProblemError';
    this.status = status;
    this.problem = problem;
  }
}

/** A connection that broke is made once more: every command carries its key, and is not done twice. */
const connecting = async (send: () => Promise<Response>): Promise<Response> => {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    await pause(POST_PAUSE_MS);
    return send();
  }
};

/**
 * Sign in with user name and password (Cognito `InitiateAuth`, USER_PASSWORD_AUTH).
 *
 * @returns the ID token
 * @throws ProblemError when the pool refuses
 */
export const signIn = async (site: Site, { username, password }: Pick<Login, 'username' | 'password'>): Promise<string> => {
  const url = `${new URL(site.issuerUrl).origin}/`;
  const response = await connecting(() => fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth' },
    body: JSON.stringify({ AuthFlow: 'USER_PASSWORD_AUTH', ClientId: site.userPoolClientId, AuthParameters: { USERNAME: username, PASSWORD: password } }),
  }));
  const body = (await response.json()) as Json;
  const token = (body['AuthenticationResult'] as Json | undefined)?.['IdToken'];
  if (!response.ok || typeof token !== 'string') throw new ProblemError('POST', url, response.status, body);
  return token;
};

/** The subject (`sub`) of an ID token; not verified, for the caller's own token only. */
export const subjectOf = (idToken: string): string => {
  const payload = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString('utf8')) as Json;
  return String(payload['sub']);
};

export type SignatureMeaning = 'authorship' | 'review' | 'approval' | 'responsibility' | 'performed' | 'verified';

/** One signed-in person at one site. */
export class Person {
  readonly login: Login;
  readonly id: string;
  readonly #site: Site;
  readonly #token: string;

  private constructor(site: Site, login: Login, token: string) {
    this.#site = site;
    this.login = login;
    this.#token = token;
    this.id = subjectOf(token);
  }

  static async signIn(site: Site, login: Login): Promise<Person> {
    return new Person(site, login, await signIn(site, login));
  }

  async request(method: 'GET' | 'POST', path: string, body?: Json, idempotencyKey: string = randomUUID()): Promise<Answer> {
    const response = await connecting(() => fetch(`${this.#site.apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, ...(method === 'POST' ? { 'content-type': 'application/json', 'idempotency-key': idempotencyKey } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }));
    return { status: response.status, body: (await response.json()) as Json };
  }

  async get(path: string): Promise<Json> {
    return this.#expectOk('GET', path, await this.request('GET', path));
  }

  /** A server that failed, or took too long, is asked again with the same key: what it had done already is not done twice. */
  async post(path: string, body: Json = {}, idempotencyKey: string = randomUUID()): Promise<Json> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.request('POST', path, body, idempotencyKey);
      if (answer.status < 500 || attempt === POST_ATTEMPTS) return this.#expectOk('POST', path, answer);
      await pause(POST_PAUSE_MS * attempt);
    }
  }

  /** Re-authenticate, as 21 CFR 11.200 asks, and send the signed command. `version` is the record version on the person's screen. */
  async sign(path: string, meaning: SignatureMeaning, version: number, body: Json = {}): Promise<Json> {
    const reauthenticationToken = await signIn(this.#site, this.login);
    return this.post(path, { ...body, signature: { meaning, version, reauthenticationToken } });
  }

  #expectOk(method: string, path: string, { status, body }: Answer): Json {
    if (status >= 300) throw new ProblemError(method, path, status, body);
    return body;
  }
}
