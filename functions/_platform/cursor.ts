import * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';

/** Where a page ended: the partition, and the member that orders its items. */
export type PageEnd = Readonly<{ pk: string; sk: string }>;

const End = z.strictObject({ pk: z.string().min(1), sk: z.string().min(1) });

/** Opaque to the caller; a cursor of another list is refused by the partition it names. */
export const encodeCursor = (end: PageEnd | undefined): string | undefined =>
  end === undefined ? undefined : Buffer.from(JSON.stringify({ pk: end.pk, sk: end.sk })).toString('base64url');

/** @throws DomainError `cursor-malformed` */
export const decodeCursor = (cursor: string | undefined, pk: string): PageEnd | undefined => {
  if (cursor === undefined) return undefined;
  let end: PageEnd;
  try {
    end = End.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new DomainError('cursor-malformed', 'cursor is not one this list gave; start again without it', {}, { cause });
  }
  if (end.pk !== pk) throw new DomainError('cursor-malformed', 'cursor belongs to another list; start again without it');
  return end;
};
