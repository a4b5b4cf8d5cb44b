import type { Answers } from '../assist/assistant.ts';
import { growLibrary, type Library } from '../assist/ensemble.ts';
import { POLICIES, type Policy } from '../assist/policy.ts';
import type { World } from '../worlds/world.ts';
import type { Predictor } from './predictor.ts';

/** All that arms share and that is fixed before the first batch of a trial: the world, the prior of ensembles, the trained prediction; how a scientist answers, where a test stands in for the twin's own. */
export type Setting = Readonly<{ world: World; library: Library; predictor: Predictor; particles: number; policy: Policy; answers?: Answers }>;

/** Seeds above every seed a trial may take, so that no batch of a trial was learnt from. */
const LIBRARY_SEED = 0x9000_0001;
export const TRAINING_SEED = 0xa000_0001;
export const TRIAL_SEED_LIMIT = 2 ** 31;
export const TRAINING_BATCHES = 2400;
const [LIBRARY_SIZE, PARTICLES] = [1500, 32] as const;

export const settingOf = (world: World, predictor: Predictor, options: Readonly<{ library?: number; particles?: number; policy?: Policy }> = {}): Setting =>
  ({ world, predictor, library: growLibrary(world, LIBRARY_SEED, options.library ?? LIBRARY_SIZE), particles: options.particles ?? PARTICLES, policy: options.policy ?? POLICIES.balanced });
