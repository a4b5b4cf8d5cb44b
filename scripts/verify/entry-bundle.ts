/** Bounds of the entries in a bundle, and what is wrong with the bundle itself. `bounds` holds start and end of each. */
export type Bundle = Readonly<{ bytes: Buffer; bounds: readonly number[]; fault?: string }>;

const LENGTH_BYTES = 2, BYTE = 256;

/**
 * Split a bundle into entries: each is a big-endian length of two bytes and so many bytes.
 *
 * @param count entries the log has in it
 * @param mayHoldMore the file may be longer, because it is a full bundle of which the checkpoint covers a part
 * @see C2SP tlog-tiles, Log entries
 */
export const splitBundle = (bytes: Buffer, count: number, mayHoldMore: boolean): Bundle => {
  const bounds: number[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at === bytes.length) return { bytes, bounds, fault: `holds ${i} entries, want ${count}` };
    const start = at + LENGTH_BYTES;
    const end = start > bytes.length ? Number.POSITIVE_INFINITY : start + (bytes[at] ?? 0) * BYTE + (bytes[at + 1] ?? 0);
    if (end > bytes.length) return { bytes, bounds, fault: `is cut off inside its entry ${i} (or the length before that entry was changed)` };
    bounds.push(start, end);
    at = end;
  }
  return at === bytes.length || mayHoldMore ? { bytes, bounds } : { bytes, bounds, fault: `holds ${bytes.length - at} bytes after its ${count} entries` };
};
