import { bdSeqOf } from './birth.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import type { Received } from './received.ts';
import { isMessageType, MESSAGE_TYPES, type MessageType } from './topic.ts';

/**
 * What remains of a message once its samples are in columns: when it was sent, its number, and whether it begins or ends a session. `seq` is undefined for NDEATH,
 * `bdSeq` for all but NBIRTH and NDEATH; a missing device is the edge node itself.
 */
export type Mark = Readonly<{ timeEpochMs: number; seq: number | undefined; type: MessageType; deviceId: string | undefined; bdSeq: number | undefined }>;

export const markOf = ({ address: { messageType, deviceId }, sentAtEpochMs, seq, metrics }: Received): Mark => ({
  timeEpochMs: sentAtEpochMs, seq, type: messageType, deviceId, bdSeq: messageType === 'NBIRTH' || messageType === 'NDEATH' ? bdSeqOf(metrics) : undefined,
});

/** Within one millisecond: an end, then beginnings, then data. */
const RANK: Readonly<Record<MessageType, number>> = { NDEATH: 0, NBIRTH: 1, DDEATH: 2, DBIRTH: 3, NDATA: 4, DDATA: 5 };

const compareTexts = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

const compareOptional = (a: number | undefined, b: number | undefined): number => (a ?? -1) - (b ?? -1);

/** A total order on marks. */
export const compareMarks = (a: Mark, b: Mark): number =>
  a.timeEpochMs - b.timeEpochMs || RANK[a.type] - RANK[b.type] || compareOptional(a.seq, b.seq) || compareTexts(a.deviceId ?? '', b.deviceId ?? '') || compareOptional(a.bdSeq, b.bdSeq);

/** Marks in their one order, each once. */
export const closeMarks = (marks: readonly Mark[]): readonly Mark[] => {
  const ordered = marks.toSorted(compareMarks);
  return ordered.filter((mark, i) => {
    const before = ordered[i - 1];
    return before === undefined || compareMarks(before, mark) !== 0;
  });
};

const optional = (value: number | undefined): number => (value === undefined ? 0 : value + 1);
const fromOptional = (value: number): number | undefined => (value === 0 ? undefined : value - 1);

/** Write marks column by column, so that what repeats lies together. */
export const encodeMarks = (marks: readonly Mark[], startEpochMs: number): Buffer => {
  const writer = new ByteWriter();
  const devices = [...new Set(marks.map(({ deviceId }) => deviceId ?? ''))].sort();
  writer.unsigned(marks.length);
  writer.unsigned(devices.length);
  for (const device of devices) writer.text(device);
  let before = startEpochMs;
  for (const { timeEpochMs } of marks) {
    writer.signed(timeEpochMs - before);
    before = timeEpochMs;
  }
  for (const { type } of marks) writer.byte(MESSAGE_TYPES.indexOf(type));
  for (const { deviceId } of marks) writer.unsigned(devices.indexOf(deviceId ?? ''));
  marks.forEach(({ seq }, i) => { writer.unsigned(seq === undefined ? 0 : 1 + ((seq - (marks[i - 1]?.seq ?? 0) + 256) % 256)); });
  for (const { bdSeq } of marks) writer.unsigned(optional(bdSeq));
  return writer.finish();
};

const typeAt = (index: number): MessageType => {
  const type = MESSAGE_TYPES[index];
  if (!isMessageType(type)) throw new RangeError('a mark of unknown type');
  return type;
};

/** @throws RangeError when the bytes are not marks */
export const decodeMarks = (bytes: Buffer, startEpochMs: number): readonly Mark[] => {
  const reader = new ByteReader(bytes);
  const count = reader.count();
  const devices = Array.from({ length: reader.count() }, () => reader.text());
  let time = startEpochMs;
  const each = <Item>(read: () => Item): Item[] => Array.from({ length: count }, read);
  const times = each(() => time += reader.signed());
  const types = each(() => typeAt(reader.byte()));
  const names = each(() => devices[reader.unsigned()]);
  let last = 0;
  const sequence = each(() => {
    const step = fromOptional(reader.unsigned());
    if (step === undefined) {
      last = 0;
      return undefined;
    }
    return last = (last + step) % 256;
  });
  return times.map((timeEpochMs, i) => ({ timeEpochMs, type: types[i] ?? 'NDATA', deviceId: names[i] === '' ? undefined : names[i], seq: sequence[i], bdSeq: fromOptional(reader.unsigned()) }));
};
