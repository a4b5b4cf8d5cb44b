import { advance, ifSolved, startOf, type Culture } from '../culture/culture.ts';
import { drawBatch, type Batch } from '../draw/batch.ts';
import { timelineOf } from '../recipe/timeline.ts';
import { FIRST_HOURS } from '../seen/rounds.ts';
import { OWN_SEEDS } from '../seeds.ts';
import type { World } from '../worlds/world.ts';
import { shownBy, type Shown } from './evidence.ts';

/** One culture that nature may have drawn: where it is at hour 72, and what it showed at each hour of FIRST_HOURS. */
export type Member = Readonly<{ batch: Batch; culture: Culture; shown: readonly Shown[] }>;
export type Library = readonly Member[];

/** Seed and members of the prior that trials and hospitals share. No trial may take the seed, so no batch of a trial is in it. */
export const PRIOR = { seed: OWN_SEEDS.prior, size: 1500 } as const;

const memberOf = (world: World, drawn: Batch): Member => {
  const batch = { ...drawn, faults: drawn.faults.filter(({ name }) => name === 'transduction') };
  const culture = startOf(world, batch);
  const happenings = timelineOf(world, batch, []);
  const shown = FIRST_HOURS.map((hour) => {
    advance(culture, batch.donor.traits, happenings, hour);
    return shownBy(culture);
  });
  return { batch, culture, shown };
};

/**
 * What could happen in this world up to hour 72, with no equipment fault: the prior of every batch's ensemble, grown once. A member whose equations can not be solved is left out.
 *
 * @param seed must not be a trial's
 * @throws RangeError when none can be solved
 */
export const growLibrary = (world: World, seed: number, size: number): Library => {
  const members = Array.from({ length: size }, (_, index) => ifSolved(() => memberOf(world, drawBatch(world, seed, index)))).filter((member) => member !== undefined);
  if (members.length === 0) throw new RangeError(`world ${world.name}: got no batch of ${size} of seed ${seed} whose rates can be solved, want at least one`);
  return members;
};
