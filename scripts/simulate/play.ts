import type { Arm, BatchResult } from '../../models/twin/trial/result.ts';
import type { Crew } from './crew.ts';
import type { Briefing, Range } from './task.ts';

/** Results by arm; readings of all sensors, and how many of them a sensor did not give, when asked for. */
export type Played = Readonly<{ byArm: ReadonlyMap<Arm, readonly BatchResult[]>; readings: number; missing: number }>;

/** Batches handed to a worker at a time, at most; and parts into which each worker's share of what is left is cut, so that none is left alone with a long last one. */
const [CHUNK, PARTS] = [5, 8] as const;

/** Batches 0 up to `batches` in pieces of at most `most`, smaller towards the end, down to one. */
export const piecesOf = (batches: number, workers: number, most: number = CHUNK): readonly Range[] => {
  const pieces: Range[] = [];
  for (let from = 0; from < batches;) {
    const to = from + Math.min(most, Math.ceil((batches - from) / (PARTS * Math.max(1, workers))));
    pieces.push({ from, to });
    from = to;
  }
  return pieces;
};

/**
 * Play every batch in every arm. Results do not depend on the number of workers or on which took what.
 *
 * @param onDone told how many batches are done after each piece
 * @throws what a worker threw
 */
export const playAll = async (crew: Crew, briefing: Briefing, batches: number, workers: number, onDone: (done: number) => void): Promise<Played> => {
  crew.brief(briefing);
  let done = 0;
  const played = await Promise.all(piecesOf(batches, workers).map(async (piece) => {
    const answer = await crew.ask('played', piece);
    done += answer.results.length;
    onDone(done);
    return answer;
  }));
  const byBatch = played.flatMap(({ results }) => results);
  const sum = (figure: 'readings' | 'missing'): number => played.reduce((total, each) => total + each[figure], 0);
  return { byArm: new Map(briefing.arms.map((arm, i) => [arm, byBatch.flatMap((results) => results[i] ?? [])])), readings: sum('readings'), missing: sum('missing') };
};
