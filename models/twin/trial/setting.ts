import type { Answers } from '../assist/assistant.ts';
import { growLibrary, PRIOR, type Library } from '../assist/library.ts';
import { harvestHoursOf } from '../assist/look-ahead.ts';
import { aimOf, POLICIES, type Aim, type Policy } from '../assist/policy.ts';
import { EXTENSION_HOURS } from '../recipe/action.ts';
import { weekdayOf } from '../release/calendar.ts';
import { releaseTableOf } from '../release/expected.ts';
import type { ReleaseTable } from '../release/table.ts';
import { OWN_SEEDS } from '../seeds.ts';
import type { World } from '../worlds/world.ts';
import type { Predictor } from './predictor.ts';

/**
 * All that arms share and that is fixed before the first batch of a trial: the world, the prior of ensembles, the trained prediction, what a harvest at an hour means for the release, and on which day each batch starts (the first
 * weekday of the process where it is not told). `answers` is how a scientist answers, where a test stands in for the twin's own.
 */
export type Setting = Readonly<{ world: World; library: Library; predictor: Predictor; particles: number; policy: Policy; releaseTable: ReleaseTable; startDays: readonly number[]; answers?: Answers }>;

/** Above every seed a trial may take (seeds.ts), so that no batch of a trial was learnt from. */
export const TRAINING_SEED = OWN_SEEDS.training;
export const TRAINING_BATCHES = 2400;
/** Guesses that follow a batch's readings. */
const PARTICLES = 64;

const LEAST_HARVEST_HOUR = 96;

type Chosen = Readonly<{ library?: number; particles?: number; policy?: Policy; releaseTable?: ReleaseTable; startDays?: readonly number[] }>;
export const releaseTableFor = (world: World): ReleaseTable => releaseTableOf(world.release, harvestHoursOf(world, LEAST_HARVEST_HOUR, world.recipe.harvestHour + EXTENSION_HOURS));
export const settingOf = (world: World, predictor: Predictor, { library = PRIOR.size, particles = PARTICLES, policy = POLICIES.balanced, releaseTable = releaseTableFor(world), startDays = [] }: Chosen = {}): Setting =>
  ({ world, predictor, library: growLibrary(world, PRIOR.seed, library), particles, policy, releaseTable, startDays });

/** What the assistant is after with one batch. */
export const aimFor = ({ world, policy, releaseTable, startDays }: Setting, index: number): Aim => aimOf(policy, releaseTable, weekdayOf(startDays[index] ?? world.release.arrivals.startWeekdays[0] ?? 0));
