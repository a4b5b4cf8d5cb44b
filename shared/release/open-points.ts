import type { OpenPoint } from '../batch/events.ts';
import { MAXIMUM_ENTRY_BYTES } from '../audit-log/hash.ts';

/** A review is one entry of the log, and its open points one value of the release workflow: this leaves room for what stands around them. */
const MAXIMUM_LISTED_BYTES = MAXIMUM_ENTRY_BYTES - 15_535;
const MORE = 'more-open-points';

const lengthOf = (point: OpenPoint): number => new TextEncoder().encode(JSON.stringify(point)).length + 1;

/**
 * Open points as a review lists them: a gateway that lost its connection every few minutes for ten days leaves more than one entry holds. Those that do not fit are counted in a last one, so that no
 * list that was cut looks whole.
 */
export const listOpenPoints = (batchId: string, points: readonly OpenPoint[]): readonly OpenPoint[] => {
  let bytes = 0;
  const end = points.findIndex((point) => (bytes += lengthOf(point)) > MAXIMUM_LISTED_BYTES);
  if (end < 0) return points;
  return [...points.slice(0, end), { rule: MORE, subject: batchId, detail: `${points.length - end} more are open; the batch itself shows all` }];
};

/** How many points a review lists, in words. */
export const countOpenPoints = (listed: readonly OpenPoint[]): string => {
  const last = listed.at(-1);
  return last?.rule === MORE ? `${listed.length - 1} open points listed, ${last.detail}` : `${listed.length} open point(s)`;
};
