import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWorkingDay, nextInstant, workBegins, workEnds } from '../../../../../models/twin/release/calendar.ts';
import { REVIEW_MODES, type Job, type ReviewMode } from '../../../../../models/twin/release/job.ts';
import { ReleaseProcess } from '../../../../../models/twin/release/process.ts';
import { releaseTimes, type ReleaseTime } from '../../../../../models/twin/release/release.ts';
import { startsOf } from '../../../../../models/twin/release/arrivals.ts';
import type { Service } from '../../../../../models/twin/release/simulation.ts';
import { jobsOf, PROCESS } from './process.ts';

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const FEW = { numRuns: 12 };
const ONE: Job = { index: 0, siteIndex: 0, startDay: 0, harvestHour: 240, deviations: 0, interventions: 0, failed: false };
const servicesOf = (process: ReleaseProcess, job: Job, mode: ReviewMode): readonly Service[] => {
  const services: Service[] = [];
  releaseTimes(process, [job], mode, 1, (service) => services.push(service));
  return services;
};
const mean = (times: readonly ReleaseTime[]): number => {
  const days = times.flatMap(({ releasedAtDays }) => releasedAtDays ?? []);
  return days.reduce((sum, value) => sum + value, 0) / days.length;
};
const withPlaces = (factor: number): ReleaseProcess => ({
  ...PROCESS,
  stations: Object.fromEntries(Object.entries(PROCESS.stations).map(([name, station]) => [name, { ...station, capacity: station.capacity * factor }])) as ReleaseProcess['stations'],
});

