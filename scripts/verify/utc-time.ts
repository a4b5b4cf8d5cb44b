/** Times as they stand in an entry: UTC with milliseconds, e.g. `2026-03-02T14:05:09.120Z`. Read byte by byte: a string and a pattern take longer, and every entry has one. */
export const TIME_CHARACTERS = 24;

const TEMPLATE = Buffer.from('0000-00-00T00:00:00.000Z');
const ZERO = 0x30, NINE = 0x39;
const MONTH = 5, DAY = 8, HOUR = 11, MINUTE = 14, SECOND = 17;

/** The number of two digits. */
const twoAt = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) - ZERO) * 10 + (bytes[at + 1] ?? 0) - ZERO;

const isBetween = (value: number, least: number, most: number): boolean => value >= least && value <= most;

/** Whether the 24 bytes from `start` are a time; a day may be the 31st of any month. */
export const isUtcTime = (bytes: Uint8Array, start: number): boolean => {
  for (let i = 0; i < TIME_CHARACTERS; i++) {
    const byte = bytes[start + i] ?? 0, wanted = TEMPLATE[i];
    if (wanted === ZERO ? byte < ZERO || byte > NINE : byte !== wanted) return false;
  }
  return isBetween(twoAt(bytes, start + MONTH), 1, 12) && isBetween(twoAt(bytes, start + DAY), 1, 31)
    && isBetween(twoAt(bytes, start + HOUR), 0, 23) && isBetween(twoAt(bytes, start + MINUTE), 0, 59) && isBetween(twoAt(bytes, start + SECOND), 0, 59);
};
