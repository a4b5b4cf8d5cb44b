import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../shared/record/canonical-json.ts';
import type { Recorded } from '../../../shared/record/envelope.ts';
import { ENTRIES, LOG, RECORDED, SIGNERS } from './damages.ts';
import type { Event } from './events.ts';
import { checkpointOf, naiveRoot, type Files } from './naive-log.ts';

/** An inspection pack written the plain way, to hold the verifier against. */

const sha256 = (...parts: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
export const hexOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** RFC 6962 section 2.1.1, word for word. */
export const naivePath = (index: number, entries: readonly Uint8Array[]): readonly Buffer[] => {
  if (entries.length === 1) return [];
  let split = 1;
  while (split * 2 < entries.length) split *= 2;
  const [left, right] = [entries.slice(0, split), entries.slice(split)];
  return index < split ? [...naivePath(index, left), naiveRoot(right)] : [...naivePath(index - split, right), naiveRoot(left)];
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

export const proofsOf = (batchId: string): Proofs => ({
  formatVersion: 1, batchId, treeSize: ENTRIES.length, waiting: [],
  proofs: eventsOf(batchId).map(({ version, hash }) => {
    const index = RECORDED.findIndex((each) => each.hash === hash);
    return { version, leafHash: sha256(Buffer.of(0), ENTRIES[index]!).toString('hex'), index, inclusionProof: naivePath(index, ENTRIES).map((each) => each.toString('base64')) };
  }),
});

const [PROOFS_OF_BATCH, PROOFS_OF_OTHER] = [proofsOf(BATCH), proofsOf(OTHER_BATCH)];
/** A copy to change. */
export const proofs = (batchId = BATCH): Proofs => structuredClone(batchId === BATCH ? PROOFS_OF_BATCH : PROOFS_OF_OTHER);
export const proofsFile = (value: Proofs): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);

const CHECKPOINT = checkpointOf(ENTRIES, SIGNERS);

/** What is given instead of the right files, and the sums of what is then there. */
export const packOf = (changed: Readonly<Record<string, Buffer | undefined>> = {}): Files => {
  const files: Files = new Map([
    ['INSTRUCTIONS.txt', Buffer.from('Read me.\n')], ['batch-record.pdf', Buffer.from('%PDF-1.7\n')], ['batch-record.json', recordFile(BATCH, eventsOf(BATCH))], ['audit-trail.json', Buffer.from('{}\n')],
    ['checkpoint', CHECKPOINT], ['log-key.txt', Buffer.from(`${LOG.vkey}\n`)], ['proofs.json', proofsFile(proofs())], ['verify.mjs', Buffer.from('// the verifier\n')],
  ]);
  for (const [path, bytes] of Object.entries(changed)) {
    if (bytes === undefined) files.delete(path);
    else files.set(path, bytes);
  }
  if (!('SHA256SUMS' in changed)) files.set('SHA256SUMS', Buffer.from([...files].map(([path, bytes]) => `${hexOf(bytes)}  ${path}\n`).join('')));
  return files;
};

/** Without its sums: only what the log proves tells of damage. */
export const withoutSums = (files: Files): Files => new Map([...files].filter(([path]) => path !== 'SHA256SUMS'));
