import { Worker } from 'node:worker_threads';
import type { Arm, BatchResult } from '../../models/twin/trial/result.ts';
import type { Answer, Ask, WorkerSetting } from './play-worker.ts';

/** Results by arm; readings of all sensors, and how many of them a sensor did not give, when asked for. */
export type Played = Readonly<{ byArm: ReadonlyMap<Arm, readonly BatchResult[]>; readings: number; missing: number }>;

/** Batches handed to a worker at a time. */
const CHUNK = 5;

/**
 * Play every batch in every arm on several cores. Results do not depend on the number of workers or on which took what.
 *
 * @param onDone told how many batches are done after each chunk
 * @throws what a worker threw
 */
export const playAll = async (setting: WorkerSetting, batches: number, workerCount: number, onDone: (done: number) => void): Promise<Played> => {
  const byArm = new Map<Arm, BatchResult[]>(setting.arms.map((arm) => [arm, Array.from<BatchResult>({ length: batches })]));
  let [next, done] = [0, 0];
  const ask = (): Ask | undefined => {
    if (next >= batches) return undefined;
    const from = next;
    next = Math.min(batches, from + CHUNK);
    return { from, to: next };
  };
  const seen = { readings: 0, missing: 0 };
  const keep = ({ from, results, readings, missing }: Answer): void => {
    seen.readings += readings;
    seen.missing += missing;
    results.forEach((arms, i) => { arms.forEach((result) => { (byArm.get(result.arm) ?? [])[from + i] = result; }); });
    done += results.length;
    onDone(done);
  };
  const work = (): Promise<void> => new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./play-worker.ts', import.meta.url), { workerData: setting });
    const feed = (): void => {
      const job = ask();
      if (job === undefined) void worker.terminate().then(() => { resolve(); });
      else worker.postMessage(job);
    };
    worker.on('message', (answer: Answer) => { keep(answer); feed(); });
    worker.on('error', reject);
    feed();
  });
  await Promise.all(Array.from({ length: Math.max(1, Math.min(workerCount, Math.ceil(batches / CHUNK))) }, work));
  return { byArm, ...seen };
};
