import { growLibrary, type Library } from '../assist/ensemble.ts';
import type { World } from '../worlds/world.ts';
import { rowsOf, trainPredictor, type Predictor } from './predictor.ts';

/** All that arms share and that is fixed before the first batch of a trial: the world, the prior of ensembles, the trained prediction. */
export type Setting = Readonly<{ world: World; library: Library; predictor: Predictor; particles: number }>;

/** Seeds above every seed a trial may take (below 2^31), so that no batch of a trial was learnt from. */
const [LIBRARY_SEED, TRAINING_SEED] = [0x9000_0001, 0xa000_0001] as const;
export const TRIAL_SEED_LIMIT = 2 ** 31;
const [LIBRARY_SIZE, TRAINING_BATCHES, PARTICLES] = [1500, 2400, 32] as const;

/** @param onProgress told what is being prepared */
export const prepare = (world: World, onProgress: (what: string) => void, sizes: Readonly<{ library?: number; training?: number; particles?: number }> = {}): Setting => {
  onProgress('growing the prior of the ensembles');
  const library = growLibrary(world, LIBRARY_SEED, sizes.library ?? LIBRARY_SIZE);
  onProgress('training the prediction on untouched batches');
  const predictor = trainPredictor(rowsOf(world, TRAINING_SEED, 0, sizes.training ?? TRAINING_BATCHES));
  return { world, library, predictor, particles: sizes.particles ?? PARTICLES };
};