describe.each(REVIEW_MODES)('release under %s review', (mode) => {
  it('gives the same times for the same seed, in whatever order the jobs come', () => {
    fc.assert(fc.property(seeds, (seed) => {
      const jobs = jobsOf(40, seed);
      const times = releaseTimes(PROCESS, jobs, mode, seed);
      expect(releaseTimes(PROCESS, jobs, mode, seed)).toEqual(times);
      expect(releaseTimes(PROCESS, [...jobs].reverse(), mode, seed)).toEqual([...times].reverse());
    }), FEW);
  });

  it('serves batches that come at the same minute in the order of their index, in whatever order the jobs come', () => {
    const jobs = Array.from({ length: 8 }, (_, index) => ({ ...ONE, index }));
    expect(releaseTimes(PROCESS, [...jobs].reverse(), mode, 1)).toEqual([...releaseTimes(PROCESS, jobs, mode, 1)].reverse());
  });

  it('releases each batch after its harvest by stages that sum to the whole, and rejects the failed without a time', () => {
    fc.assert(fc.property(seeds, (seed) => {
      const jobs = jobsOf(60, seed);
      releaseTimes(PROCESS, jobs, mode, seed).forEach(({ index, releasedAtDays, stages }, i) => {
        expect(index).toBe(jobs[i]?.index);
        expect(releasedAtDays === undefined).toBe(jobs[i]?.failed);
        if (stages === undefined) return;
        expect(Object.values(stages).reduce((sum, days) => sum + days, 0)).toBeCloseTo(releasedAtDays, 9);
        expect(Math.min(...Object.values(stages))).toBeGreaterThanOrEqual(0);
        expect(stages.manufactureDays).toBe(10);
        expect(releasedAtDays).toBeGreaterThan(10);
      });
    }), FEW);
  });

  it('does nothing outside the hours of who does it', () => {
    const services: Service[] = [];
    releaseTimes(PROCESS, jobsOf(120), mode, 1, (service) => services.push(service));
    expect(new Set(services.map(({ station }) => station.replace(/^site \d+ /u, ''))).size).toBe(6);
    for (const { station, beginsMinute, endsMinute, minutes } of services) {
      const calendars = { operators: PROCESS.stations.operators, analysts: PROCESS.stations.analysts, cytometer: PROCESS.stations.cytometer, reviewers: PROCESS.stations.reviewers, qualifiedPerson: PROCESS.stations.qualifiedPerson, 'external analysts': PROCESS.stations.externalAnalysts };
      const { calendar } = calendars[station.replace(/^site \d+ /u, '') as keyof typeof calendars];
      expect(workBegins(calendar, beginsMinute)).toBe(beginsMinute);
      expect(workEnds(calendar, beginsMinute, minutes)).toBeCloseTo(endsMinute, 6);
      const day = Math.floor(endsMinute / 1440);
      const window = isWorkingDay(day) ? calendar.weekday : calendar.weekend;
      expect(endsMinute - day * 1440).toBeLessThanOrEqual((window?.toHour ?? 0) * 60);
    }
  });

  it('with places for everyone, releases no batch later than when batches wait for each other', () => {
    fc.assert(fc.property(seeds, (seed) => {
      const jobs = jobsOf(60, seed);
      const [crowded, free] = [releaseTimes(PROCESS, jobs, mode, seed), releaseTimes(withPlaces(1000), jobs, mode, seed)];
      free.forEach(({ releasedAtDays }, i) => { if (releasedAtDays !== undefined) expect(releasedAtDays).toBeLessThanOrEqual((crowded[i]?.releasedAtDays ?? 0) + 1e-9); });
    }), FEW);
  });

  it('makes the mean no longer when everyone is doubled, on the same draws', () => {
    for (const seed of [1, 2, 3]) expect(mean(releaseTimes(withPlaces(2), jobsOf(150, seed), mode, seed))).toBeLessThanOrEqual(mean(releaseTimes(PROCESS, jobsOf(150, seed), mode, seed)));
  });

  it('certifies after the release meeting where there is a deviation, and without one where there is none', () => {
    const askedAt = (deviations: number): number => servicesOf(PROCESS, { ...ONE, deviations }, mode).find(({ station }) => station === 'site 0 qualifiedPerson')?.askedMinute ?? Number.NaN;
    const { at, minutes } = PROCESS.meeting;
    expect(nextInstant(at, askedAt(1) - minutes)).toBe(askedAt(1) - minutes);
    expect(nextInstant(at, askedAt(0) - minutes)).not.toBe(askedAt(0) - minutes);
  });

  it('certifies nothing before the last result of the sample in process', () => {
    const { mycoplasma } = PROCESS.tests;
    const late: ReleaseProcess = { ...PROCESS, tests: { ...PROCESS.tests, mycoplasma: { ...mycoplasma, transitMinutes: { kind: 'uniform', low: 20 * 1440, high: 20 * 1440 } } } };
    const [time] = releaseTimes(late, [ONE], mode, 1);
    expect(time?.releasedAtDays).toBeGreaterThan(8 + 20);
    expect(time?.stages?.testingDays).toBeGreaterThan(18);
  });

  it('certifies nothing before sterility is read, so many hours after the sample', () => {
    const { sterility, inProcessSample } = PROCESS.tests;
    const late: ReleaseProcess = { ...PROCESS, tests: { ...PROCESS.tests, sterility: { ...sterility, interimHours: 30 * 24 } } };
    const sampled = (ONE.harvestHour - inProcessSample.beforeHarvestHours) / 24;
    const [time] = releaseTimes(late, [ONE], mode, 1);
    expect(time?.releasedAtDays).toBeGreaterThan(sampled + 30);
    expect(time?.releasedAtDays).toBeLessThan(sampled + 30 + 5);
  });

  it('has the result that failed a batch written up and assessed', () => {
    const reviewers = (failed: boolean): number => servicesOf(PROCESS, { ...ONE, failed }, mode).filter(({ station }) => station === 'site 0 reviewers').length;
    expect(reviewers(true)).toBe(reviewers(false) + 1);
    expect(servicesOf(PROCESS, { ...ONE, failed: true }, mode).some(({ station }) => station === 'site 0 qualifiedPerson')).toBe(false);
  });

  it('makes batches that come together wait for each other', () => {
    const alone = mean(releaseTimes(PROCESS, [ONE], mode, 1));
    const crowd = releaseTimes(PROCESS, Array.from({ length: 12 }, (_, index) => ({ ...ONE, index })), mode, 1);
    expect(mean(crowd)).toBeGreaterThan(alone);
    const apart = releaseTimes(PROCESS, Array.from({ length: 12 }, (_, index) => ({ ...ONE, index, startDay: 28 * index })), mode, 1);
    expect(mean(apart)).toBeLessThan(mean(crowd));
  });
});

