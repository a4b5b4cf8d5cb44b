import { readFileSync } from 'node:fs';
import type { Job } from '../../../../../models/twin/release/job.ts';
import { startsOf } from '../../../../../models/twin/release/arrivals.ts';
import { World } from '../../../../../models/twin/worlds/world.ts';

/** A shipped world; its figures are assumptions and fits, so that tests take its shape and never its values. */
export const worldOf = (name: 'stress' | 'published'): World => World.parse(JSON.parse(readFileSync(new URL(`../../../../../models/twin/worlds/${name}.json`, import.meta.url), 'utf8')));
export const PROCESS = worldOf('stress').release;

/** Jobs of a trial: every third batch has a deviation, every seventh fails. */
export const jobsOf = (count: number, seed = 1, process = PROCESS): readonly Job[] =>
  startsOf(process, seed, count).map((start, index) => ({ index, ...start, harvestHour: 240, deviations: index % 3 === 0 ? 1 : 0, interventions: index % 5 === 0 ? 1 : 0, failed: index % 7 === 6 }));
