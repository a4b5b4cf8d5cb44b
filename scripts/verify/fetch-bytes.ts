import { setTimeout } from 'node:timers/promises';

/** Files of a log over HTTP. What the network or the server does is never taken for damage of the log. */

/** The source itself can not be used; the message says what to do. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
}

/** Files worth asking for ahead: at the 150 ms of a usual answer 50 a second. A hospital's interface takes 100, and its own people want some of them. */
export const AHEAD = 8;
const ATTEMPTS = 4;
/** A server that says it is asked too often is there, and has others to answer: it is given time, some minutes in all. */
const ATTEMPTS_WHEN_TOO_OFTEN = 10;
const FIRST_PAUSE_MS = 250;
/** A server that wants a longer pause is asked again by the person. */
const LONGEST_PAUSE_MS = 30_000;
const TIMEOUT_MS = 30_000;
/** A bundle of 256 of the longest entries. */
const MAXIMUM_FILE_BYTES = 256 * (65_535 + 2);
const MAXIMUM_PROBLEM_CHARACTERS = 300;
const NOT_FOUND = new Set([404, 410]);
/** Asked again, after a pause. */
const TOO_OFTEN = 429;
const PASSING = new Set([408, 425, TOO_OFTEN]);

/** A server that may answer otherwise in a moment. */
class PassingError extends SourceError {
  readonly pauseMs: number | undefined;
  readonly attempts: number;
  constructor(message: string, pauseMs?: number, attempts = ATTEMPTS) {
    super(message);
    this.pauseMs = pauseMs;
    this.attempts = attempts;
  }
}

/** Where a hospital's interface wants to know who reads; in the environment, because arguments can be seen by others of the machine. */
const TOKEN_VARIABLE = 'BEDSIDE_TOKEN';

const authorization = (): RequestInit => {
  const token = process.env[TOKEN_VARIABLE];
  return token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } };
};

const bytesOf = async (response: Response, url: URL): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body ?? []) {
    length += (piece as Uint8Array).length;
    if (length > MAXIMUM_FILE_BYTES) throw new SourceError(`${url.href}: longer than ${MAXIMUM_FILE_BYTES} bytes, which no file of a log is; check the address`);
    pieces.push(piece as Uint8Array);
  }
  return Buffer.concat(pieces);
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** What the server says of its refusal: the type and detail of a problem (RFC 9457), or nothing. */
const reasonOf = async (response: Response): Promise<string> => {
  const { type, detail } = (parsed(await response.text()) ?? {}) as Readonly<{ type?: unknown; detail?: unknown }>;
  const reason = [type, detail].filter((each) => typeof each === 'string').join(': ').slice(0, MAXIMUM_PROBLEM_CHARACTERS);
  return reason === '' ? '' : ` (${reason})`;
};

const pauseOf = (response: Response): number | undefined => {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return seconds >= 0 ? Math.min(LONGEST_PAUSE_MS, seconds * 1000) : undefined;
};

const refusalOf = async (response: Response, url: URL): Promise<SourceError> => {
  const { status } = response;
  const said = `${url.href}: got status ${status}${await reasonOf(response)}`;
  if (status === 401) return new SourceError(`${said}: wants a sign-in; put your ID token into the environment variable ${TOKEN_VARIABLE}`);
  if (status === 403) return new SourceError(`${said}: you may not read this, or not any more; nothing is said of the log. A store that answers 403 for what is not there can not be verified over HTTP: copy the log into a folder`);
  return status >= 500 || PASSING.has(status) ? new PassingError(`${said}, want 200; try again later`, pauseOf(response), status === TOO_OFTEN ? ATTEMPTS_WHEN_TOO_OFTEN : ATTEMPTS) : new SourceError(`${said}, want 200; check the address`);
};

const fetchOnce = async (url: URL): Promise<Buffer | undefined> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), ...authorization() });
  if (NOT_FOUND.has(response.status)) {
    await response.body?.cancel();
    return undefined;
  }
  if (!response.ok) throw await refusalOf(response, url);
  return bytesOf(response, url);
};

/** Not reached, or cut off on the way. */
const passing = (error: unknown, url: URL): PassingError => (error instanceof PassingError ? error
  : new PassingError(`${url.href}: can not be reached (${error instanceof Error ? error.message : String(error)}); check the address and the network`));

/** Bytes of an address, or undefined when nothing is there. Trouble that may pass is waited for, some seconds. @throws SourceError */
export const fetchBytes = async (url: URL): Promise<Buffer | undefined> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchOnce(url);
    } catch (error) {
      if (error instanceof SourceError && !(error instanceof PassingError)) throw error;
      const trouble = passing(error, url);
      if (attempt >= trouble.attempts) throw trouble;
      await setTimeout(trouble.pauseMs ?? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)));
    }
  }
};
