import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseVerifierKey } from '../../../scripts/verify/keys.ts';
import { readPrevious } from '../../../scripts/verify/previous.ts';
import type { Result } from '../../../scripts/verify/result.ts';
import { verifyLog } from '../../../scripts/verify/verify-log.ts';
import { DAMAGES, LOG, NOW, SOUND, WITNESSES, type Damaged } from '../../support/verify/damages.ts';
import { randomOf } from '../../support/telemetry/culture.ts';
import { memorySource } from '../../support/verify/memory-source.ts';

const key = parseVerifierKey(LOG.vkey, 1);
const witnesses = WITNESSES.map(({ vkey }) => parseVerifierKey(vkey, 4));

const verify = ({ files, previous }: Pick<Damaged, 'files' | 'previous'>): Promise<Result> => verifyLog({
  source: memorySource(files), key, witnesses, quorum: witnesses.length, nowEpochMs: NOW, progress: () => undefined,
  ...(previous === undefined ? {} : { previous: readPrevious('previous', previous) }),
});

const NAMES = Object.keys(DAMAGES);
const CASES = 1_000;

describe('a damaged log', () => {
  it('begins as a sound one', async () => { expect((await verify({ files: SOUND })).damages).toEqual([]); });

  it.each(NAMES)('with %s is found out, at the right place', async (name) => {
    await fc.assert(fc.asyncProperty(fc.noShrink(fc.integer()), async (seed) => {
      const random = randomOf(seed);
      const damaged = DAMAGES[name]!((below) => Math.floor(random() * below));
      const { damages, notices } = await verify(damaged);
      if (!damaged.isNamed(damages, notices)) throw new Error(`not named: ${JSON.stringify({ damages: damages.slice(0, 3), count: damages.length, notices }, null, 1)}`);
    }), { numRuns: Math.ceil(CASES / NAMES.length) });
  }, 60_000);
});
