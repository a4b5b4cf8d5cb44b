import { parseVerifierKey } from '../../../scripts/verify/keys.ts';
import { readPrevious } from '../../../scripts/verify/previous.ts';
import type { Result } from '../../../scripts/verify/result.ts';
import { verifyLog } from '../../../scripts/verify/verify-log.ts';
import { verifyPack } from '../../../scripts/verify/verify-pack.ts';
import { randomOf } from '../telemetry/culture.ts';
import { DAMAGES, LOG, NOW, WITNESSES, type Damaged } from './damages.ts';
import { KEEPER_DAMAGES } from './keeper-damages.ts';
import { memorySource } from './memory-source.ts';
import { PACK_DAMAGES } from './pack-damages.ts';

const key = parseVerifierKey(LOG.vkey, 1);
const witnesses = WITNESSES.map(({ vkey }) => parseVerifierKey(vkey, 4));

const ASKED = { witnesses: WITNESSES, quorum: WITNESSES.length };

export const verifyDamaged = ({ files, previous, asked = ASKED }: Pick<Damaged, 'files' | 'previous' | 'asked'>): Promise<Result> => verifyLog({
  source: memorySource(files), key, witnesses: asked.witnesses.map(({ vkey }) => parseVerifierKey(vkey, 4)), quorum: asked.quorum, nowEpochMs: NOW, progress: () => undefined,
  ...(previous === undefined ? {} : { previous: readPrevious('previous', previous) }),
});

export const verifyDamagedPack = ({ files }: Pick<Damaged, 'files'>): Promise<Result> => verifyPack({ source: memorySource(files), key, witnesses, quorum: witnesses.length, nowEpochMs: NOW, progress: () => undefined });

/** Of a log: by who has its files, and by who keeps it. */
export const LOG_DAMAGES = { ...DAMAGES, ...KEEPER_DAMAGES };

const isOfPack = (kind: string): boolean => kind in PACK_DAMAGES;
/** Every way to damage a log, and then a pack. */
export const KINDS: readonly string[] = [...Object.keys(LOG_DAMAGES), ...Object.keys(PACK_DAMAGES)];

/** Damage a sound log or pack in one way; the seed decides where. @returns undefined when it was named at the right place, otherwise what the verifier said */
export const missedCase = async (kind: string, seed: number): Promise<string | undefined> => {
  const random = randomOf(seed);
  const damaged = (LOG_DAMAGES[kind] ?? PACK_DAMAGES[kind])!((below) => Math.floor(random() * below));
  const { damages, notices } = await (isOfPack(kind) ? verifyDamagedPack : verifyDamaged)(damaged);
  return damaged.isNamed(damages, notices) ? undefined : JSON.stringify({ damages: damages.slice(0, 3), count: damages.length, notices }, null, 1);
};
