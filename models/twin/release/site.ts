import { streamOf } from '../../random/streams.ts';
import { draw, type Distribution } from '../draw/distribution.ts';
import { nextInstant } from './calendar.ts';
import type { Job } from './job.ts';
import type { ReleaseProcess, RunFigures } from './process.ts';
import { openStation, type Demand, type Simulation, type Station } from './simulation.ts';

type StationName = keyof ReleaseProcess['stations'];
/** An instrument with set times: `book` takes a place in the next run that has one and tells when that run ends. */
export type Runs = Readonly<{ book(minute: number): number }>;

/** What the batches of one hospital compete for; the external laboratory is the same object for all. */
export type Site = Readonly<{ stations: Readonly<Record<StationName, Station>>; copiesRuns: Runs; mycoplasmaRuns: Runs }>;

/** One batch in one simulation. */
export type Case = Readonly<{ process: ReleaseProcess; simulation: Simulation; site: Site; job: Job; seed: number }>;

export const openRuns = ({ at, places, minutes }: RunFigures): Runs => {
  const taken = new Map<number, number>();
  const book = (minute: number): number => {
    let startMinute = nextInstant(at, minute);
    while ((taken.get(startMinute) ?? 0) >= places) startMinute = nextInstant(at, startMinute + 1);
    taken.set(startMinute, (taken.get(startMinute) ?? 0) + 1);
    return startMinute + minutes;
  };
  return { book };
};

/** The sites of a network with one external laboratory among them. */
export const openSites = ({ arrivals, stations, tests }: ReleaseProcess): readonly Site[] => {
  const externalAnalysts = openStation('external analysts', stations.externalAnalysts);
  const mycoplasmaRuns = openRuns(tests.mycoplasma.run);
  return Array.from({ length: arrivals.sites }, (_, index) => {
    const open = (name: StationName): Station => openStation(`site ${index} ${name}`, stations[name]);
    return {
      stations: { operators: open('operators'), analysts: open('analysts'), cytometer: open('cytometer'), reviewers: open('reviewers'), qualifiedPerson: open('qualifiedPerson'), externalAnalysts },
      copiesRuns: openRuns(tests.copies.run), mycoplasmaRuns,
    };
  });
};

/** Minutes this batch needs for one thing; the same number in both ways of review. `purpose` has to be unique within a batch. */
export const minutesFor = ({ seed, job }: Case, distribution: Distribution, purpose: string): number => draw(distribution, streamOf(seed, job.index, `release/${purpose}`));

export const workAt = ({ site }: Case, name: StationName, minutes: number): Demand => ({ type: 'work', station: site.stations[name], minutes });
export const waitUntil = (untilMinute: number): Demand => ({ type: 'wait', untilMinute });
