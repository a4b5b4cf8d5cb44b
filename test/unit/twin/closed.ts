import { createSolver } from '../../../models/ode/solver.ts';
import type { CellTraits, Conditions } from '../../../models/twin/culture/conditions.ts';
import { startOf } from '../../../models/twin/culture/culture.ts';
import { cultureRates } from '../../../models/twin/culture/rates.ts';
import { STATE, STATE_SIZE, type StateName } from '../../../models/twin/culture/state.ts';
import { quietBatch, worldNamed } from './worlds.ts';

export type Amounts = Readonly<Record<StateName, number>>;
const EXACT = { relative: 1e-9, absolute: 1e-11 } as const;

export const amountsOf = (state: Float64Array): Amounts => Object.fromEntries(Object.entries(STATE).map(([name, i]) => [name, state[i]!])) as Amounts;

/** A plentiful gas supply, so that the yield of lactate does not change on the way. */
export const CALM: Partial<Conditions> = { oxygenHighestPercentAir: 400, supplyFromBar: 100, supplyTargetBar: 100, transferFactor: 10 };

/** One patient's equations under constant conditions, solved far below the tolerance of a trial: states before and after `hours`. */
export const runClosed = ({ state = {}, conditions = {}, traits = {}, hours = 48, from = 0 }: Readonly<{ state?: Partial<Amounts>; conditions?: Partial<Conditions>; traits?: Partial<CellTraits>; hours?: number; from?: number }>): Readonly<{ before: Amounts; after: Amounts; deadCellHours: number }> => {
  const batch = quietBatch();
  const culture = startOf(worldNamed('stress'), batch);
  Object.entries(state).forEach(([name, value]) => { culture.state[STATE[name as StateName]] = value; });
  const before = amountsOf(culture.state);
  const rates = cultureRates({ ...batch.donor.traits, ...traits }, { ...culture.conditions, ...CALM, ...conditions });
  // one component more: the hours that dead cells were there
  const longer = new Float64Array(STATE_SIZE + 1);
  longer.set(culture.state);
  createSolver(STATE_SIZE + 1, EXACT).advance((hour, y, dy) => { rates(hour, y, dy); dy[STATE_SIZE] = y[STATE.deadCellsMillionPerMl]!; }, longer, from, from + hours);
  return { before, after: amountsOf(longer), deadCellHours: longer[STATE_SIZE]! };
};
