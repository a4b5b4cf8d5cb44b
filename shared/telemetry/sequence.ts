import { createHash } from 'node:crypto';

/** What sequence checking needs of a message; NDEATH has no seq. */
export type SequenceMark = Readonly<{ timestampEpochMs: number; seq: number | undefined; kind: 'birth' | 'data' | 'death' }>;

/** Telemetry of one edge node that was sent and did not arrive, or was not sent. */
export type Gap = Readonly<{ gapId: string; edgeNodeId: string; fromEpochMs: number; toEpochMs: number; lostMessages: number; cause: 'sequence' | 'offline' }>;

const SEQUENCE_MODULUS = 256;

const gapOf = (edgeNodeId: string, before: SequenceMark, after: SequenceMark, lostMessages: number, cause: Gap['cause']): Gap => {
  const what = [edgeNodeId, before.timestampEpochMs, before.seq, after.timestampEpochMs, after.seq, cause].join('|');
  return {
    gapId: `GAP-${createHash('sha256').update(what).digest('hex').slice(0, 16)}`, edgeNodeId, fromEpochMs: before.timestampEpochMs, toEpochMs: after.timestampEpochMs, lostMessages, cause,
  };
};

/** Messages of one millisecond stand in the order in which they were sent: the one that follows what came before is first. */
const sendingOrder = (marks: readonly SequenceMark[]): readonly SequenceMark[] => {
  const ordered = marks.toSorted((a, b) => a.timestampEpochMs - b.timestampEpochMs || (a.seq ?? SEQUENCE_MODULUS) - (b.seq ?? SEQUENCE_MODULUS) || (a.kind < b.kind ? -1 : 1));
  const unique = ordered.filter((mark, i) => {
    const before = ordered[i - 1];
    return before === undefined || before.timestampEpochMs !== mark.timestampEpochMs || before.seq !== mark.seq || before.kind !== mark.kind;
  });
  return unwrapTies(unique);
};

const tieAt = (marks: readonly SequenceMark[], at: number): readonly SequenceMark[] => {
  let end = at + 1;
  while (end < marks.length && marks[end]?.timestampEpochMs === marks[at]?.timestampEpochMs) end += 1;
  return marks.slice(at, end);
};

/** Within one millisecond a wrap from 255 to 0 would sort backwards: turn each tie so that it begins after its predecessor. */
const unwrapTies = (marks: readonly SequenceMark[]): readonly SequenceMark[] => {
  const result: SequenceMark[] = [];
  for (let at = 0; at < marks.length;) {
    const tie = tieAt(marks, at);
    const expected = ((result.at(-1)?.seq ?? -1) + 1) % SEQUENCE_MODULUS;
    const distance = ({ seq }: SequenceMark): number => (seq === undefined ? SEQUENCE_MODULUS : (seq - expected + SEQUENCE_MODULUS) % SEQUENCE_MODULUS);
    result.push(...(tie.some(({ kind }) => kind === 'birth') ? tie : tie.toSorted((a, b) => distance(a) - distance(b))));
    at += tie.length;
  }
  return result;
};

const gapBetween = (edgeNodeId: string, before: SequenceMark, after: SequenceMark): Gap | undefined => {
  if (before.kind === 'death') return gapOf(edgeNodeId, before, after, 0, 'offline');
  if (after.kind !== 'data' || before.seq === undefined || after.seq === undefined) return undefined;
  const lost = (after.seq - before.seq - 1 + SEQUENCE_MODULUS) % SEQUENCE_MODULUS;
  return lost === 0 ? undefined : gapOf(edgeNodeId, before, after, lost, 'sequence');
};

/**
 * Gaps of one edge node within a set of its messages, and against the last message before them. A function of the set: order and duplicates do not matter. A loss of
 * an exact multiple of 256 messages can not be seen in `seq`; it shows as a hole in the samples.
 *
 * @param before the last message known before these, if any
 * @returns gaps in time order, and the last message, to be `before` of the next set
 * @see Sparkplug 3.0, tck-id-payloads-sequence-num-incrementing
 */
export const findGaps = (edgeNodeId: string, marks: readonly SequenceMark[], before: SequenceMark | undefined): Readonly<{ gaps: readonly Gap[]; last: SequenceMark | undefined }> => {
  const ordered = sendingOrder(before === undefined ? marks : [before, ...marks.filter(({ timestampEpochMs }) => timestampEpochMs >= before.timestampEpochMs)]);
  const gaps = ordered.flatMap((mark, i) => {
    const previous = ordered[i - 1];
    return previous === undefined ? [] : gapBetween(edgeNodeId, previous, mark) ?? [];
  });
  return { gaps, last: ordered.at(-1) };
};
