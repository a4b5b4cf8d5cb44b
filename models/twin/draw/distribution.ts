import * as z from 'zod';
import type { Generator } from '../../random/generator.ts';

const finite = z.number();
const bounds = { low: finite.optional(), high: finite.optional() };

/** How a quantity differs: its kind and figures. `low` and `high` cut the tails at the bound. */
export const Distribution = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('normal'), mean: finite, sd: finite.nonnegative(), ...bounds }),
  z.strictObject({ kind: z.literal('lognormal'), median: finite.positive(), sigma: finite.nonnegative(), ...bounds }),
  z.strictObject({ kind: z.literal('uniform'), low: finite, high: finite }),
]);
export type Distribution = z.infer<typeof Distribution>;

const within = (value: number, low = -Infinity, high = Infinity): number => Math.min(high, Math.max(low, value));

/**
 * One draw.
 *
 * @param shift standard scores added before scaling (a patient's fitness, a site's habit); 0 for none
 * @param share part of the spread the draw itself keeps, 0 to 1: 1 without shift
 */
export const draw = (distribution: Distribution, random: Generator, shift = 0, share = 1): number => {
  switch (distribution.kind) {
    case 'normal': return within(distribution.mean + distribution.sd * (shift + share * random.normal()), distribution.low, distribution.high);
    case 'lognormal': return within(distribution.median * Math.exp(distribution.sigma * (shift + share * random.normal())), distribution.low, distribution.high);
    case 'uniform': return distribution.low + (distribution.high - distribution.low) * random.uniform();
    default: return distribution satisfies never;
  }
};
