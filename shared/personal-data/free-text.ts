import { DomainError } from '../errors.ts';
import type { PersonalField } from './fields.ts';
import type { PersonalDataItem } from './sealed.ts';

/** Shorter references occur in ordinary words. */
const MINIMUM_LENGTH = 4;
/** Fields whose values name a person. */
const NAMING: ReadonlySet<PersonalField> = new Set(['patientReference', 'treatingPhysician']);

const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

/** What names a person in an item, its corrected values among it; values are canonical JSON of texts. */
export const namingWordsIn = (item: Pick<PersonalDataItem, 'entries'> | undefined): readonly string[] =>
  (item?.entries ?? []).filter(({ field }) => NAMING.has(field)).map(({ valueJson }) => valueJson.slice(1, -1).replaceAll(/\\(["\\])/g, '$1'));

/**
 * A reason is kept for as long as the record; a name or number in it could never be erased.
 *
 * @param words that name the patient or the physician
 * @throws DomainError `personal-data-in-text`; the message does not repeat what was found
 */
export const requireNoneOf = (words: readonly string[], text: string): void => {
  if (words.some((word) => word.length >= MINIMUM_LENGTH && folded(text).includes(folded(word)))) {
    throw new DomainError('personal-data-in-text', 'the reason holds the patient\'s reference or the physician\'s name, which could never be erased from the record; say it without');
  }
};
