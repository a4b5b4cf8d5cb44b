import { createCipheriv, createHmac } from 'node:crypto';
import type { Rows } from './rows.ts';

/**
 * What hides a row in a sum over all rows: each number a row adds is moved by a draw, uniform as far to either side as from the middle of what it can be to an end, or so many times as far as its part is `widened`. Nobody outside a row's hospital can tell
 * the draws, as with the rows of a tree; they are the same wherever the row lives, so sums are too. Of n other rows they add up to 0.29 √n times what one row can make of the number.
 */

const BYTES = 4;
const RANGE = 2 ** 32;
const NO_NONCE = Buffer.alloc(16);

/** A missing value, which has many bit patterns, as one of them. */
const MISSING = 0x7fc00000;
/** Values and label of a row as bytes. */
export const contentOf = ({ columns, labels }: Pick<Rows, 'columns' | 'labels'>, row: number): Buffer => {
  const bytes = Buffer.alloc(BYTES * columns.length + 1);
  columns.forEach((column, feature) => {
    const value = column[row] ?? Number.NaN;
    if (Number.isNaN(value)) bytes.writeUInt32LE(MISSING, BYTES * feature); else bytes.writeFloatLE(value, BYTES * feature);
  });
  bytes.writeUInt8(labels[row] ?? 0, BYTES * columns.length);
  return bytes;
};

/** One of the numbers that a row adds: from the least to the most that any row can. `widened` where draws move it so many times as far as others. */
export type Part = Readonly<{ low: number; high: number; widened?: number }>;
/** How far apart draws may move it. */
export const spanOf = ({ low, high, widened = 1 }: Part): number => (high - low) * widened;

/**
 * Draws of a row.
 *
 * @param key of the row, that nobody outside its hospital knows
 * @param context what the sum is for, of a fixed length: another question has other draws, since of the difference of two sums with the same ones nothing would be hidden
 * @param content of the row: one that was corrected since another sum has other draws, for the same reason
 * @param spans of each number that the row adds (`spanOf`)
 * @returns for each number a whole one, from −span / 2 to span / 2
 */
export const jitterOf = (key: string, context: string, content: Uint8Array, spans: readonly number[]): Float64Array => {
  const stream = createCipheriv('aes-256-ctr', createHmac('sha256', key).update(context).update(content).digest(), NO_NONCE).update(Buffer.alloc(BYTES * spans.length));
  return Float64Array.from(spans, (span, i) => {
    const most = Math.floor(span / 2);
    return Math.floor((stream.readUInt32LE(BYTES * i) / RANGE) * (2 * most + 1)) - most;
  });
};

/** Standard deviation of a sum's draws, in spans. @param rows that are in the sum */
export const jitterDeviation = (rows: number): number => Math.sqrt(rows / 12);

/** Standard deviations of draws up to which a number is taken for nothing. */
export const DOUBT = 2;

/**
 * Sum what rows make of each of their features, every number moved by the row's own draw.
 *
 * @param keys that draws hang on, one a row @param context of the draws @param width of the sums
 * @param parts numbers of one feature, from least to most
 * @param placeOf where a number stands, by feature, row and part
 * @param make writes what a row adds for a feature into `into`
 */
export const sumMoved = ({ rows, keys, context, width, parts, placeOf, make }: Readonly<{
  rows: Pick<Rows, 'columns' | 'labels'>; keys: readonly string[]; context: string; width: number; parts: readonly Part[]; placeOf: (feature: number, row: number, part: number) => number; make: (feature: number, row: number, into: Float64Array) => void;
}>): Float64Array => {
  const sums = new Float64Array(width);
  const features = rows.columns.length;
  const spans = Array.from({ length: features * parts.length }, (_, i) => spanOf(parts[i % parts.length] ?? { low: 0, high: 0 }));
  const own = new Float64Array(parts.length);
  keys.forEach((key, row) => {
    const draws = jitterOf(key, context, contentOf(rows, row), spans);
    for (let feature = 0; feature < features; feature += 1) {
      make(feature, row, own);
      for (let part = 0; part < parts.length; part += 1) {
        const at = placeOf(feature, row, part);
        sums[at] = (sums[at] ?? 0) + (own[part] ?? 0) + (draws[feature * parts.length + part] ?? 0);
      }
    }
  });
  return sums;
};

/** Largest magnitude of what a row adds, with its draw. */
export const movedBound = (parts: readonly Part[]): number => Math.max(...parts.map((part) => Math.max(Math.abs(part.low), Math.abs(part.high)) + spanOf(part) / 2));

/** Whether a sum can be one over so many rows, each with its draw. */
export const isSumOf = (sum: number, rows: number, part: Part): boolean => sum >= rows * (part.low - spanOf(part) / 2) && sum <= rows * (part.high + spanOf(part) / 2);
