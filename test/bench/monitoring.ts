import { judgeOf, stageHours } from '../../models/monitoring/judge.ts';
import { countMoments } from '../../models/monitoring/moments.ts';
import { planeFrom } from '../../models/monitoring/pca.ts';
import { trajectoryVariables } from '../../models/monitoring/trajectory.ts';
import { createGenerator } from '../../models/random/generator.ts';
import { percentile, row, type Row } from './row.ts';

const BATCHES = 400;
const COMPONENTS = 8;
const JUDGED = 40;
const MOST_MILLISECONDS = 20;

/** One judgement of a running batch: 300 variables of ten days, 8 components, at every hour judged; the first with what a function starts with, the others with a sensor missing now and then. */
export const measureMonitoring = (): readonly Row[] => {
  const variables = trajectoryVariables(240, 4);
  const random = createGenerator(3);
  const batch = (): readonly number[] => {
    const paces = Array.from({ length: 5 }, () => random.normal());
    return variables.map(({ low, high }, i) => (low + high) / 2 + ((high - low) / 20) * ((paces[i % 5] ?? 0) + 0.3 * random.normal()));
  };
  const plane = planeFrom(variables, countMoments(variables, Array.from({ length: BATCHES }, batch)), COMPONENTS);
  const { judge } = judgeOf(plane);
  const times = Array.from({ length: JUDGED }, (_, i) => batch().map((value) => (i % 2 === 1 && random.uniform() < 0.02 ? Number.NaN : value))).flatMap((values) => stageHours(plane).map((hour) => {
    const began = performance.now();
    judge(values, hour);
    return performance.now() - began;
  }));
  return [0.5, 0.99].map((share) => row(`process monitoring: one judgement, p${share * 100}`, percentile(times, share), 'ms', MOST_MILLISECONDS, 'target, at most'));
};
