import * as z from 'zod';
import { Distribution } from '../draw/distribution.ts';

const share = z.number().min(0).max(1);
const positive = z.number().positive();
const count = z.int().nonnegative();
const hourOfDay = z.number().min(0).max(24);

/** Minutes that differ from time to time and are never negative. */
const Minutes = Distribution.refine((minutes) => minutes.kind === 'lognormal' || (minutes.low ?? -1) >= 0, 'want minutes that are never negative: lognormal, or with low of 0 or more');

const Window = z.strictObject({ fromHour: hourOfDay, toHour: hourOfDay }).refine(({ fromHour, toHour }) => fromHour < toHour, 'want fromHour before toHour');

/** When people and benches work: hours of Monday to Friday, and of Saturday and Sunday where there is an on-call service. */
export const Calendar = z.strictObject({ weekday: Window, weekend: Window.optional() });
export type Calendar = z.infer<typeof Calendar>;

/** Instants of the week: days counted from Monday, 0, and the hour. */
export const Instants = z.strictObject({ days: z.array(z.int().min(0).max(6)).min(1), hour: hourOfDay });
export type Instants = z.infer<typeof Instants>;

const Station = z.strictObject({ capacity: z.int().positive(), calendar: Calendar });
export type StationFigures = z.infer<typeof Station>;

/** An instrument that runs at set times with all samples that wait, up to its places. */
const Runs = z.strictObject({ at: Instants, places: z.int().positive(), minutes: positive });
export type RunFigures = z.infer<typeof Runs>;

const Tests = z.strictObject({
  flow: z.strictObject({ preparationMinutes: Minutes, acquisitionMinutes: Minutes, analysisMinutes: Minutes }),
  copies: z.strictObject({ extractionMinutes: Minutes, run: Runs, analysisMinutes: Minutes }),
  endotoxin: z.strictObject({ benchMinutes: Minutes }),
  potency: z.strictObject({ setUpMinutes: Minutes, incubationMinutes: positive, readOutMinutes: Minutes }),
  /** The last sample in process, from which sterility and mycoplasma are tested for release; those of the harvest itself confirm later (staged release). */
  inProcessSample: z.strictObject({ beforeHarvestHours: z.number().nonnegative() }),
  /** Growth-based rapid method; the interim reading lets a batch be certified while incubation goes on. */
  sterility: z.strictObject({ interimHours: positive, readingMinutes: Minutes }),
  /** Nucleic acid test at an external laboratory that all sites share. */
  mycoplasma: z.strictObject({ packingMinutes: Minutes, pickUp: Instants, transitMinutes: Minutes, extractionMinutes: Minutes, run: Runs, reportMinutes: Minutes }),
});

/**
 * How a batch gets from harvest to certification: who works when, how long each test and each reading takes. Block `release` of a world.
 *
 * Both ways of review share every figure here; what differs is written in review.ts.
 */
export const ReleaseProcess = z.strictObject({
  /** Where each figure comes from, by its path: `assumed: …`, `published: …` or `fitted: …`. */
  notes: z.record(z.string(), z.string().min(1)),
  activationHour: hourOfDay,
  /** Patients of each site; a process starts on one of `startWeekdays`, counted from Monday, 0. */
  arrivals: z.strictObject({ sites: z.int().positive(), startsPerSiteWeek: positive, startWeekdays: z.array(z.int().min(0).max(4)).min(1) }),
  stations: z.strictObject({ operators: Station, analysts: Station, cytometer: Station, reviewers: Station, qualifiedPerson: Station, externalAnalysts: Station }),
  tests: Tests,
  /** What the batch record holds; the number of its entries follows from the process. */
  record: z.strictObject({ phases: count, entriesPerPhase: count, roundHours: positive, valuesPerRound: count, resultEntries: count, entriesPerDeviation: count, entriesPerIntervention: count }),
  /** Shares of entries: wrong against good documentation practice; of these, what a completeness check can see; flagged as exception. And entries always read. */
  documentation: z.strictObject({ errorShare: z.number().min(0).max(0.5), detectedShare: share, exceptionShare: share, summaryEntries: count }),
  correction: z.strictObject({ operatorAwayMinutes: Minutes, eachMinutes: positive }),
  review: z.strictObject({ minutesPerEntry: positive, handOverMinutes: Minutes, manualAwaitsResults: z.boolean() }),
  deviation: z.strictObject({ reportMinutes: Minutes, assessmentMinutes: Minutes }),
  meeting: z.strictObject({ at: Instants, minutes: positive }),
  certificationMinutes: Minutes,
});
export type ReleaseProcess = z.infer<typeof ReleaseProcess>;
