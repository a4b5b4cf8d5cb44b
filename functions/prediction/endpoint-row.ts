import { probabilityFrom } from '../../models/forest/probability.ts';

/** A row of CSV; an empty field is a missing value to XGBoost. */
export const csvRow = (features: readonly number[]): string => features.map((value) => (Number.isFinite(value) ? String(value) : '')).join(',');

const DECIMAL = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/**
 * @returns 0 to 1, also where rounding brought a sum just past either
 * @throws Error when the endpoint answered anything but one number
 * @throws DomainError `model-malformed` when the number is no probability
 */
export const probabilityOf = (answer: string): number => {
  const text = answer.trim();
  if (!DECIMAL.test(text)) throw new Error(`the endpoint answered '${text.slice(0, 100)}', want a probability`);
  return probabilityFrom(Number(text));
};
