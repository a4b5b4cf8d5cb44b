import { DomainError } from '../errors.ts';
import type { PersonalFields } from './fields.ts';

/** Shorter references occur in ordinary words. */
const MINIMUM_LENGTH = 4;

const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

/**
 * A reason is kept for as long as the record; a name or number in it could never be erased.
 *
 * @param known values on record or about to be
 * @throws DomainError `personal-data-in-text`; the message does not repeat what was found
 */
export const requireNoPersonalData = (text: string, known: readonly PersonalFields[]): void => {
  const words = known.flatMap(({ patientReference, treatingPhysician }) => [patientReference, treatingPhysician]).filter((word) => word !== undefined && word.length >= MINIMUM_LENGTH);
  if (words.some((word) => word !== undefined && folded(text).includes(folded(word)))) {
    throw new DomainError('personal-data-in-text', 'the reason holds the patient\'s reference or the physician\'s name, which could never be erased from the record; say it without');
  }
};