describe('review by exception', () => {
  it('never reads more entries than manual review, of the same record with the same errors', () => {
    fc.assert(fc.property(seeds, (seed) => {
      const jobs = jobsOf(40, seed);
      const [manual, exceptional] = [releaseTimes(PROCESS, jobs, 'manual', seed), releaseTimes(PROCESS, jobs, 'by-exception', seed)];
      exceptional.forEach((time, i) => {
        expect(time.entries).toBe(manual[i]?.entries);
        expect(time.read).toBeLessThanOrEqual(manual[i]?.read ?? 0);
        expect(time.returned + time.unseen).toBeLessThanOrEqual(manual[i]?.returned ?? 0);
      });
      manual.forEach(({ read, entries, unseen }) => { expect([read, unseen]).toEqual([entries, 0]); });
    }), FEW);
  });

  it('is manual review in time too, when nothing can be checked and everything is an exception', () => {
    const blind: ReleaseProcess = { ...PROCESS, documentation: { ...PROCESS.documentation, detectedShare: 0, exceptionShare: 1 }, review: { ...PROCESS.review, manualAwaitsResults: false } };
    expect(releaseTimes(blind, jobsOf(60), 'by-exception', 1)).toEqual(releaseTimes(blind, jobsOf(60), 'manual', 1));
  });

  it('reads every deviation and intervention in full', () => {
    const [plain, eventful] = [0, 2].map((count) => releaseTimes(PROCESS, [{ ...ONE, deviations: count, interventions: count }], 'by-exception', 1)[0]);
    expect((eventful?.read ?? 0) - (plain?.read ?? 0)).toBe(2 * (PROCESS.record.entriesPerDeviation + PROCESS.record.entriesPerIntervention));
  });

  it('leaves what a blind check misses in entries nobody reads, and counts it', () => {
    const blind: ReleaseProcess = { ...PROCESS, documentation: { errorShare: 0.2, detectedShare: 0, exceptionShare: 0, summaryEntries: 0 } };
    expect(releaseTimes(blind, jobsOf(5), 'by-exception', 1).every(({ unseen }) => unseen > 0)).toBe(true);
  });
});

describe('the work of reviewers', () => {
  const faultless: ReleaseProcess = { ...PROCESS, documentation: { ...PROCESS.documentation, errorShare: 0 } };
  const minutesOf = (process: ReleaseProcess, mode: ReviewMode): number => servicesOf(process, ONE, mode).filter(({ station }) => station === 'site 0 reviewers').reduce((sum, { minutes }) => sum + minutes, 0);
  const readOf = (process: ReleaseProcess, mode: ReviewMode): ReleaseTime => releaseTimes(process, [ONE], mode, 1)[0]!;

  it.each(REVIEW_MODES)('is the entries that are read, each as long as the process says: %s', (mode) => {
    const slow = { ...faultless, review: { ...PROCESS.review, minutesPerEntry: 2 * PROCESS.review.minutesPerEntry } };
    expect(minutesOf(faultless, mode)).toBeCloseTo(readOf(faultless, mode).read * PROCESS.review.minutesPerEntry, 9);
    expect(minutesOf(slow, mode)).toBeCloseTo(2 * minutesOf(faultless, mode), 9);
  });
  it.each(REVIEW_MODES)('is more by what was sent back, read once again each time: %s', (mode) => {
    const careless: ReleaseProcess = { ...PROCESS, documentation: { ...PROCESS.documentation, errorShare: 0.2, detectedShare: 0.5 } };
    const { read, returned } = readOf(careless, mode);
    expect(returned).toBeGreaterThan(1);
    expect(minutesOf(careless, mode) / PROCESS.review.minutesPerEntry).toBeGreaterThanOrEqual(read + returned - 1e-9);
    expect(minutesOf(careless, mode) / PROCESS.review.minutesPerEntry).toBeLessThan(read + 2 * returned);
  });
  it('is a fraction by exception of what it is when everything is read', () => { expect(minutesOf(faultless, 'by-exception')).toBeLessThan(0.3 * minutesOf(faultless, 'manual')); });
});

