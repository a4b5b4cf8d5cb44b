import type { PrivateTerms } from '../plan.ts';

const MICRO = 1_000_000;

/** What the one who is in the data may count on. Rows are neighbours when one is there or not. */
export type Privacy = Readonly<{ epsilon: number; delta: 0; mechanism: string; curious: number; rowChanges: string }>;

/** @see docs/adr/0023-noise-of-a-private-forest.md for the theorem */
export const privacyOf = ({ microEpsilon, curious }: Pick<PrivateTerms, 'microEpsilon' | 'curious'>): Privacy => ({
  epsilon: microEpsilon / MICRO, delta: 0, mechanism: 'discrete Laplace noise on counts of leaves whose splits see no row; each hospital adds its share before masking', curious,
  rowChanges: 'one count of one tree, by one',
});
