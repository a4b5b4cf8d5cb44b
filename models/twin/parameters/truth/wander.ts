import { streamOf } from '../../../random/streams.ts';
import { normalAt } from '../../../random/counter.ts';
import type { BatchRun } from '../run.ts';

/** How a quantity moves on its own: `sd` of its slow fluctuation with one independent value every `everyMinutes`, straight lines between. */
export type Wander = Readonly<{ sd: number; everyMinutes: number }>;

/**
 * Slow fluctuation around 0, from a stream of its own: a batch meets the same room in every arm.
 *
 * @param purpose names the stream
 * @param out     added to, minute by minute
 */
export const addWander = ({ batch, points }: BatchRun, purpose: string, { sd, everyMinutes }: Wander, out: Float64Array): void => {
  const key = streamOf(batch.seed, batch.index, `room/${purpose}`).below(2 ** 32) | 0;
  for (let knot = 0; knot * everyMinutes < points; knot += 1) {
    const [from, to] = [knot * everyMinutes, Math.min(points, (knot + 1) * everyMinutes)];
    const start = sd * normalAt(key, knot);
    const slope = (sd * normalAt(key, knot + 1) - start) / everyMinutes;
    for (let minute = from; minute < to; minute += 1) out[minute] = (out[minute] ?? 0) + start + slope * (minute - from);
  }
};
