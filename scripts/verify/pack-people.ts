import { decodeBase64 } from './base64.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { BatchPlace, Findings } from './damage.ts';
import type { Entry } from './entry.ts';
import { placeOf, type EventChecker } from './event-checker.ts';
import { rootOfPath } from './inclusion.ts';
import { NEWLINE, linesOf } from './pack-lines.ts';
import { HASH_LENGTH } from './sha256.ts';

/** The own records of who signed a batch: registered, trained, suspended, revoked, let work again. One event a line, each with its place in the log and the proof of it. */
export const PEOPLE = 'people.json';
const HEAD = /^\{"formatVersion":1,"treeSize":(0|[1-9]\d{0,14}),"events":\[$/;
const LINE = /^\{(?:"index":(0|[1-9]\d{0,14}),"inclusionProof":\[((?:"[A-Za-z0-9+/]+=*"(?:,"[A-Za-z0-9+/]+=*")*)?)\],)?"event":(?=\{)/;
const CLOSE = 0x7d;

/** An event of a person's record; `proof` is missing while the event waits for a checkpoint. */
export type PersonEvent = Readonly<{ person: BatchPlace; leafHash: Buffer; entry: Entry; proof: Readonly<{ index: number; path: readonly Buffer[] }> | undefined }>;
export type PackPeople = Readonly<{ treeSize: number; events: readonly PersonEvent[] }>;

const pathOf = (list: string): readonly Buffer[] | undefined => {
  const path = list === '' ? [] : list.split(',').flatMap((text) => decodeBase64(text.slice(1, -1)) ?? []);
  return list.split(',').length === Math.max(1, path.length) && path.every(({ length }) => length === HASH_LENGTH) ? path : undefined;
};

/** Reads one line. @returns the event, or in words why it can not be read; undefined after the checker has reported it */
const readLine = (bytes: Buffer, start: number, end: number, checker: EventChecker): PersonEvent | string | undefined => {
  // Base64 of the path is ASCII: as many characters as bytes, whatever stands in the event.
  const [head, index, list = ''] = LINE.exec(bytes.toString('latin1', start, end)) ?? [];
  const path = pathOf(list);
  if (head === undefined || path === undefined || bytes[end - 1] !== CLOSE) return 'is no event with its index and inclusionProof';
  const [from, to] = [start + head.length, end - 1];
  const entry = checker.check(bytes, from, to, { file: PEOPLE });
  if (entry === undefined) return undefined;
  const person = placeOf(entry.stream, entry.version);
  if (person.kind !== 'person') return `is of ${person.kind} ${person.id}, want events of persons`;
  return { person, leafHash: Buffer.from(checker.leafHash(bytes, from, to), 'latin1'), entry, proof: index === undefined ? undefined : { index: Number(index), path } };
};

/** Read the records of people, and check each event alone and in its chain. @returns undefined after reporting that the file is not one of people */
export const readPackPeople = (bytes: Buffer, checker: EventChecker, findings: Findings): PackPeople | undefined => {
  const firstEnd = bytes.indexOf(NEWLINE);
  const [, treeSize] = HEAD.exec(bytes.toString('utf8', 0, Math.max(0, firstEnd))) ?? [];
  if (treeSize === undefined) {
    findings.damage({ file: PEOPLE, message: 'its first line is not that of records of people: formatVersion 1, treeSize, events' });
    return undefined;
  }
  const lines = linesOf(bytes, firstEnd + 1, { file: PEOPLE, what: 'a file of records of people' }, findings);
  const events = lines.flatMap(([start, end], i) => {
    const event = readLine(bytes, start, end, checker);
    if (typeof event === 'string') findings.damage({ file: PEOPLE, message: `line ${i + 2} ${event}` });
    return typeof event === 'object' ? [event] : [];
  });
  return { treeSize: Number(treeSize), events };
};

const faultOf = ({ leafHash, proof }: PersonEvent, { size, root }: Checkpoint, before: number): string | undefined => {
  if (proof === undefined) return 'has no proof yet: it was accepted too late for the checkpoint. Ask for the pack again; an event waits a minute at most';
  if (rootOfPath(leafHash, proof.index, size, proof.path)?.equals(root) !== true) return `is not proven by the log: its proof does not lead from entry ${proof.index} to the root of the checkpoint; the event or its proof was changed`;
  return proof.index <= before ? `is entry ${proof.index} of the log, and follows an event that is entry ${before}` : undefined;
};

/** @returns the events the checkpoint proves */
export const checkPeople = ({ treeSize, events }: PackPeople, checkpoint: Checkpoint, findings: Findings): readonly PersonEvent[] => {
  if (treeSize !== checkpoint.size) findings.damage({ file: PEOPLE, message: `is of a tree of ${treeSize} entries, the checkpoint covers ${checkpoint.size}` });
  const newest = new Map<string, number>();
  return events.filter((event) => {
    const { person, proof } = event;
    const fault = faultOf(event, checkpoint, newest.get(person.id) ?? -1);
    if (fault !== undefined) findings.damage({ file: PEOPLE, batch: person, message: fault });
    if (fault === undefined && proof !== undefined) newest.set(person.id, proof.index);
    return fault === undefined;
  });
};
