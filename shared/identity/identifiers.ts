import { DomainError } from '../errors.ts';
import { checkCharacter, hasValidCheckCharacter } from './check-character.ts';

/** Crockford's base 32: no I, L, O, U, so that a person reads it back right. */
const BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const RANDOM_CHARACTERS = 10;
const BATCH_SUFFIX_CHARACTERS = 6;

/**
 * Whether a text may name something of ours. State is looked up by identifier in plain objects, and every plain object has a `constructor`: an assessment of
 * the gap `constructor` found one.
 */
export const isOwnName = (text: string): boolean => !(text in Object.prototype);

const encode = (bytes: Uint8Array, count: number): string => {
  if (bytes.length < count) throw new RangeError(`got ${bytes.length} random bytes, want at least ${count}`);
  return Array.from(bytes.subarray(0, count), (byte) => BASE32.charAt(byte % BASE32.length)).join('');
};

/**
 * A chain-of-identity identifier: one patient therapy event, at or before collection. `C`, ten random characters, check character;
 * it says nothing of the patient or the hospital.
 *
 * @param randomBytes at least 10, from a cryptographic source
 */
export const chainOfIdentityIdFrom = (randomBytes: Uint8Array): string => {
  const body = `C${encode(randomBytes, RANDOM_CHARACTERS)}`;
  return `${body}${checkCharacter(body)}`;
};

/** @throws DomainError `label-malformed` when form or check character is wrong, as after a misread */
export const requireChainOfIdentityId = (text: string): string => {
  if (!/^C[0-9A-Z]{10}[0-9A-Z*]$/.test(text) || !hasValidCheckCharacter(text)) {
    throw new DomainError('label-malformed', 'the chain-of-identity identifier on the label does not read right (form or check character); scan it again');
  }
  return text;
};

/** `<node>-<yyyymmdd>-<6 characters>`: sorts by day, unique in its hospital. @param randomBytes at least 6 */
export const batchIdFrom = (nodeId: string, createdAtEpochMs: number, randomBytes: Uint8Array): string => {
  const day = new Date(createdAtEpochMs).toISOString().slice(0, 10).replaceAll('-', '');
  return `${nodeId}-${day}-${encode(randomBytes, BATCH_SUFFIX_CHARACTERS)}`;
};

/** `<prefix>-<10 characters>`, for deviations, transfers and the like. @param randomBytes at least 10 */
export const identifierFrom = (prefix: string, randomBytes: Uint8Array): string => `${prefix}-${encode(randomBytes, RANDOM_CHARACTERS)}`;
