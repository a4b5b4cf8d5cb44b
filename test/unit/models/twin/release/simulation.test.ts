import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSimulation, openStation, type Flow, type Service } from '../../../../../models/twin/release/simulation.ts';
import { openRuns } from '../../../../../models/twin/release/site.ts';

const OFFICE = { weekday: { fromHour: 8, toHour: 17 } };
const tasks = fc.array(fc.record({ arrives: fc.double({ min: 0, max: 20_000, noNaN: true }), minutes: fc.double({ min: 0, max: 900, noNaN: true }) }), { minLength: 1, maxLength: 40 });
type Tasks = readonly Readonly<{ arrives: number; minutes: number }>[];

const serveAll = (list: Tasks, capacity: number): Readonly<{ ends: readonly (number | undefined)[]; services: readonly Service[] }> => {
  const services: Service[] = [];
  const simulation = createSimulation((service) => services.push(service));
  const station = openStation('reviewers', { capacity, calendar: OFFICE });
  function* one({ arrives, minutes }: Tasks[number]): Flow {
    yield { type: 'wait', untilMinute: arrives };
    yield { type: 'work', station, minutes };
  }
  const branches = list.map((task) => simulation.start(one(task)));
  simulation.run();
  return { ends: branches.map(({ endsMinute }) => endsMinute), services };
};

describe('a station', () => {
  it('serves every task once, first come first served, and does not forget one', () => {
    fc.assert(fc.property(tasks, fc.integer({ min: 1, max: 4 }), (list, capacity) => {
      const { ends, services } = serveAll(list, capacity);
      expect(services).toHaveLength(list.length);
      expect(ends.every((end) => end !== undefined)).toBe(true);
      expect(services.map(({ minutes }) => minutes).sort((a, b) => a - b)).toEqual(list.map(({ minutes }) => minutes).sort((a, b) => a - b));
      for (const [i, service] of services.entries()) {
        expect(service.askedMinute).toBeGreaterThanOrEqual(services[i - 1]?.askedMinute ?? 0);
        expect(service.beginsMinute).toBeGreaterThanOrEqual(Math.max(service.askedMinute, services[i - 1]?.beginsMinute ?? 0));
      }
    }));
  });

  it('never serves more tasks at a time than it has places', () => {
    fc.assert(fc.property(tasks, fc.integer({ min: 1, max: 3 }), (list, capacity) => {
      const { services } = serveAll(list, capacity);
      for (const { beginsMinute } of services) expect(services.filter((other) => other.beginsMinute <= beginsMinute && other.endsMinute > beginsMinute).length).toBeLessThanOrEqual(capacity);
    }));
  });

  it('with one place more, ends no task later', () => {
    fc.assert(fc.property(tasks, fc.integer({ min: 1, max: 3 }), (list, capacity) => {
      const [fewer, more] = [serveAll(list, capacity).ends, serveAll(list, capacity + 1).ends];
      list.forEach((_, i) => { expect(more[i]).toBeLessThanOrEqual(fewer[i] ?? Number.NaN); });
    }));
  });
});

describe('a simulation', () => {
  it('goes on with a flow when the one it meets has ended, also when that was before', () => {
    const simulation = createSimulation();
    function* until(minute: number): Flow { yield { type: 'wait', untilMinute: minute }; }
    const [early, late] = [simulation.start(until(10)), simulation.start(until(500))];
    function* follow(): Flow {
      yield { type: 'wait', untilMinute: 100 };
      expect(yield { type: 'meet', branch: early }).toBe(100);
      expect(yield { type: 'meet', branch: late }).toBe(500);
    }
    const branch = simulation.start(follow());
    simulation.run();
    expect(branch.endsMinute).toBe(500);
  });

  it('lets what falls on the same minute happen in the order it was put there', () => {
    const simulation = createSimulation();
    const seen: number[] = [];
    function* note(number: number): Flow {
      seen.push(number);
      yield { type: 'wait', untilMinute: 60 };
      seen.push(number);
    }
    for (const number of [0, 1, 2, 3, 4]) simulation.start(note(number));
    simulation.run();
    expect(seen).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
  });

  it('refuses a branch of another simulation', () => {
    const simulation = createSimulation();
    function* meet(): Flow { yield { type: 'meet', branch: { endsMinute: undefined } }; }
    simulation.start(meet());
    expect(() => { simulation.run(); }).toThrow('branch: got one of another simulation');
  });
});

describe('runs of an instrument', () => {
  it('take what waits up to their places, and the rest the next time', () => {
    const runs = openRuns({ at: { days: [0, 1, 2, 3, 4], hour: 13 }, places: 2, minutes: 60 });
    expect([0, 10, 20].map((minute) => runs.book(minute))).toEqual([14 * 60, 14 * 60, 1440 + 14 * 60]);
  });
});
