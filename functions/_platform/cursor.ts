import * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';

const Key = z.record(z.string(), z.string());

/** Opaque to the caller; a cursor of another list is refused by the partition it names. */
export const encodeCursor = (key: Readonly<Record<string, string>> | undefined): string | undefined =>
  key === undefined ? undefined : Buffer.from(JSON.stringify(key)).toString('base64url');

/** @throws DomainError `cursor-malformed` */
export const decodeCursor = (cursor: string | undefined, pk: string): Record<string, string> | undefined => {
  if (cursor === undefined) return undefined;
  try {
    const key = Key.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (key['pk'] === pk) return key;
  } catch (cause) {
    throw new DomainError('cursor-malformed', 'cursor is not one this list gave; start again without it', {}, { cause });
  }
  throw new DomainError('cursor-malformed', 'cursor belongs to another list; start again without it');
};
