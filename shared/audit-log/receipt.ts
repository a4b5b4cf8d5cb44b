import { DomainError } from '../errors.ts';
import { canonicalJson } from '../record/canonical-json.ts';
import type { Recorded, StreamId } from '../record/envelope.ts';
import { base64Of, fromBase64 } from './base64.ts';
import { requireEntryLength } from './entry-bundle.ts';
import { HASH_BYTES, hexOf, leafHashOf } from './hash.ts';
import { tileReaderOf, type LogStore } from './log-store.ts';
import { inclusionProofs } from './proofs.ts';
import { openCheckpoint, type Trust, type TrustedCheckpoint } from './trust.ts';
import { verifyInclusion } from './verify-proof.ts';

/** What an append returns: enough to ask later for the proof that the event is in the log. `leafHash` is hex. */
export type Receipt = Readonly<{ stream: StreamId; version: number; leafHash: string; recordedAt: string }>;

/** Everything needed to verify, offline, that a leaf is in the log. */
export type ProofOfInclusion = Readonly<{
  /** The signed note. */
  checkpoint: string;
  index: number;
  /** Audit path from the leaf up, base64. */
  inclusionProof: readonly string[];
}>;

/** The bytes of an event in the log. @throws DomainError `log-entry-too-large` @see RFC 8785 */
export const entryOf = (recorded: Recorded<unknown>): Uint8Array => {
  const entry = Buffer.from(canonicalJson(recorded));
  requireEntryLength(entry);
  return entry;
};

/** @throws DomainError `log-entry-too-large` */
export const receiptOf = (recorded: Recorded<unknown>): Receipt =>
  ({ stream: recorded.stream, version: recorded.version, leafHash: hexOf(leafHashOf(entryOf(recorded))), recordedAt: recorded.recordedAt });

const LEAF_HASH = /^[0-9a-f]{64}$/;

const requireLeafHash = (leafHash: string): Uint8Array => {
  if (!LEAF_HASH.test(leafHash)) throw new DomainError('proof-malformed', 'got a leaf hash that is not 64 lower-case hex digits');
  return Buffer.from(leafHash, 'hex');
};

const unpublished = (leafHash: string): DomainError => new DomainError('log-entry-not-found', 'the leaf is not under the published checkpoint', { leafHash });

/** Leaves under one checkpoint, in the order asked; undefined where a leaf is not under it (yet). */
export type ProofsOfInclusion = Readonly<{ checkpoint: string; size: number; proofs: readonly (Omit<ProofOfInclusion, 'checkpoint'> | undefined)[] }>;

type Readable = Pick<LogStore, 'getObject' | 'readCheckpoint' | 'findLeaves'>;

/**
 * Prove of many leaves that they are under the published checkpoint, all under the same. Each proof is verified before it is given out.
 *
 * @param leafHashes hex, from receipts
 * @returns undefined before the first checkpoint
 * @throws DomainError `proof-malformed`; `log-corrupt` when the tiles do not give a proof that verifies; what `openCheckpoint` throws
 * @see RFC 6962 2.1.1
 */
export const proofsOf = async (store: Readable, leafHashes: readonly string[], trust: Trust): Promise<ProofsOfInclusion | undefined> => {
  const leaves = leafHashes.map(requireLeafHash);
  const published = await store.readCheckpoint();
  if (published === undefined) return undefined;
  const { checkpoint: { size, root } } = openCheckpoint(published.bytes, trust);
  const places = await store.findLeaves(leafHashes);
  const covered = leafHashes.flatMap((leafHash, i) => {
    const [leaf, index] = [leaves[i], places.get(leafHash)];
    return leaf === undefined || index === undefined || index >= size ? [] : [{ leafHash, leaf, index }];
  });
  const paths = await inclusionProofs(tileReaderOf(store), covered.map(({ index }) => index), size);
  const proven = new Map(covered.map(({ leafHash, leaf, index }, i) => {
    const path = paths[i] ?? [];
    if (!verifyInclusion({ leafHash: leaf, index, size, root }, path)) throw new DomainError('log-corrupt', `entry ${index}: its proof does not lead to the root of size ${size}`, { index, size });
    return [leafHash, { index, inclusionProof: path.map(base64Of) }];
  }));
  return { checkpoint: Buffer.from(published.bytes).toString('utf8'), size, proofs: leafHashes.map((leafHash) => proven.get(leafHash)) };
};

/**
 * Prove that a leaf is under the published checkpoint. The proof is verified before it is given out.
 *
 * @param leafHash hex, from a receipt
 * @throws DomainError `log-entry-not-found` when the leaf is not in the log or not yet under the published checkpoint; what `proofsOf` throws
 * @see RFC 6962 2.1.1
 */
export const proofOf = async (store: Readable, leafHash: string, trust: Trust): Promise<ProofOfInclusion> => {
  const all = await proofsOf(store, [leafHash], trust);
  const [proof] = all?.proofs ?? [];
  if (all === undefined || proof === undefined) throw unpublished(leafHash);
  return { checkpoint: all.checkpoint, ...proof };
};

/**
 * Verify that a leaf is in the log.
 *
 * @throws DomainError `proof-malformed`, `proof-wrong`; what `openCheckpoint` throws
 * @see RFC 9162 2.1.3.2
 */
export const verifyProof = (leafHash: string, proof: ProofOfInclusion, trust: Trust): TrustedCheckpoint => {
  const leaf = requireLeafHash(leafHash);
  const path = proof.inclusionProof.map(fromBase64).filter((hash): hash is Uint8Array => hash?.length === HASH_BYTES);
  if (path.length !== proof.inclusionProof.length) throw new DomainError('proof-malformed', `got a hash that is not base64 of ${HASH_BYTES} bytes`);
  const opened = openCheckpoint(Buffer.from(proof.checkpoint), trust);
  const { size, root } = opened.checkpoint;
  if (!verifyInclusion({ leafHash: leaf, index: proof.index, size, root }, path)) throw new DomainError('proof-wrong', `the path does not lead from entry ${proof.index} to the root of size ${size}`, { index: proof.index, size });
  return opened;
};
