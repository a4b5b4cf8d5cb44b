import type { Findings } from './damage.ts';

/** A file of a pack: JSON in which a first line is followed by one item a line, and a line that ends it. */
export const NEWLINE = 0x0a;
const COMMA = 0x2c;
const TAIL = ']}\n';

/** Start and end of each line between the first and the last; the comma that ends all but the last is not of the item. */
const boundsOf = (bytes: Buffer, start: number, end: number, file: string, findings: Findings): readonly (readonly [number, number])[] => {
  const bounds: (readonly [number, number])[] = [];
  for (let at = start; at < end;) {
    const found = bytes.indexOf(NEWLINE, at);
    const stop = found < 0 || found > end ? end : found;
    const hasComma = bytes[stop - 1] === COMMA, wantsComma = stop + 1 < end;
    if (hasComma !== wantsComma) findings.damage({ file, message: `line ${bounds.length + 2} ${hasComma ? 'ends with a comma and is the last' : 'ends without a comma and is not the last'}` });
    bounds.push([at, hasComma ? stop - 1 : stop]);
    at = stop + 1;
  }
  return bounds;
};

/** @param start of the second line @returns start and end of each item */
export const linesOf = (bytes: Buffer, start: number, { file, what }: Readonly<{ file: string; what: string }>, findings: Findings): readonly (readonly [number, number])[] => {
  const isEnded = bytes.toString('latin1', bytes.length - TAIL.length - 1) === `\n${TAIL}`;
  if (!isEnded) findings.damage({ file, message: `does not end as ${what} does: it was cut off, or something was added` });
  return boundsOf(bytes, start, isEnded ? bytes.length - TAIL.length : bytes.length, file, findings);
};
