import * as z from 'zod';
import { DomainError } from '../../../shared/errors.ts';
import { PersonalDataItem } from '../../../shared/personal-data/sealed.ts';

const FORMAT = 'bedside-personal-data/1';
const Header = z.strictObject({ format: z.literal(FORMAT), nodeId: z.string(), exportedAt: z.iso.datetime() });
const Trailer = z.strictObject({ items: z.int().min(0) });

/** A backup as text: a line that says what it is, a line an item, a line that says how many. */
export const backupText = (nodeId: string, exportedAt: string, items: readonly PersonalDataItem[]): string =>
  [{ format: FORMAT, nodeId, exportedAt }, ...items, { items: items.length }].map((line) => `${JSON.stringify(line)}\n`).join('');

const refused = (what: string): DomainError => new DomainError('restore-refused', `the backup of personal data ${what}. Nothing of it is written`);

/** The line is not repeated in the error: it holds personal data. */
const parsed = <Schema extends z.ZodType>(schema: Schema, line: string | undefined, number: number): z.output<Schema> => {
  try {
    return schema.parse(JSON.parse(line ?? ''));
  } catch {
    throw refused(`is damaged: line ${number} is not in its form`);
  }
};

/**
 * Items of a backup.
 *
 * @throws DomainError `restore-refused` for another node's backup, one that ends early, or one with a line not in its form
 */
export const itemsOfBackup = (text: string, nodeId: string): readonly PersonalDataItem[] => {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length < 2) throw refused('ends early');
  const header = parsed(Header, lines[0], 1);
  if (header.nodeId !== nodeId) throw refused(`is of node ${header.nodeId}, want ${nodeId}`);
  const items = lines.slice(1, -1).map((line, i) => parsed(PersonalDataItem, line, i + 2));
  const trailer = parsed(Trailer, lines.at(-1), lines.length);
  if (trailer.items !== items.length) throw refused(`has ${items.length} items, its last line says ${trailer.items}`);
  return items;
};
