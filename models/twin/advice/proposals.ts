import { DomainError } from '../../../shared/errors.ts';
import type { Generator } from '../../random/generator.ts';
import { assimilate, ensembleAt72, type Particle } from '../assist/ensemble.ts';
import { growLibrary, PRIOR, type Library } from '../assist/library.ts';
import { outlookOf, type Outlook } from '../assist/look-ahead.ts';
import { correctivePlans } from '../assist/plans.ts';
import { aimWithoutCalendar, POLICIES } from '../assist/policy.ts';
import type { Action } from '../recipe/action.ts';
import type { Known } from '../seen/known.ts';
import type { Reading } from '../seen/sensors.ts';
import { FIRST_ROUND_HOUR } from '../seen/rounds.ts';
import { SET_POINTS } from '../site/set-points.ts';
import type { World } from '../worlds/world.ts';

/** A set-point to write, by the metric's name. */
export type SetPoint = Readonly<{ metric: string; value: number }>;
/** A way to go on, and what the twin expects of it. `setPoints` is undefined where people would have to do something by hand. */
export type Proposal = Readonly<{ id: string; title: string; setPoints: readonly SetPoint[] | undefined; chance: number; harvestHour: number; potencyPercent: number; worth: number }>;

/** Guesses at the batch, as many as in trials. A hospital asks seldom, so all of them are played forward, not half. */
const PARTICLES = 64;

export const libraryOf = (world: World): Library => growLibrary(world, PRIOR.seed, PRIOR.size);

const setPointsOf = (actions: readonly Action[]): readonly SetPoint[] | undefined => {
  const points = actions.map((action): SetPoint | undefined => {
    if (action.type === 'set-feed-rate') return { metric: SET_POINTS.feed, value: action.factor };
    return action.type === 'set-oxygen' ? { metric: SET_POINTS.oxygen, value: action.setPointPercentAir } : undefined;
  });
  const known = points.filter((point) => point !== undefined);
  return known.length === points.length ? known : undefined;
};

const proposalOf = ({ plan, harvestHour, chance, potencyPercent, worth }: Outlook): Proposal =>
  ({ id: plan.name.replaceAll(/[^a-z0-9]+/g, '-'), title: plan.name, setPoints: setPointsOf(plan.actions), chance, harvestHour, potencyPercent, worth });

export type Observed = Readonly<{ known: Known; readings: readonly Reading[]; /** Done so far, by hour of culture. */ done: readonly Action[] }>;

const ensembleNow = (world: World, library: Library, { known, readings, done }: Observed, random: Generator): readonly Particle[] => {
  let particles = ensembleAt72(library, known, readings, PARTICLES, random);
  for (const reading of readings.filter(({ hour }) => hour >= FIRST_ROUND_HOUR)) particles = assimilate(world, particles, reading, { actions: done, faults: [] }, random);
  return particles;
};

/**
 * Ways to go on from here, each played forward in the twin on guesses that agree with what was read; carrying on is the first. What is expected is a simulation's, and says so where
 * it is shown. Equipment faults are not guessed: a person looks at the equipment.
 *
 * @param random the same generator gives the same answer
 * @throws DomainError `solver-*` when no guess can be played
 */
export const proposalsFor = (world: World, library: Library, observed: Observed, random: Generator): readonly Proposal[] => {
  const particles = ensembleNow(world, library, observed, random);
  const hour = particles[0]?.culture.hour ?? 72;
  const [carryOn, ...others] = correctivePlans(hour).map((plan) => proposalOf(outlookOf(world, particles, observed.done, plan, aimWithoutCalendar(POLICIES.balanced))));
  if (carryOn === undefined || Number.isNaN(carryOn.chance)) throw new DomainError('solver-not-finite', `guesses: got none of ${PARTICLES} whose rates can be solved to the harvest, want at least one`);
  return [carryOn, ...others.filter(({ chance }) => !Number.isNaN(chance))];
};
