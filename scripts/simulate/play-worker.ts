import { parentPort, workerData } from 'node:worker_threads';
import { POLICIES } from '../../models/twin/assist/policy.ts';
import { grow, recordFor } from '../../models/twin/culture/culture.ts';
import { drawBatch } from '../../models/twin/draw/batch.ts';
import { MINUTE_SERIES } from '../../models/twin/parameters/catalogue/catalogue.ts';
import { batchRunOf } from '../../models/twin/parameters/run.ts';
import { allSeriesOf } from '../../models/twin/parameters/series.ts';
import { replayedMeanDays } from '../../models/twin/release/replay.ts';
import { EXTENSION_HOURS } from '../../models/twin/recipe/action.ts';
import { playBatch } from '../../models/twin/trial/play.ts';
import { rowsOf, trainPredictor } from '../../models/twin/trial/predictor.ts';
import type { BatchResult } from '../../models/twin/trial/result.ts';
import { releaseTableFor, settingOf, type Setting } from '../../models/twin/trial/setting.ts';
import type { World } from '../../models/twin/worlds/world.ts';
import type { Answered, Asked, Briefing, Message, TaskName } from './task.ts';

const { world } = workerData as Readonly<{ world: World }>;

/** Room for every sensor of the longest culture, used again for each; a culture's series are a part of it. */
let room = new Float64Array();
let told: Readonly<{ briefing: Briefing; setting: Setting }> | undefined;

const take = (briefing: Briefing): void => {
  const { predictor, policy, releaseTable, startDays, series } = briefing;
  told = { briefing, setting: settingOf(world, predictor, { policy: POLICIES[policy], releaseTable, startDays }) };
  if (series) room = new Float64Array(MINUTE_SERIES.length * recordFor(world.recipe.harvestHour + EXTENSION_HOURS).points);
};

const countMissing = (values: Float64Array): number => {
  let missing = 0;
  for (let i = 0; i < values.length; i += 1) if (Number.isNaN(values[i])) missing += 1;
  return missing;
};

/** Every minute series of one culture; counts readings and those a sensor did not give. */
const watch = (seed: number, { index, actions, harvestHour, causes }: BatchResult): Readonly<{ readings: number; missing: number }> => {
  if (causes.includes('solver')) return { readings: 0, missing: 0 };
  const batch = drawBatch(world, seed, index);
  const record = recordFor(harvestHour);
  grow(world, batch, actions, harvestHour, record);
  const { values } = allSeriesOf(batchRunOf(world, batch, actions, record), room.subarray(0, MINUTE_SERIES.length * record.points));
  return { readings: values.length, missing: countMissing(values) };
};

const play = ({ from, to }: Asked<'played'>): Answered<'played'> => {
  if (told === undefined) throw new RangeError('played: got a task before the briefing, want it after');
  const { briefing: { seed, arms, series }, setting } = told;
  const results = Array.from({ length: to - from }, (_, i) => arms.map((arm) => playBatch(setting, seed, from + i, arm)));
  const seen = series ? results.flat().map((result) => watch(seed, result)) : [];
  return { results, readings: seen.reduce((sum, { readings }) => sum + readings, 0), missing: seen.reduce((sum, { missing }) => sum + missing, 0) };
};

const DO: { readonly [Name in TaskName]: (asked: Asked<Name>) => Answered<Name> } = {
  rows: ({ seed, from, to }) => rowsOf(world, seed, from, to),
  predictor: ({ rows }) => trainPredictor(rows),
  releaseTable: () => releaseTableFor(world),
  played: play,
  replays: ({ jobs, mode, from, to }) => Array.from({ length: to - from }, (_, i) => replayedMeanDays(world.release, jobs, mode, from + i)),
};
const answerTo = <Name extends TaskName>(name: Name, asked: Asked<Name>): Answered<Name> => DO[name](asked);

parentPort?.on('message', (message: Message) => {
  if (message.type === 'briefing') take(message.briefing);
  else parentPort?.postMessage(answerTo(message.name, message.asked));
});
