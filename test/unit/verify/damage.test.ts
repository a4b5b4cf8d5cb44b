import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkCosignatures } from '../../../scripts/verify/check-signatures.ts';
import { readCheckpoint } from '../../../scripts/verify/checkpoint.ts';
import { Findings } from '../../../scripts/verify/damage.ts';
import { parseVerifierKey } from '../../../scripts/verify/keys.ts';
import { KINDS, LOG_DAMAGES, missedCase, verifyDamaged, verifyDamagedPack } from '../../support/verify/damage-cases.ts';
import { NOW, SOUND, THREE, THREE_COSIGNED } from '../../support/verify/damages.ts';
import { memorySource } from '../../support/verify/memory-source.ts';
import { PACK_DAMAGES } from '../../support/verify/pack-damages.ts';
import { packOf } from '../../support/verify/packs.ts';

/** Over all kinds together; `npm run verify:damage` runs so many of each. */
const CASES = 1_000;

const requireFound = async (kind: string): Promise<void> => {
  await fc.assert(fc.asyncProperty(fc.noShrink(fc.integer()), async (seed) => {
    const missed = await missedCase(kind, seed);
    if (missed !== undefined) throw new Error(`not named: ${missed}`);
  }), { numRuns: Math.ceil(CASES / KINDS.length) });
};

describe('a damaged log', () => {
  it('begins as a sound one', async () => { expect((await verifyDamaged({ files: SOUND })).damages).toEqual([]); });
  it('names each single bit of its cosignatures, where two of three witnesses are enough', async () => {
    const start = THREE_COSIGNED.indexOf('\u2014 bedside.network/witness');
    for (let bit = start * 8; bit < THREE_COSIGNED.length * 8; bit++) {
      const checkpoint = Buffer.from(THREE_COSIGNED);
      checkpoint[bit >> 3] = checkpoint[bit >> 3]! ^ (1 << (bit & 7));
      const findings = new Findings();
      const read = await readCheckpoint(memorySource(new Map([['checkpoint', checkpoint]])), findings);
      if (read !== undefined) checkCosignatures(read, { witnesses: THREE.map(({ vkey }) => parseVerifierKey(vkey, 4)), quorum: 2, nowEpochSeconds: Math.floor(NOW / 1000) }, findings);
      expect(findings.damages, `bit ${bit}`).toHaveLength(1);
    }
  });
  it('begins as a sound one where two of three witnesses are enough', async () => {
    expect((await verifyDamaged({ files: new Map([...SOUND, ['checkpoint', THREE_COSIGNED]]), asked: { witnesses: THREE, quorum: 2 } })).damages).toEqual([]);
    const { damages, notices } = await verifyDamaged({ files: SOUND, asked: { witnesses: THREE, quorum: 2 } });
    expect([damages, notices]).toEqual([[], [expect.stringMatching(/^no cosignature of bedside.network\/witness\/west \(key [0-9a-f]{8}\); 2 of 3 are there, 2 are wanted$/)]]);
  });
  it.each(Object.keys(LOG_DAMAGES))('with %s is found out, at the right place', requireFound);
});

describe('a pack, in what it says of its signers,', () => {
  it('begins as a sound one', async () => { expect((await verifyDamagedPack({ files: packOf() })).damages).toEqual([]); });
  it.each(Object.keys(PACK_DAMAGES))('with %s is found out, at the right place', requireFound);
});
