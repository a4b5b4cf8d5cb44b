import { DomainError } from '../../shared/errors.ts';
import { encodeCursor, type PageEnd } from './cursor.ts';
import type { OperationsStore } from './ports.ts';

/** Items of one read. */
export const READ_AT_ONCE = 200;
/** Items one question may walk over; the batches of one hospital in twenty years. */
const MAXIMUM_WALKED = 20_000;

type Listing = Pick<OperationsStore, 'list'>;
type Order = Readonly<{ after?: PageEnd | undefined; newestFirst?: boolean }>;

/**
 * Every item of a partition in order, from after a place, read as it is wanted.
 *
 * @throws DomainError `request-too-large` past MAXIMUM_WALKED, because a list that ends early looks like its end
 */
export const walk = async function* <Item>({ list }: Listing, pk: string, { after, newestFirst = false }: Order = {}): AsyncGenerator<Item> {
  let cursor = encodeCursor(after);
  for (let walked = 0; walked < MAXIMUM_WALKED; walked += READ_AT_ONCE) {
    const page = await list<Item>(pk, { limit: READ_AT_ONCE, ...(cursor === undefined ? {} : { cursor }) }, { newestFirst });
    yield* page.items;
    cursor = page.nextCursor;
    if (cursor === undefined) return;
  }
  throw new DomainError('request-too-large', `more than ${MAXIMUM_WALKED} entries to look through; ask a narrower question`, { maximum: MAXIMUM_WALKED });
};

type Kept<Item> = Readonly<{ items: readonly Item[]; nextCursor?: string }>;

/**
 * A page of what `keep` lets through. There is a next page only when something more is let through, and the cursor names the last item given: neither tells
 * of what was left out.
 *
 * @param placeOf where an item stands, to go on after it
 */
export const keptPage = async <Item, Answer>(
  items: AsyncIterable<Item>, limit: number, keep: (item: Item) => Answer | undefined | Promise<Answer | undefined>, placeOf: (item: Item) => PageEnd,
): Promise<Kept<Answer>> => {
  const kept: Answer[] = [];
  let last: Item | undefined;
  for await (const item of items) {
    const answer = await keep(item);
    if (answer === undefined) continue;
    if (last !== undefined && kept.length === limit) return { items: kept, nextCursor: encodeCursor(placeOf(last)) ?? '' };
    kept.push(answer);
    last = item;
  }
  return { items: kept };
};
