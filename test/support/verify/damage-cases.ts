import { parseVerifierKey } from '../../../scripts/verify/keys.ts';
import { readPrevious } from '../../../scripts/verify/previous.ts';
import type { Result } from '../../../scripts/verify/result.ts';
import { verifyLog } from '../../../scripts/verify/verify-log.ts';
import { randomOf } from '../telemetry/culture.ts';
import { DAMAGES, LOG, NOW, WITNESSES, type Damaged } from './damages.ts';
import { memorySource } from './memory-source.ts';

const key = parseVerifierKey(LOG.vkey, 1);
const witnesses = WITNESSES.map(({ vkey }) => parseVerifierKey(vkey, 4));

export const verifyDamaged = ({ files, previous }: Pick<Damaged, 'files' | 'previous'>): Promise<Result> => verifyLog({
  source: memorySource(files), key, witnesses, quorum: witnesses.length, nowEpochMs: NOW, progress: () => undefined,
  ...(previous === undefined ? {} : { previous: readPrevious('previous', previous) }),
});

/** Damage a sound log in one way; the seed decides where. @returns undefined when it was named at the right place, otherwise what the verifier said */
export const missedCase = async (kind: string, seed: number): Promise<string | undefined> => {
  const random = randomOf(seed);
  const damaged = DAMAGES[kind]!((below) => Math.floor(random() * below));
  const { damages, notices } = await verifyDamaged(damaged);
  return damaged.isNamed(damages, notices) ? undefined : JSON.stringify({ damages: damages.slice(0, 3), count: damages.length, notices }, null, 1);
};
