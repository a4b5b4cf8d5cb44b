import { DomainError } from '../errors.ts';

/** ISO/IEC 7064 MOD 37-2: a pure system; the check character may also be `*`. */
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*';
const MODULUS = 37;
const RADIX = 2;

/**
 * Check character of a text of digits and capital letters.
 *
 * @throws DomainError `label-malformed` for any other character
 * @see ISO/IEC 7064, MOD 37-2
 */
export const checkCharacter = (text: string): string => {
  let sum = 0;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value < 0 || value === MODULUS - 1) throw new DomainError('label-malformed', 'got a character other than 0-9 and A-Z in an identifier');
    sum = ((sum + value) * RADIX) % MODULUS;
  }
  return ALPHABET.charAt((MODULUS + 1 - sum) % MODULUS);
};

/** Whether the last character is the right check character for those before it. */
export const hasValidCheckCharacter = (text: string): boolean =>
  /^[0-9A-Z]+[0-9A-Z*]$/.test(text) && checkCharacter(text.slice(0, -1)) === text.slice(-1);
