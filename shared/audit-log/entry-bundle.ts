import { DomainError } from '../errors.ts';
import { MAXIMUM_ENTRY_BYTES } from './hash.ts';

const LENGTH_BYTES = 2;

/** @throws DomainError `log-entry-too-large` over 65,535 bytes */
export const requireEntryLength = ({ length }: Uint8Array): void => {
  if (length > MAXIMUM_ENTRY_BYTES) throw new DomainError('log-entry-too-large', `got an entry of ${length} bytes, want at most ${MAXIMUM_ENTRY_BYTES}`, { bytes: length });
};

/**
 * Entries one after another, each behind its length in two bytes, big-endian.
 *
 * @throws DomainError `log-entry-too-large` over 65,535 bytes
 * @see C2SP tlog-tiles, "Log entries"
 */
export const encodeEntries = (entries: readonly Uint8Array[]): Uint8Array => {
  entries.forEach(requireEntryLength);
  const bytes = new Uint8Array(entries.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
  let at = 0;
  for (const entry of entries) {
    bytes[at] = entry.length >> 8;
    bytes[at + 1] = entry.length & 0xff;
    bytes.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + entry.length;
  }
  return bytes;
};

/**
 * The entries of a bundle, as views of its bytes.
 *
 * @param path where the bundle is, to name it
 * @throws DomainError `log-corrupt` unless it holds exactly `count` entries and nothing else
 */
export const decodeEntries = (bytes: Uint8Array, count: number, path: string): readonly Uint8Array[] => {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length && entries.length < count) {
    const start = at + LENGTH_BYTES;
    const end = start + (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
    if (end > bytes.length) break;
    entries.push(bytes.subarray(start, end));
    at = end;
  }
  if (entries.length !== count || at !== bytes.length) {
    throw new DomainError('log-corrupt', `${path}: got ${entries.length} entries in ${at} of ${bytes.length} bytes, want ${count} in all`, { path });
  }
  return entries;
};
