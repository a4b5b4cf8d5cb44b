import type { Cause } from '../outcome/verdict.ts';
import type { Baseline } from './baseline.ts';
import type { Knob } from './fit.ts';

/** Growth : viability : purity as reported by a UK national panel. */
const SHARES = { growth: 12 / 30, viability: 12 / 30, purity: 6 / 30 } as const;

/** Failures by one of the panel's causes, with its share of those the panel does not name (sterility, transduction, copies): the three come to the failure rate. */
const rate = (cause: Cause & keyof typeof SHARES) => ({ causeRates, failureRate }: Baseline): number => {
  const { growth = 0, viability = 0, purity = 0 } = causeRates;
  return (causeRates[cause] ?? 0) + SHARES[cause] * (failureRate - growth - viability - purity);
};

/** Knobs of a world whose failure rate is `total`, its causes in the panel's proportion. */
const biology = (total: number): readonly Knob[] => [
  { path: ['donor', 'growthPerHour', 'median'], low: 0.025, high: 0.07, statistic: 'median expansion at day 12, fold', target: 35, read: ({ medianFold }) => medianFold, rising: true },
  { path: ['donor', 'deathPerHour', 'median'], low: 0.0002, high: 0.006, statistic: 'median viability at harvest', target: 0.9, read: ({ medianViability }) => medianViability, rising: false },
  { path: ['donor', 'growthPerHour', 'sigma'], low: 0.05, high: 0.7, statistic: 'failures by growth', target: total * SHARES.growth, read: rate('growth'), rising: true },
  { path: ['donor', 'sensitivityFactor', 'sigma'], low: 0.1, high: 2, statistic: 'failures by viability', target: total * SHARES.viability, read: rate('viability'), rising: true },
  { path: ['donor', 'otherGrowthPerHour', 'sd'], low: 0.002, high: 0.03, statistic: 'failures by purity', target: total * SHARES.purity, read: rate('purity'), rising: true },
];

/**
 * What each world is fitted to.
 *
 * published: failure 4 to 9 % (6.5 % taken), expansion 30- to 40-fold at day 12 (35), viability about 90 %, causes 12 : 12 : 6.
 * stress: failure 15.4 % and potency CV 22.1 %, Table 1 of the paper this work is measured against; expansion, viability and causes as published.
 */
export const TARGETS: Readonly<Record<'published' | 'stress', readonly Knob[]>> = {
  published: biology(0.065),
  stress: [
    ...biology(0.154),
    { path: ['donor', 'startingMemoryShare', 'sd'], low: 0.02, high: 0.3, statistic: 'coefficient of variation of potency', target: 0.221, read: ({ potencyCv }) => potencyCv, rising: true },
  ],
};