describe('entries that are wrong', () => {
  const careless: ReleaseProcess = { ...PROCESS, documentation: { ...PROCESS.documentation, errorShare: 0.5 } };
  const faultless: ReleaseProcess = { ...PROCESS, documentation: { ...PROCESS.documentation, errorShare: 0 } };
  const operators = (process: ReleaseProcess): number => servicesOf(process, ONE, 'manual').filter(({ station }) => station === 'site 0 operators').length;

  it('go back again as long as their correction is wrong', () => {
    expect(operators(careless)).toBeGreaterThan(8);
  });

  it('are the only ones that go back: a faultless record is handed over and read', () => {
    expect(operators(faultless)).toBe(1);
  });
});

describe('manual review that awaits the results', () => {
  it('releases no later when it need not wait, were there nobody else', () => {
    const jobs = jobsOf(40);
    const review = (manualAwaitsResults: boolean): ReleaseProcess => ({ ...withPlaces(1000), review: { ...PROCESS.review, manualAwaitsResults } });
    expect(mean(releaseTimes(review(false), jobs, 'manual', 1))).toBeLessThan(mean(releaseTimes(review(true), jobs, 'manual', 1)));
  });
});

describe('bad input', () => {
  it.each([
    [{ index: -1 }, 'jobs[1].index: got -1, want an integer from 0'], [{ index: 0 }, 'jobs[1].index: got 0, want an integer from 0 that no other job has'],
    [{ siteIndex: 99 }, 'jobs[1].siteIndex: got 99, want an integer from 0 to'], [{ startDay: 5 }, 'jobs[1].startDay: got 5, want a working day'], [{ startDay: 0.5 }, 'jobs[1].startDay: got 0.5'],
    [{ harvestHour: Number.NaN }, 'jobs[1].harvestHour: got NaN, want hours above 0'], [{ deviations: -1 }, 'jobs[1].deviations: got -1'], [{ interventions: 1.5 }, 'jobs[1].interventions: got 1.5'],
  ])('names the field of the job: %j', (damage, message) => {
    expect(() => releaseTimes(PROCESS, [ONE, { ...ONE, index: 1, ...damage }], 'manual', 1)).toThrow(message);
  });

  it.each([
    ['a day that closes before it opens', { stations: { ...PROCESS.stations, analysts: { capacity: 1, calendar: { weekday: { fromHour: 17, toHour: 8 } } } } }, 'stations.analysts.calendar.weekday'],
    ['nobody', { stations: { ...PROCESS.stations, reviewers: { ...PROCESS.stations.reviewers, capacity: 0 } } }, 'stations.reviewers.capacity'],
    ['minutes below zero', { certificationMinutes: { kind: 'normal', mean: 10, sd: 20 } }, 'certificationMinutes'],
    ['a share above one', { documentation: { ...PROCESS.documentation, detectedShare: 1.2 } }, 'documentation.detectedShare'],
    ['a figure no one knows', { extra: 1 }, 'extra'],
  ])('refuses a process with %s, by its path', (_, damage, path) => {
    const { error } = ReleaseProcess.safeParse({ ...PROCESS, ...damage });
    expect(error?.issues.map((issue) => [...issue.path, ...('keys' in issue ? issue.keys : [])].join('.'))).toContain(path);
  });
});

describe('starts of a trial', () => {
  it('lie on the start days of the sites, at most one a day and site, and do not depend on how many follow', () => {
    fc.assert(fc.property(seeds, (seed) => {
      const starts = startsOf(PROCESS, seed, 120);
      expect(starts.every(({ startDay }) => PROCESS.arrivals.startWeekdays.includes(startDay % 7))).toBe(true);
      expect(new Set(starts.map(({ siteIndex, startDay }) => `${siteIndex}/${startDay}`)).size).toBe(120);
      expect(startsOf(PROCESS, seed, 50)).toEqual(starts.slice(0, 50));
    }), FEW);
  });

  it('come as often as the process says', () => {
    const starts = startsOf({ ...PROCESS, arrivals: { sites: 1, startsPerSiteWeek: 1, startWeekdays: [0, 1, 2, 3, 4] } }, 7, 1000);
    const weeks = (starts.at(-1)?.startDay ?? 0) / 7;
    expect(weeks).toBeGreaterThan(900);
    expect(weeks).toBeLessThan(1150);
  });
});
