import type { Action } from '../recipe/action.ts';
import type { Cause, Measured } from '../outcome/verdict.ts';

/** The ways a batch can be run. `baseline`: the recipe as written. `assisted`: prediction, look-ahead, signed advice. `oracle`: the same catalogue, by one who knows the true state and every fault to come. `pid`, `adaptive`: the recipe with other set-points (set-points.ts). */
export const ARMS = ['baseline', 'assisted', 'oracle', 'threshold', 'always', 'pid', 'adaptive'] as const;
export type Arm = (typeof ARMS)[number];

export type Recommendation = Readonly<{ hour: number; plan: string; signed: boolean; kind: 'intervention' | 'repair' | 'harvest' | 'set-point' }>;

/** One batch in one arm. */
export type BatchResult = Readonly<{
  index: number; arm: Arm; failed: boolean; causes: readonly Cause[]; measured: Measured | undefined; harvestHour: number;
  /** Predicted chance of failure at hour 72; NaN where the arm predicts nothing. */
  predicted: number; alerted: boolean; recommendations: readonly Recommendation[]; actions: readonly Action[];
  /** Faults and departures that an operator writes up. */
  deviations: number;
}>;
