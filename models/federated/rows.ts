import { DomainError } from '../../shared/errors.ts';

/** A cohort at one site: one column a feature, float32, NaN where missing. Never leaves the site. */
export type Rows = Readonly<{
  /** Names a row wherever it lives. A hospital tells these names, so nothing is drawn by them. */
  keys: readonly string[];
  /**
   * What every draw of a row hangs on, one a row, in the order of `keys`. At a hospital a secret that never leaves it; where rows have no other than their names, these again. Undefined for rows of which nothing may be drawn: those
   * of drift, and those a hospital kept before it had such keys.
   */
  drawKeys: readonly string[] | undefined;
  /** Names of the columns. */
  features: readonly string[];
  columns: readonly Float32Array[];
  /** 0 or 1. */
  labels: Uint8Array;
}>;

const malformed = (field: string, message: string): DomainError => new DomainError('training-data-malformed', `${field}: ${message}`, { field });

/**
 * What draws of rows hang on. There is no falling back to names: who knows a forest's sums and the names would know which rows are in a node how often.
 *
 * @throws DomainError `training-data-malformed` for rows of which nothing may be drawn
 */
export const drawKeysOf = ({ drawKeys }: Pick<Rows, 'drawKeys'>): readonly string[] => {
  if (drawKeys === undefined) throw malformed('drawKeys', 'got none, want one of each row: of rows kept without, nothing may be drawn');
  return drawKeys;
};

/**
 * Check a cohort before anything is computed from it.
 *
 * @param features of the plan
 * @throws DomainError `training-schema-mismatch` for other features than the plan's, `training-data-malformed` for columns of other number or length, infinities, labels other than 0 and 1, a key given twice, draw keys of other number or given twice
 */
export const requireRows = ({ keys, drawKeys = keys, columns, labels, features: own }: Rows, features: readonly string[]): void => {
  const differing = features.findIndex((name, i) => name !== own[i]);
  if (differing >= 0 || own.length !== features.length) {
    const at = differing >= 0 ? differing : features.length;
    throw new DomainError('training-schema-mismatch', `feature ${at + 1}: got ${own[at] ?? 'none'}, want ${features[at] ?? 'none'}`, { got: own[at] ?? '', want: features[at] ?? '' });
  }
  if (columns.length !== features.length) throw malformed('columns', `got ${columns.length}, want ${features.length}`);
  if (labels.length !== keys.length) throw malformed('labels', `got ${labels.length}, want ${keys.length}`);
  if (new Set(keys).size !== keys.length) throw malformed('keys', 'got the same key for two rows, want each once');
  if (drawKeys.length !== keys.length) throw malformed('drawKeys', `got ${drawKeys.length}, want ${keys.length}`);
  if (new Set(drawKeys).size !== keys.length) throw malformed('drawKeys', 'got the same key for two rows, want one of each row');
  const label = labels.find((value) => value > 1);
  if (label !== undefined) throw malformed('labels', `got ${label}, want 0 or 1`);
  columns.forEach((column, i) => {
    const name = features[i] ?? '';
    if (column.length !== keys.length) throw malformed(name, `got ${column.length} values, want ${keys.length}`);
    if (column.some((value) => value === Infinity || value === -Infinity)) throw malformed(name, 'got an infinite value, want a number within float32 or a missing value');
  });
};
