import { Worker } from 'node:worker_threads';
import type { World } from '../../models/twin/worlds/world.ts';
import type { Answered, Asked, Briefing, Message, TaskName } from './task.ts';

/** Workers that take tasks in the order they were asked, whoever is free. A task that fails fails all that wait, and all that is asked later. */
export type Crew = Readonly<{
  /** Told to every worker before its next task. */
  brief(briefing: Briefing): void;
  /** @throws what the worker threw */
  ask<Name extends TaskName>(name: Name, asked: Asked<Name>): Promise<Answered<Name>>;
  close(): Promise<void>;
}>;

/** `answered` is a method, so that each may take the answer to its own task. */
type Waiting = Readonly<{ message: Message; answered(answer: Answered<TaskName>): void; failed(error: Error): void }>;

/**
 * Open a crew. A worker is started when there is a task for it and no other is free.
 *
 * @param most workers at a time, at least one
 */
export const openCrew = (world: World, most: number): Crew => {
  const queue: Waiting[] = [];
  const [all, free] = [new Set<Worker>(), [] as Worker[]];
  const doing = new Map<Worker, Waiting>();
  let told: Briefing | undefined;
  let broken: Error | undefined;

  const feed = (worker: Worker): void => {
    const task = queue.shift();
    if (task === undefined) {
      free.push(worker);
      return;
    }
    doing.set(worker, task);
    worker.postMessage(task.message);
  };
  const fail = (error: Error): void => {
    broken = error;
    for (const { failed } of [...doing.values(), ...queue.splice(0)]) failed(error);
    doing.clear();
  };
  const start = (): void => {
    const worker = new Worker(new URL('./play-worker.ts', import.meta.url), { workerData: { world } });
    all.add(worker);
    if (told !== undefined) worker.postMessage({ type: 'briefing', briefing: told } satisfies Message);
    worker.on('message', (answer: Answered<TaskName>) => {
      doing.get(worker)?.answered(answer);
      doing.delete(worker);
      feed(worker);
    });
    worker.on('error', fail);
    feed(worker);
  };
  return {
    brief: (briefing) => {
      told = briefing;
      for (const worker of all) worker.postMessage({ type: 'briefing', briefing } satisfies Message);
    },
    ask: (name, asked) => new Promise((answered, failed) => {
      if (broken !== undefined) throw broken;
      queue.push({ message: { type: 'task', name, asked }, answered, failed });
      const worker = free.pop();
      if (worker !== undefined) feed(worker);
      else if (all.size < Math.max(1, most)) start();
    }),
    close: async () => { await Promise.all([...all].map((worker) => worker.terminate())); },
  };
};
