import { expectedDays, type ReleaseTable } from '../release/expected.ts';

/**
 * What the assistant is after besides passing, which comes first: early release and a potency that is always alike.
 *
 * `potency`: days of waiting that a squared unit of the logarithm of potency is worth (0.2 away from the target is 0.04); `targetPotency`, % of the reference; `slack`, how much chance of passing may be given for both;
 * `earliestHarvestHour`. Then when to act: `unsafe`, the chance of passing below which a culture is worth a corrective plan; `worthAsking`, how much better a plan must be than none; `safe`, the chance from which an early harvest may
 * be proposed; `hopeless`, the chance of the best plan under which stopping and collecting again is thought of.
 */
export type Policy = Readonly<{ potency: number; targetPotency: number; slack: number; earliestHarvestHour: number; unsafe: number; worthAsking: number; safe: number; hopeless: number }>;
const LIMITS = { slack: 0.01, earliestHarvestHour: 144, unsafe: 0.95, worthAsking: 0.02, safe: 0.97, hopeless: 0.005 } as const;

/**
 * Three aims. The earlier the harvest the more memory cells and the higher the potency, so an early product and a product that is always alike pull apart.
 *
 * docs/twin.md says on which seed they were chosen, and shows all three.
 */
export const POLICIES = {
  balanced: { potency: 40, targetPotency: 118, ...LIMITS },
  fast: { potency: 5, targetPotency: 125, ...LIMITS },
  consistent: { potency: 200, targetPotency: 108, ...LIMITS },
} as const satisfies Record<string, Policy>;
export type PolicyName = keyof typeof POLICIES;

/** A policy for one batch: with how many days after activation it can be released when it is harvested at an hour, and whether harvests far ahead are considered as finely as near ones. */
export type Aim = Policy & Readonly<{ releasedAt: (harvestHour: number) => number; fine: boolean }>;
export const aimOf = (policy: Policy, table: ReleaseTable, weekday: number): Aim => ({ ...policy, fine: false, releasedAt: (harvestHour) => expectedDays(table, weekday, harvestHour) });
