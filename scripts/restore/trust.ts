import { readFileSync } from 'node:fs';
import type { Trust } from '../../shared/audit-log/trust.ts';
import { parseVerifierKey, SIGNATURE_TYPE, type VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { UsageError } from '../run-script.ts';

type Values = Readonly<{ witness: readonly string[]; quorum?: string; previous?: string }>;

const witnessOf = (text: string): VerifierKey => {
  try {
    const key = parseVerifierKey(text);
    if (key.type === SIGNATURE_TYPE.cosignature) return key;
  } catch (cause) {
    throw new UsageError(`--witness: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  throw new UsageError('--witness: got the key of a log, want that of a witness');
};

/** Whom the one who restores believes: the log, and so many of the witnesses given. @throws UsageError */
export const trustOf = (key: VerifierKey, { witness, quorum }: Values): Trust => {
  const witnessKeys = witness.map(witnessOf), wanted = quorum === undefined ? witnessKeys.length : Number(quorum);
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > witnessKeys.length) throw new UsageError(`--quorum: got ${quorum ?? ''}, want 0 to ${witnessKeys.length}, the number of --witness keys given`);
  return { origin: key.name, logKeys: [key], witnessKeys, quorum: wanted };
};

/** @throws UsageError when the file can not be read */
export const previousOf = ({ previous }: Values): Readonly<{ previous?: Uint8Array }> => {
  if (previous === undefined) return {};
  try {
    return { previous: readFileSync(previous) };
  } catch (cause) {
    throw new UsageError(`--previous: ${previous} can not be read; give the file of a checkpoint`, { cause });
  }
};
