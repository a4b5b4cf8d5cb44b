import { createHash, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../record/canonical-json.ts';
import type { PersonalField, PersonalValue } from './fields.ts';

export const SALT_BYTES = 32;
const DOMAIN = 'bedside.network/personal-data/v1';
const SEPARATOR = Uint8Array.of(0);

const requireSalt = (salt: Uint8Array): void => {
  if (salt.length !== SALT_BYTES) throw new RangeError(`got a salt of ${salt.length} bytes, want ${SALT_BYTES}`);
};

/**
 * The commitment to one personal field: SHA-256 over exactly these bytes, in this order:
 *
 *   1. the 32 bytes of the domain, ASCII `bedside.network/personal-data/v1`
 *   2. one byte 00
 *   3. the name of the field, ASCII, one of PERSONAL_FIELDS
 *   4. one byte 00
 *   5. the salt, 32 bytes
 *   6. the value as canonical JSON (RFC 8785), UTF-8, to the end
 *
 * No name holds a zero byte and the salt has one length, so no two inputs give the same bytes. The salt hides the value: there are some 120 years of birth and two to the
 * 256 salts. Whoever has no salt can neither compute the value nor confirm a guess, whatever else is known.
 *
 * @param salt 32 bytes from a cryptographic source, never used for a second value
 * @returns 64 characters of hex
 * @throws RangeError for a salt of another length, TypeError for a value without a JSON form
 */
export const commitmentOf = (field: PersonalField, salt: Uint8Array, value: PersonalValue): string => {
  requireSalt(salt);
  return createHash('sha256').update(DOMAIN, 'ascii').update(SEPARATOR).update(field, 'ascii').update(SEPARATOR).update(salt).update(canonicalJson(value), 'utf8').digest('hex');
};

/** Whether a commitment is to this value under this salt. */
export const isCommitmentTo = (commitment: string, field: PersonalField, salt: Uint8Array, value: PersonalValue): boolean => {
  const [got, want] = [Buffer.from(commitment, 'hex'), Buffer.from(commitmentOf(field, salt, value), 'hex')];
  return got.length === want.length && timingSafeEqual(got, want);
};
