import { expectedDays, type ReleaseTable } from '../release/table.ts';

/**
 * What the assistant is after besides passing, and when it acts.
 *
 * `perDay`: what a day to release costs, as a share of the chance of passing; `potency`: what a unit of the logarithm between the potency and `targetPotencyPercent` (of the reference) costs; `earliestHarvestHour`. `unsafe`: the chance of
 * passing below which a culture is worth a corrective plan; `worthAsking`: how much better a plan must be than none; `worthHaste`: how much better than the same plan begun tomorrow; `hopeful`: the chance of passing untouched from which it may wait for tomorrow; `safe`: the chance from which an early harvest may be proposed; `hopeless`: the chance of the best plan under which
 * stopping and collecting again is thought of; `extendsSound`: whether a culture that would pass may be extended for its potency, which is a deviation.
 */
export type Policy = Readonly<{ perDay: number; potency: number; targetPotencyPercent: number; earliestHarvestHour: number; unsafe: number; worthAsking: number; worthHaste: number; hopeful: number; safe: number; hopeless: number; extendsSound: boolean }>;
const LIMITS = { earliestHarvestHour: 142, unsafe: 0.95, worthAsking: 0.02, worthHaste: 0.01, hopeful: 0.5, safe: 0.97, hopeless: 0.005, extendsSound: false } as const;

/**
 * Three aims. The earlier the harvest the more memory cells and the higher the potency, so an early product and a product that is always alike pull apart.
 *
 * docs/twin.md says on which seed they were chosen, and shows all three.
 */
export const POLICIES = {
  balanced: { perDay: 0.025, potency: 0.6, targetPotencyPercent: 120, ...LIMITS },
  fast: { perDay: 0.05, potency: 0.4, targetPotencyPercent: 136, ...LIMITS, earliestHarvestHour: 118, safe: 0.95 },
  consistent: { perDay: 0.012, potency: 1.6, targetPotencyPercent: 119, ...LIMITS, earliestHarvestHour: 118, extendsSound: true },
} as const satisfies Record<string, Policy>;
export type PolicyName = keyof typeof POLICIES;

/** A policy for one batch: with how many days after activation it can be released when it is harvested at an hour, and whether harvests far ahead are considered as finely as near ones. */
export type Aim = Policy & Readonly<{ releasedAt: (harvestHour: number) => number; fine: boolean }>;
/** Days from harvest to release where nobody has told what a release takes: about what tests, review by exception and working hours come to. Assumed. */
const USUAL_RELEASE_DAYS = 2.5;
export const aimWithoutCalendar = (policy: Policy): Aim => ({ ...policy, fine: false, releasedAt: (harvestHour) => harvestHour / 24 + USUAL_RELEASE_DAYS });
export const aimOf = (policy: Policy, table: ReleaseTable, weekday: number): Aim => ({ ...policy, fine: false, releasedAt: (harvestHour) => expectedDays(table, weekday, harvestHour) });
