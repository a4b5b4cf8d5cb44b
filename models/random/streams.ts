import { createGenerator, type Generator } from './generator.ts';

/** FNV-1a over the characters of a name, 32 bits. @see Fowler, Noll, Vo, draft-eastlake-fnv */
const hashOf = (text: string, start: number): number => {
  let hash = (start ^ 0x811c9dc5) >>> 0;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
};

/**
 * The generator of one purpose in one batch. What one purpose draws never moves what another draws, so two arms of a trial meet the same patient, lots, faults and sensors.
 *
 * @param seed    of the trial, integer in [0, 2^32)
 * @param batch   index of the batch, from 0
 * @param purpose name of what is drawn
 */
export const streamOf = (seed: number, batch: number, purpose: string): Generator => {
  const mixed = Math.imul(seed ^ Math.imul(batch + 1, 0x9e3779b1), 0x85ebca6b) >>> 0;
  return createGenerator(hashOf(`${purpose}/${batch}/${seed}`, mixed));
};
