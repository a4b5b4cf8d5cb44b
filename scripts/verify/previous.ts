import { checkLogSignature, cosignedEarlier } from './check-signatures.ts';
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { Findings } from './damage.ts';
import type { VerifierKey } from './keys.ts';
import { FormError } from './note.ts';
import type { Earlier } from './order.ts';
import { rootOfPrefix, type Truth } from './tree.ts';
import { TILE_WIDTH } from './merkle.ts';

/** A checkpoint kept from an earlier day; `fault` when it can not be read. */
export type Previous = Readonly<{ file: string; checkpoint?: Checkpoint; fault?: string }>;

export const readPrevious = (file: string, bytes: Buffer): Previous => {
  try {
    return { file, checkpoint: parseCheckpoint(bytes) };
  } catch (error) {
    if (!(error instanceof FormError)) throw error;
    return { file, fault: error.message };
  }
};

/** When what stands after its entries can have come at the earliest, as far as the witnesses say; undefined when they say nothing. */
export const earlierOf = (previous: Previous | undefined, witnesses: readonly VerifierKey[], nowEpochSeconds: number, findings: Findings): Earlier | undefined => {
  if (previous?.checkpoint === undefined) return undefined;
  const { file, checkpoint } = previous;
  const cosignedEpochMs = cosignedEarlier(file, checkpoint, { witnesses, nowEpochSeconds }, findings);
  return cosignedEpochMs === undefined ? undefined : { file, size: checkpoint.size, cosignedEpochMs };
};

/** The tree as it is known to be, and the leaf hashes of the unit in which the old log ended. */
type Leaves = Readonly<{ truth: Truth; cut: Buffer }>;

/**
 * Whether the log only grew since: the root over its first entries must be the root of then.
 *
 * @see RFC 6962 section 2.1.2 (what a consistency proof shows, here recomputed from all entries)
 */
export const checkPrevious = ({ file, checkpoint: old, fault }: Previous, now: Checkpoint, key: VerifierKey | undefined, { truth, cut }: Leaves, findings: Findings): void => {
  if (old === undefined) {
    findings.damage({ file, message: `can not be read: ${fault ?? ''}` });
    return;
  }
  if (old.origin !== now.origin) findings.damage({ file, message: `is of the log '${old.origin}', this is '${now.origin}'` });
  if (key !== undefined) checkLogSignature(file, old, key, findings);
  if (old.size > now.size) {
    findings.damage({ file: 'checkpoint', message: `covers ${now.size} entries, the earlier checkpoint ${file} covered ${old.size}: an old checkpoint was put back, or entries were removed` });
    return;
  }
  const isLast = Math.floor(old.size / TILE_WIDTH) * TILE_WIDTH === Math.floor(now.size / TILE_WIDTH) * TILE_WIDTH;
  const root = rootOfPrefix(old.size, truth.unitRoots, isLast ? truth.edge : cut);
  if (root.equals(old.root)) return;
  findings.damage({
    file, message: `had the root ${old.root.toString('base64')} for ${old.size} entries, the first ${old.size} entries of this log give ${root.toString('base64')}: the log was rewritten, or split into two`,
  });
};
