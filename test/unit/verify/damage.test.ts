import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KINDS, missedCase, verifyDamaged, verifyDamagedPack } from '../../support/verify/damage-cases.ts';
import { SOUND } from '../../support/verify/damages.ts';
import { packOf } from '../../support/verify/packs.ts';

/** Over all kinds together; `npm run verify:damage` runs so many of each. */
const CASES = 1_000;

describe('a damaged log or pack', () => {
  it('begins as a sound one', async () => { expect([...(await verifyDamaged({ files: SOUND })).damages, ...(await verifyDamagedPack({ files: packOf() })).damages]).toEqual([]); });

  it.each(KINDS)('with %s is found out, at the right place', async (kind) => {
    await fc.assert(fc.asyncProperty(fc.noShrink(fc.integer()), async (seed) => {
      const missed = await missedCase(kind, seed);
      if (missed !== undefined) throw new Error(`not named: ${missed}`);
    }), { numRuns: Math.ceil(CASES / KINDS.length) });
  }, 60_000);
});
