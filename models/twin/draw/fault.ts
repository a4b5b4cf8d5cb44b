import type { Generator } from '../../random/generator.ts';
import { FAULT_FIELDS, faultSizesOf, type FaultName, type World } from '../worlds/world.ts';
import { draw } from './distribution.ts';

type Fields = typeof FAULT_FIELDS;
/**
 * What breaks, and how much: share of the flow that is left; drift of the pH probe per hour; pressure left in the gas line, bar; °C off the set-point; doublings of the contaminant per hour; share of the vector dose that is
 * active.
 */
export type Breakage = { readonly [Name in FaultName]: Readonly<{ name: Name } & Record<Fields[Name], number>> }[FaultName];
/** Something that breaks. `repairHour` is when ordinary rounds and alarms end it; contamination and a bad vector can not be repaired. */
export type Fault = Breakage & Readonly<{ onsetHour: number; repairHour: number }>;

/** A fault of a kind. @param size in the unit of that kind's field */
export const faultOf = (name: FaultName, size: number, onsetHour: number, repairHour: number): Fault => ({ name, onsetHour, [FAULT_FIELDS[name]]: size, repairHour }) as Fault;

/** The faults of one batch; each has its own chance, and the draws of one never depend on whether another happens. */
export const drawFaults = (world: World, random: Generator): readonly Fault[] => {
  const { faults, repairHours } = world;
  const found: Fault[] = [];
  for (const { name, size } of faultSizesOf(world)) {
    const { chance, onsetHour } = faults[name];
    const happens = random.uniform() < chance;
    const onset = draw(onsetHour, random);
    const drawn = draw(size, random);
    const fault = faultOf(name, drawn, onset, onset + draw(repairHours, random));
    if (happens) found.push(fault);
  }
  return found;
};
