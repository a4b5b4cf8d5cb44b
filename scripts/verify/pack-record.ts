import type { BatchPlace, Findings } from './damage.ts';
import { streamOf, type Entry } from './entry.ts';
import type { EventChecker } from './event-checker.ts';
import { NEWLINE, linesOf } from './pack-lines.ts';

/** The record of one batch as a pack carries it: a line of its own facts, one event a line, a line that ends it. */
export const RECORD = 'batch-record.json';
const HEAD = /^\{"formatVersion":1,"batchId":("(?:[^"\\]|\\.)+"),"version":([1-9]\d{0,14}),"hash":"([0-9a-f]{64})","events":\[$/;

export type RecordHead = Readonly<{ batchId: string; version: number; hash: string }>;
/** An event as it stands in the file; `entry` is undefined when it can not be read. `batch` names it as well as can be. */
export type PackEvent = Readonly<{ batch: BatchPlace; leafHash: Buffer; entry: Entry | undefined }>;
export type PackRecord = Readonly<{ head: RecordHead | undefined; events: readonly PackEvent[] }>;

const headOf = (text: string): RecordHead | undefined => {
  const [, batchId = '', version, hash = ''] = HEAD.exec(text) ?? [];
  if (version === undefined) return undefined;
  try {
    return { batchId: JSON.parse(batchId) as string, version: Number(version), hash };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

const batchOf = (entry: Entry | undefined, presumed: BatchPlace): BatchPlace => (entry === undefined ? presumed : { ...streamOf(entry.stream), version: entry.version });

const checkStreams = ({ head, events }: PackRecord, findings: Findings): void => {
  if (head === undefined) return;
  for (const { batch, entry } of events) {
    if (entry !== undefined && (batch.kind !== 'batch' || batch.id !== head.batchId)) findings.damage({ file: RECORD, batch, message: `is not of batch ${head.batchId}` });
  }
  const last = events.at(-1);
  if (last?.entry === undefined || (last.entry.version === head.version && last.entry.hash === head.hash)) return;
  findings.damage({
    file: RECORD, batch: { kind: 'batch', id: head.batchId, version: head.version },
    message: `the file says it ends with version ${head.version}, hash ${head.hash}; its last event is version ${last.entry.version}, hash ${last.entry.hash}: events were removed or added at the end, or one of the two was changed`,
  });
};

/** Read the record of a pack, and check each event alone and in its chain. */
export const readPackRecord = (bytes: Buffer, checker: EventChecker, findings: Findings): PackRecord => {
  const firstEnd = bytes.indexOf(NEWLINE);
  const head = headOf(bytes.toString('utf8', 0, Math.max(0, firstEnd)));
  if (head === undefined) findings.damage({ file: RECORD, message: 'its first line is not that of a batch record: formatVersion 1, batchId, version, hash, events' });
  const bounds = linesOf(bytes, firstEnd + 1, { file: RECORD, what: 'a batch record' }, findings);
  const events = bounds.map(([start, end], i) => {
    const presumed: BatchPlace = { kind: 'batch', id: head?.batchId ?? '?', version: i + 1 };
    const entry = checker.check(bytes, start, end, { file: RECORD, batch: presumed });
    return { batch: batchOf(entry, presumed), leafHash: Buffer.from(checker.leafHash(bytes, start, end), 'latin1'), entry };
  });
  if (events.length === 0) findings.damage({ file: RECORD, message: 'holds no event' });
  const record = { head, events };
  checkStreams(record, findings);
  return record;
};
