import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../shared/record/canonical-json.ts';
import type { Recorded, Signature } from '../../../shared/record/envelope.ts';
import { ENTRIES, LOG, RECORDED, SIGNERS } from './damages.ts';
import type { Event } from './events.ts';
import { checkpointOf, type Files } from './naive-log.ts';

/** An inspection pack written the plain way, to hold the verifier against. */

const sha256 = (...parts: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
export const hexOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Roots of the parts of a list, by first and last place: a path asks for the same parts again and again. */
const partsOf = new WeakMap<readonly Uint8Array[], Map<string, Buffer>>();
const splitOf = (count: number): number => {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
};
const rootOf = (entries: readonly Uint8Array[], first: number, end: number): Buffer => {
  const parts = partsOf.get(entries) ?? new Map<string, Buffer>(), name = `${first} ${end}`, split = first + splitOf(end - first);
  partsOf.set(entries, parts);
  const root = parts.get(name) ?? (end - first === 1 ? sha256(Buffer.of(0), entries[first]!) : sha256(Buffer.of(1), rootOf(entries, first, split), rootOf(entries, split, end)));
  parts.set(name, root);
  return root;
};

/** RFC 6962 section 2.1.1, word for word. */
export const naivePath = (index: number, entries: readonly Uint8Array[], first = 0, end = entries.length): readonly Buffer[] => {
  if (end - first === 1) return [];
  const split = first + splitOf(end - first);
  return index < split ? [...naivePath(index, entries, first, split), rootOf(entries, split, end)] : [...naivePath(index, entries, split, end), rootOf(entries, first, split)];
};

const batchIds = [...new Set(RECORDED.filter(({ stream }) => stream.kind === 'batch').map(({ stream }) => stream.id))];
export const [BATCH = '', OTHER_BATCH = ''] = batchIds;

export type Proof = { version: number; leafHash: string; index: number; inclusionProof: string[] };
export type Proofs = { formatVersion: number; batchId: string; treeSize: number; proofs: Proof[]; waiting: Readonly<{ version: number; leafHash: string }>[] };

export const eventsOf = (batchId: string): readonly Recorded<Event>[] => RECORDED.filter(({ stream }) => stream.kind === 'batch' && stream.id === batchId);

export const recordFile = (batchId: string, events: readonly Recorded<Event>[]): Buffer => {
  const last = events.at(-1)!;
  return Buffer.from(`{"formatVersion":1,"batchId":"${batchId}","version":${last.version},"hash":"${last.hash}","events":[\n${events.map(canonicalJson).join(',\n')}\n]}\n`);
};

export const proofsIn = (batchId: string, recorded: readonly Recorded<Event>[], entries: readonly Uint8Array[]): Proofs => ({
  formatVersion: 1, batchId, treeSize: entries.length, waiting: [],
  proofs: eventsOf(batchId).map(({ version, hash }) => {
    const index = recorded.findIndex((each) => each.hash === hash);
    return { version, leafHash: sha256(Buffer.of(0), entries[index]!).toString('hex'), index, inclusionProof: naivePath(index, entries).map((each) => each.toString('base64')) };
  }),
});
export const proofsOf = (batchId: string): Proofs => proofsIn(batchId, RECORDED, ENTRIES);

const [PROOFS_OF_BATCH, PROOFS_OF_OTHER] = [proofsOf(BATCH), proofsOf(OTHER_BATCH)];
/** A copy to change. */
export const proofs = (batchId = BATCH): Proofs => structuredClone(batchId === BATCH ? PROOFS_OF_BATCH : PROOFS_OF_OTHER);
export const proofsFile = (value: Proofs): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);

export const peopleOf = (personIds: readonly string[]): readonly Recorded<Event>[] => personIds.flatMap((id) => RECORDED.filter(({ stream }) => stream.kind === 'person' && stream.id === id));

/** A line of people.json: an event of the log with its place and its path. */
export const personLine = (event: Recorded<Event>, index: number, entries: readonly Uint8Array[]): string =>
  `{"index":${index},"inclusionProof":${JSON.stringify(naivePath(index, entries).map((each) => each.toString('base64')))},"event":${canonicalJson(event)}}`;

export const SIGNERS_OF_BATCH = [...new Set(eventsOf(BATCH).flatMap(({ event }) => (event['signature'] === undefined ? [] : [(event['signature'] as Signature).signerId])))];
export const PERSON_LINES = peopleOf(SIGNERS_OF_BATCH).map((event) => personLine(event, RECORDED.findIndex(({ hash }) => hash === event.hash), ENTRIES));
export const peopleFile = (lines: readonly string[], treeSize = ENTRIES.length): Buffer => Buffer.from(`{"formatVersion":1,"treeSize":${treeSize},"events":[\n${lines.join(',\n')}${lines.length === 0 ? '' : '\n'}]}\n`);

const CHECKPOINT = checkpointOf(ENTRIES, SIGNERS);

/** What is given instead of the right files, and the sums of what is then there. */
export const packOf = (changed: Readonly<Record<string, Buffer | undefined>> = {}): Files => {
  const files: Files = new Map([
    ['INSTRUCTIONS.txt', Buffer.from('Read me.\n')], ['batch-record.pdf', Buffer.from('%PDF-1.7\n')], ['batch-record.json', recordFile(BATCH, eventsOf(BATCH))], ['audit-trail.json', Buffer.from('{}\n')],
    ['checkpoint', CHECKPOINT], ['log-key.txt', Buffer.from(`${LOG.vkey}\n`)], ['proofs.json', proofsFile(proofs())], ['people.json', peopleFile(PERSON_LINES)], ['verify.mjs', Buffer.from('// the verifier\n')],
  ]);
  for (const [path, bytes] of Object.entries(changed)) {
    if (bytes === undefined) files.delete(path);
    else files.set(path, bytes);
  }
  if (!('SHA256SUMS' in changed)) files.set('SHA256SUMS', Buffer.from([...files].map(([path, bytes]) => `${hexOf(bytes)}  ${path}\n`).join('')));
  return files;
};

/** With its sums made anew, as anyone can: only what the log proves tells of damage. */
export const summedAnew = (files: Files): Files => {
  const others = [...files].filter(([path]) => path !== 'SHA256SUMS');
  return new Map([...others, ['SHA256SUMS', Buffer.from(others.map(([path, bytes]) => `${hexOf(bytes)}  ${path}\n`).join(''))]]);
};
