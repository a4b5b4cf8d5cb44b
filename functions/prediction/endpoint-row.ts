/** A row of CSV; an empty field is a missing value to XGBoost. */
export const csvRow = (features: readonly number[]): string => features.map((value) => (Number.isFinite(value) ? String(value) : '')).join(',');

const DECIMAL = /^\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/** @throws Error when the endpoint answered anything but one probability */
export const probabilityOf = (answer: string): number => {
  const text = answer.trim();
  const probability = DECIMAL.test(text) ? Number(text) : Number.NaN;
  if (!(probability >= 0 && probability <= 1)) throw new Error(`the endpoint answered '${text.slice(0, 100)}', want a probability`);
  return probability;
};
