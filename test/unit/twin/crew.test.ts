import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { rowsOf, trainPredictor } from '../../../models/twin/trial/predictor.ts';
import { openCrew, type Crew } from '../../../scripts/simulate/crew.ts';
import { piecesOf } from '../../../scripts/simulate/play.ts';
import { worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const crews: Crew[] = [];
const open = (most: number): Crew => {
  const crew = openCrew(world, most);
  crews.push(crew);
  return crew;
};
afterEach(async () => { await Promise.all(crews.splice(0).map((crew) => crew.close())); });

describe('pieces of a trial', () => {
  it('hold each batch once, in order, and never grow; the last are single batches', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 70 }), fc.integer({ min: 1, max: 60 }), (batches, workers, most) => {
      const pieces = piecesOf(batches, workers, most);
      const sizes = pieces.map(({ from, to }) => to - from);
      expect(pieces.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i))).toEqual(Array.from({ length: batches }, (_, i) => i));
      expect(sizes.every((size, i) => size >= 1 && size <= Math.min(most, sizes[i - 1] ?? most))).toBe(true);
      expect(sizes.at(-1) ?? 1).toBe(1);
    }));
  });
});

describe('a crew', () => {
  it('gives each who asks the answer to their own task, as one alone would find it, with fewer workers than tasks and with more', async () => {
    const alone = [rowsOf(world, 5, 0, 12), trainPredictor(rowsOf(world, 5, 0, 90))];
    for (const most of [1, 3]) {
      const crew = open(most);
      const [predictor, ...rows] = await Promise.all([crew.ask('predictor', { rows: rowsOf(world, 5, 0, 90) }), ...[0, 3, 6, 9].map((from) => crew.ask('rows', { seed: 5, from, to: from + 3 }))]);
      expect([rows.flat(), predictor]).toEqual(alone);
    }
  });

  it('fails with what a worker threw everyone who waits or asks later', async () => {
    const crew = open(1);
    const settled = await Promise.allSettled([crew.ask('predictor', { rows: [] }), crew.ask('rows', { seed: 5, from: 0, to: 1 })]);
    const wanted = new RangeError('rows: got 0 with 0 failures, 0 of them with cause solver, want at least 90 with both outcomes');
    await expect(crew.ask('rows', { seed: 5, from: 0, to: 1 })).rejects.toThrow(wanted);
    expect(settled).toEqual([{ status: 'rejected', reason: wanted }, { status: 'rejected', reason: wanted }]);
  });

  it('plays nothing before it was told with what', async () => {
    await expect(open(1).ask('played', { from: 0, to: 1 })).rejects.toThrow('played: got a task before the briefing');
  });
});
