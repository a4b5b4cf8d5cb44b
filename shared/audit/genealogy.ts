import { DomainError } from '../errors.ts';
import type { Subject } from './subjects.ts';

/** `forward`: where it went, for a recall. `backward`: what it came from, for an investigation. */
export type Direction = 'forward' | 'backward';

/** Records one answer may hold; more than any recall of one hospital, and few enough to be one answer. */
const MAXIMUM_RECORDS = 2_000;

/** For each subject, its neighbours in one direction; in the subjects' order. */
export type Neighbours = (subjects: readonly Subject[], direction: Direction) => Promise<readonly (readonly Subject[])[]>;
/** Each link leads from what went in to what it went into, whichever way it was followed. */
export type Tree = Readonly<{ records: readonly (Subject & Readonly<{ distance: number }>)[]; links: readonly Readonly<{ from: Subject; to: Subject }>[] }>;

const nameOf = ({ kind, id }: Subject): string => `${kind}#${id}`;

/**
 * Whether a way goes on through a subject. A chain of identity is where material begins (a collection) and where it ends (an infusion); going through it would
 * make of one patient's two therapies one.
 */
const goesOn = ({ kind }: Subject): boolean => kind !== 'chain-of-identity';

/**
 * Follow a record through lots and batches, each visited once, so that a circle ends.
 *
 * @param root stands at distance 0 and is no part of the answer's records
 * @throws DomainError `request-too-large` past MAXIMUM_RECORDS, because a recall that ends early is worse than none
 * @see EU GMP Part IV, 4.9 and 12 (traceability from donor to recipient and back); 21 CFR 211.188
 */
export const trace = async (root: Subject, direction: Direction, neighbours: Neighbours): Promise<Tree> => {
  const distances = new Map<string, number>([[nameOf(root), 0]]);
  const records: (Subject & { distance: number })[] = [];
  const links: Readonly<{ from: Subject; to: Subject }>[] = [];
  let frontier: readonly Subject[] = [root];
  for (let distance = 1; frontier.length > 0; distance += 1) {
    const found = await neighbours(frontier, direction);
    const next: Subject[] = [];
    for (const [i, here] of frontier.entries()) {
      for (const there of found[i] ?? []) {
        links.push(direction === 'forward' ? { from: here, to: there } : { from: there, to: here });
        if (distances.has(nameOf(there))) continue;
        distances.set(nameOf(there), distance);
        records.push({ ...there, distance });
        if (goesOn(there)) next.push(there);
      }
    }
    if (records.length > MAXIMUM_RECORDS) throw new DomainError('request-too-large', `more than ${MAXIMUM_RECORDS} records are ${direction} of ${root.kind} ${root.id}; ask for its batches one by one`, { maximum: MAXIMUM_RECORDS });
    frontier = next;
  }
  return { records, links };
};
