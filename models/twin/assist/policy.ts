/** What the assistant is after besides passing: what a day of a patient's waiting costs, what being far from the intended potency costs (per unit of logarithm), and which potency is intended, % of the reference. */
export type Policy = Readonly<{ perDay: number; potency: number; targetPotency: number }>;

/**
 * Three aims. The earlier the harvest the more memory cells and the higher the potency, so an early product and a product that is always alike pull apart.
 *
 * Chosen on seed 777, which no reported trial uses; docs/twin.md shows all three.
 */
export const POLICIES = {
  balanced: { perDay: 0.015, potency: 0.6, targetPotency: 113 },
  fast: { perDay: 0.04, potency: 0.1, targetPotency: 122 },
  consistent: { perDay: 0.003, potency: 1, targetPotency: 105 },
} as const satisfies Record<string, Policy>;
export type PolicyName = keyof typeof POLICIES;
