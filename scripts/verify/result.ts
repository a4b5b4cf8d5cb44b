import type { Cosignature } from './check-signatures.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Damage, Findings } from './damage.ts';

/** What a verification found, and how much it saw. */
export type Result = Readonly<{
  damages: readonly Damage[];
  notices: readonly string[];
  checkpoint?: Checkpoint;
  isSignatureGood: boolean;
  cosignatures: readonly Cosignature[];
  entries: number; streams: number; batches: number; signatures: number; partials: number; chunksNamed: number; chunksCompared: number;
  /** Of an inspection pack: its batch, and how many of its events the log proves. */
  pack?: Readonly<{ batchId: string; version: number; proven: number }>;
}>;

export const NOTHING = { isSignatureGood: false, cosignatures: [], entries: 0, streams: 0, batches: 0, signatures: 0, partials: 0, chunksNamed: 0, chunksCompared: 0 } as const;

export const damagesOf = (findings: Findings): Pick<Result, 'damages' | 'notices'> => ({ damages: findings.damages, notices: findings.notices });
