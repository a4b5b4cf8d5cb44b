import { decodeBase64 } from './base64.ts';
import type { Findings } from './damage.ts';
import { HASH_LENGTH } from './sha256.ts';

/** The proofs of a pack, all under its one checkpoint. */
export const PROOFS = 'proofs.json';
const MEMBERS = ['formatVersion', 'batchId', 'treeSize', 'proofs', 'waiting'];
const HASH = /^[0-9a-f]{64}$/;

export type Claim = Readonly<{ version: number; leafHash: Buffer }>;
export type Proof = Claim & Readonly<{ index: number; path: readonly Buffer[] }>;
/** What the log holds for a version in place of the record's event: the bytes of its entry. */
export type Replaced = Proof & Readonly<{ entry: Buffer }>;
/** By version; `waiting` are the events that were not under the checkpoint yet. */
export type PackProofs = Readonly<{ batchId: string; treeSize: number; proofs: ReadonlyMap<number, Proof>; waiting: ReadonlyMap<number, Claim>; replaced: ReadonlyMap<number, Replaced> }>;

type Json = Readonly<Record<string, unknown>>;

/** An object with these members and no others. */
const isOf = (value: unknown, names: readonly string[]): value is Json =>
  typeof value === 'object' && value !== null && Object.keys(value).sort().join() === [...names].sort().join();
const isWhole = (value: unknown, least: number): value is number => Number.isSafeInteger(value) && (value as number) >= least;

const claimOf = ({ version, leafHash }: Json): Claim | undefined =>
  (isWhole(version, 1) && typeof leafHash === 'string' && HASH.test(leafHash) ? { version, leafHash: Buffer.from(leafHash, 'hex') } : undefined);

const waitingOf = (value: unknown): Claim | undefined => (isOf(value, ['version', 'leafHash']) ? claimOf(value) : undefined);

const proofOf = (value: unknown): Proof | undefined => {
  if (!isOf(value, ['version', 'leafHash', 'index', 'inclusionProof'])) return undefined;
  const { index, inclusionProof } = value, claim = claimOf(value);
  if (claim === undefined || !isWhole(index, 0) || !Array.isArray(inclusionProof)) return undefined;
  const path = inclusionProof.flatMap((text: unknown) => (typeof text === 'string' ? decodeBase64(text) ?? [] : []));
  return path.length === inclusionProof.length && path.every(({ length }) => length === HASH_LENGTH) ? { ...claim, index, path } : undefined;
};

const replacedOf = (value: unknown): Replaced | undefined => {
  const { entry, ...rest } = (value ?? {}) as Json;
  const proof = typeof entry === 'string' ? proofOf(rest) : undefined;
  return proof === undefined ? undefined : { ...proof, entry: Buffer.from(String(entry)) };
};

const parsed = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** Read the proofs. @returns undefined after reporting that the file is not one of proofs; a proof that can not be read is reported, and left out */
export const readPackProofs = (bytes: Buffer, findings: Findings): PackProofs | undefined => {
  const whole = parsed(bytes);
  const isRight = (isOf(whole, MEMBERS) || isOf(whole, [...MEMBERS, 'replaced'])) && whole['formatVersion'] === 1;
  const { batchId, treeSize, proofs, waiting, replaced = [] } = isRight ? whole : {};
  if (typeof batchId !== 'string' || !isWhole(treeSize, 0) || !Array.isArray(proofs) || !Array.isArray(waiting) || !Array.isArray(replaced)) {
    findings.damage({ file: PROOFS, message: 'is no JSON of formatVersion 1 with batchId, treeSize, proofs and waiting' });
    return undefined;
  }
  const byVersion = <Value extends Claim>(list: readonly unknown[], read: (value: unknown) => Value | undefined, what: string): ReadonlyMap<number, Value> => {
    const found = new Map<number, Value>();
    for (const [i, item] of list.entries()) {
      const value = read(item);
      const { version } = (value ?? item ?? {}) as Readonly<{ version?: unknown }>;
      const place = isWhole(version, 1) ? { file: PROOFS, batch: { kind: 'batch', id: batchId, version } } : { file: PROOFS };
      if (value === undefined) findings.damage({ ...place, message: `number ${i} in its list '${what}' can not be read` });
      else if (found.has(value.version)) findings.damage({ ...place, message: `stands twice in its list '${what}'` });
      else found.set(value.version, value);
    }
    return found;
  };
  return { batchId, treeSize, proofs: byVersion(proofs, proofOf, 'proofs'), waiting: byVersion(waiting, waitingOf, 'waiting'), replaced: byVersion(replaced, replacedOf, 'replaced') };
};
