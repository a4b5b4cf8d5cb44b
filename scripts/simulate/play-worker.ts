import { parentPort, workerData } from 'node:worker_threads';
import { playBatch } from '../../models/twin/trial/play.ts';
import type { Predictor } from '../../models/twin/trial/predictor.ts';
import type { Arm, BatchResult } from '../../models/twin/trial/result.ts';
import { settingOf } from '../../models/twin/trial/setting.ts';
import type { World } from '../../models/twin/worlds/world.ts';

/** What a worker is started with, asked, and answers. */
export type WorkerSetting = Readonly<{ world: World; predictor: Predictor; seed: number; arms: readonly Arm[] }>;
export type Ask = Readonly<{ from: number; to: number }>;
export type Answer = Readonly<{ from: number; results: readonly (readonly BatchResult[])[] }>;

const { world, predictor, seed, arms } = workerData as WorkerSetting;
const setting = settingOf(world, predictor);

parentPort?.on('message', ({ from, to }: Ask) => {
  const indices = Array.from({ length: to - from }, (_, i) => from + i);
  const answer: Answer = { from, results: indices.map((index) => arms.map((arm) => playBatch(setting, seed, index, arm))) };
  parentPort?.postMessage(answer);
});
