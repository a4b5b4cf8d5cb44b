import { parentPort, workerData } from 'node:worker_threads';
import { grow, recordFor } from '../../models/twin/culture/culture.ts';
import { drawBatch } from '../../models/twin/draw/batch.ts';
import { MINUTE_SERIES } from '../../models/twin/parameters/catalogue/catalogue.ts';
import { batchRunOf } from '../../models/twin/parameters/run.ts';
import { allSeriesOf } from '../../models/twin/parameters/series.ts';
import { EXTENSION_HOURS } from '../../models/twin/assist/plans.ts';
import { POLICIES, type PolicyName } from '../../models/twin/assist/policy.ts';
import type { ReleaseTable } from '../../models/twin/release/table.ts';
import { playBatch } from '../../models/twin/trial/play.ts';
import type { Predictor } from '../../models/twin/trial/predictor.ts';
import type { Arm, BatchResult } from '../../models/twin/trial/result.ts';
import { settingOf } from '../../models/twin/trial/setting.ts';
import type { World } from '../../models/twin/worlds/world.ts';

/** What a worker is started with, asked, and answers. `series`: see every sensor of every culture, each minute. */
export type WorkerSetting = Readonly<{ world: World; predictor: Predictor; seed: number; arms: readonly Arm[]; series: boolean; policy: PolicyName; releaseTable: ReleaseTable; startDays: readonly number[] }>;
export type Ask = Readonly<{ from: number; to: number }>;
export type Answer = Readonly<{ from: number; results: readonly (readonly BatchResult[])[]; readings: number; missing: number }>;

const { world, predictor, seed, arms, series, policy, releaseTable, startDays } = workerData as WorkerSetting;
const setting = settingOf(world, predictor, { policy: POLICIES[policy], releaseTable, startDays });
/** Room for every sensor of the longest culture, used again for each; a culture's series are a part of it. */
const room = series ? new Float64Array(MINUTE_SERIES.length * recordFor(world.recipe.harvestHour + EXTENSION_HOURS).points) : new Float64Array();
const seen = { readings: 0, missing: 0 };

/** Every minute series of one culture; counts readings and those a sensor did not give. */
const watch = ({ index, actions, harvestHour, causes }: BatchResult): void => {
  if (causes.includes('solver')) return;
  const batch = drawBatch(world, seed, index);
  const record = recordFor(harvestHour);
  grow(world, batch, actions, harvestHour, record);
  const { values } = allSeriesOf(batchRunOf(world, batch, actions, record), room.subarray(0, MINUTE_SERIES.length * record.points));
  for (const value of values) if (Number.isNaN(value)) seen.missing += 1;
  seen.readings += values.length;
};

parentPort?.on('message', ({ from, to }: Ask) => {
  Object.assign(seen, { readings: 0, missing: 0 });
  const results = Array.from({ length: to - from }, (_, i) => arms.map((arm) => {
    const result = playBatch(setting, seed, from + i, arm);
    if (series) watch(result);
    return result;
  }));
  parentPort?.postMessage({ from, results, ...seen } satisfies Answer);
});
