import type { Generator } from '../../random/generator.ts';
import { faultSizesOf, type FaultName, type World } from '../worlds/world.ts';
import { draw } from './distribution.ts';

/**
 * Something that breaks. `size` is one name for six quantities, each in the unit that its field in the world says:
 * `feed-pump` share of the flow that is left; `ph-probe` drift per hour; `gas-supply` pressure left in the gas line, bar; `temperature` °C off the set-point;
 * `contamination` doublings of the contaminant per hour; `transduction` share of the vector dose that is active.
 *
 * `repairHour` is when ordinary rounds and alarms end it; contamination and a bad vector can not be repaired.
 */
export type Fault = Readonly<{ name: FaultName; onsetHour: number; size: number; repairHour: number }>;

/** The faults of one batch; each has its own chance, and the draws of one never depend on whether another happens. */
export const drawFaults = (world: World, random: Generator): readonly Fault[] => {
  const { faults, repairHours } = world;
  const found: Fault[] = [];
  for (const { name, size } of faultSizesOf(world)) {
    const { chance, onsetHour } = faults[name];
    const happens = random.uniform() < chance;
    const onset = draw(onsetHour, random);
    const fault = { name, onsetHour: onset, size: draw(size, random), repairHour: onset + draw(repairHours, random) };
    if (happens) found.push(fault);
  }
  return found;
};
