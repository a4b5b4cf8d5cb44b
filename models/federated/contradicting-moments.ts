import { DomainError } from '../../shared/errors.ts';
import { CELL_PARTS } from './cells.ts';
import { LABEL_PARTS, placeOfCells, placeOfLabel } from './classes.ts';
import { isSumOf, spanOf, type Part } from './jitter.ts';
import type { Plan } from './plan.ts';
import { SCALE_PARTS, SCALE_WIDTH } from './scale.ts';

/** Sums that can not be over so many rows, whatever these are and however they were moved. */
const requireSums = (what: string, sum: ArrayLike<number>, at: number, parts: readonly Part[], rows: number): void => {
  const wrong = parts.findIndex((part, i) => !isSumOf(sum[at + i] ?? 0, rows, part));
  const part = parts[wrong];
  if (part !== undefined) throw new DomainError('training-sum-impossible', `${what}: got ${sum[at + wrong] ?? 0} for number ${wrong + 1}, want a sum over ${rows} rows of ${part.low} to ${part.high} each, moved by ${spanOf(part) / 2} at most`);
};

/** Sums of the first round of a forest with foreseen splits. @throws DomainError `training-sum-impossible` */
export const requireScale = ({ features }: Plan, sum: ArrayLike<number>, rows: number): void => {
  features.forEach((name, feature) => { requireSums(name, sum, feature * SCALE_WIDTH, SCALE_PARTS, rows); });
};

/** Sums of the second round. @param rows of each label @throws DomainError `training-sum-impossible` */
export const requireClasses = ({ features }: Plan, sum: ArrayLike<number>, rows: readonly [number, number]): void => {
  features.forEach((name, feature) => {
    rows.forEach((ofLabel, label) => { requireSums(`${name}, label ${label}`, sum, placeOfLabel(feature, label), LABEL_PARTS, ofLabel); });
    requireSums(`${name}, cells`, sum, placeOfCells(feature), CELL_PARTS, rows[0] + rows[1]);
  });
};
