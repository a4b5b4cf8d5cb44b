import type { Entry } from './entry.ts';

/**
 * What binds an electronic signature to the one event it signs.
 *
 * @see 21 CFR 11.50 (name, time and meaning), 11.70 (a signature can not be taken to another record), 11.200(a)(1) (both components given again)
 */

/** How fresh the sign-in must be when it is used. */
const MAXIMUM_AGE_MS = 120_000;
/** The user pool's clock and the platform's may differ by this much; the platform itself accepts no more. */
const CLOCK_TOLERANCE_MS = 5_000;

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const TEXTS = ['signerId', 'printedName', 'signedAt', 'meaning', 'signedHash', 'reauthenticatedAt', 'reauthenticationId'] as const;

/** What a signature is bound to. */
type Bound = Pick<Entry, 'version' | 'previousHash' | 'recordedAt'>;
const NO_FAULT: readonly string[] = [];

const faultsOfPlace = ({ version, previousHash }: Bound, { signedVersion, signedHash }: Json): readonly string[] => {
  return [
    ...(signedVersion === version - 1 ? [] : [`its signature is of version ${String(signedVersion)}, want ${version - 1}`]),
    ...(signedHash === previousHash ? [] : ['its signature is of another state of the record (signedHash is not previousHash)']),
  ];
};

const faultsOfPerson = (actor: unknown, { signerId, printedName }: Json): readonly string[] => {
  if (!isObject(actor) || actor['kind'] !== 'person') return ['it is signed, and yet its actor is no person'];
  return [
    ...(actor['id'] === signerId ? [] : [`its signature is of ${String(signerId)}, its actor is ${String(actor['id'])}`]),
    ...(actor['printedName'] === printedName ? [] : ['the printed name of the signature is not the actor\'s']),
  ];
};

const faultsOfTime = ({ recordedAt }: Bound, signature: Json): readonly string[] => {
  const [signedAt, reauthenticatedAt, recorded] = [Date.parse(String(signature['signedAt'])), Date.parse(String(signature['reauthenticatedAt'])), Date.parse(recordedAt)];
  const ageMs = signedAt - reauthenticatedAt;
  return [
    ...(ageMs <= MAXIMUM_AGE_MS && ageMs >= -CLOCK_TOLERANCE_MS ? [] : [`signed ${ageMs / 1000} s after the sign-in, want at most ${MAXIMUM_AGE_MS / 1000} s and not before it`]),
    ...(signedAt - recorded <= CLOCK_TOLERANCE_MS ? [] : ['signed after it was recorded']),
  ];
};

/** Has every text a signature has. */
export const isWhole = (signature: unknown): signature is Json => isObject(signature) && TEXTS.every((name) => typeof signature[name] === 'string' && signature[name] !== '');

/** Every rule that a whole signature breaks by itself, whatever else is in the log. */
export const faultsInItself = (entry: Bound, actor: unknown, signature: Json): readonly string[] => [...faultsOfPlace(entry, signature), ...faultsOfPerson(actor, signature), ...faultsOfTime(entry, signature)];

/** Sign-ins already used, by the event that used them. */
export class Signatures {
  readonly #usedBy = new Map<string, string>();
  checked = 0;

  /** @param user the event, in words: another may not use its sign-in again @returns every rule the signature breaks, in words */
  check(user: string, entry: Bound, actor: unknown, signature: unknown): readonly string[] {
    if (isWhole(signature)) return [...faultsInItself(entry, actor, signature), ...this.use(user, String(signature['reauthenticationId']))];
    this.checked++;
    return [`its signature wants the texts ${TEXTS.join(', ')}`];
  }

  /** What is left to ask of a signature that is sound in itself: whether its sign-in was used before. */
  use(user: string, id: string): readonly string[] {
    this.checked++;
    const before = this.#usedBy.get(id);
    if (before !== undefined) return [`its sign-in was already used by ${before}`];
    this.#usedBy.set(id, user);
    return NO_FAULT;
  }
}
