import { MINUTES_PER_DAY, MINUTES_PER_HOUR, nextInstant } from './calendar.ts';
import { checkJobs, type Job, type ReviewMode } from './job.ts';
import type { ReleaseProcess } from './process.ts';
import { testHarvest, testInProcess } from './quality-control.ts';
import { readingsOf, type Reading } from './record.ts';
import { assessDeviations, reviewRecord } from './review.ts';
import { minutesFor, openSites, waitUntil, workAt, type Case } from './site.ts';
import { createSimulation, type Branch, type Flow, type Service } from './simulation.ts';

/** Days each stage adds to the way from activation to certification: what had not ended when the stage before had. They sum to the whole. */
export type Stages = Readonly<{ manufactureDays: number; testingDays: number; reviewDays: number; deviationsDays: number; certificationDays: number }>;

/** `releasedAtDays` from activation to certification by the Qualified Person; a failed batch is rejected and has none. */
export type ReleaseTime = Readonly<{ index: number; entries: number; read: number; returned: number; unseen: number }> &
  (Readonly<{ releasedAtDays: number; stages: Stages }> | Readonly<{ releasedAtDays: undefined; stages: undefined }>);

type Marks = { harvestMinute: number; testedMinute: number; reviewedMinute: number; settledMinute: number; certifiedMinute: number };

function* allResults(harvest: Flow, inProcess: Branch): Flow {
  yield* harvest;
  yield { type: 'meet', branch: inProcess };
}

/** One batch from harvest to disposition. Deviations go to the release meeting; a failed batch ends after its review. */
function* disposition(batch: Case, mode: ReviewMode, readings: Readonly<{ manufacture: Reading; results: Reading }>, activatedMinute: number, marks: Marks): Flow {
  const { process, job, simulation } = batch;
  const harvestMinute = activatedMinute + job.harvestHour * MINUTES_PER_HOUR;
  const inProcess = simulation.start(testInProcess(batch, harvestMinute));
  marks.harvestMinute = yield waitUntil(harvestMinute);
  const tested = simulation.start(allResults(testHarvest(batch), inProcess));
  const assessed = simulation.start(assessDeviations(batch, tested));
  const reviewed = simulation.start(reviewRecord(batch, readings, mode, tested));
  marks.testedMinute = yield { type: 'meet', branch: tested };
  marks.reviewedMinute = yield { type: 'meet', branch: reviewed };
  marks.settledMinute = yield { type: 'meet', branch: assessed };
  if (job.failed) return;
  if (job.deviations > 0) marks.settledMinute = yield waitUntil(nextInstant(process.meeting.at, marks.settledMinute) + process.meeting.minutes);
  marks.certifiedMinute = yield workAt(batch, 'qualifiedPerson', minutesFor(batch, process.certificationMinutes, 'certification'));
}

const stagesOf = ({ harvestMinute, testedMinute, reviewedMinute, settledMinute, certifiedMinute }: Marks, activatedMinute: number): Stages => {
  const days = (minutes: number): number => minutes / MINUTES_PER_DAY;
  return { manufactureDays: days(harvestMinute - activatedMinute), testingDays: days(testedMinute - harvestMinute), reviewDays: days(reviewedMinute - testedMinute), deviationsDays: days(settledMinute - reviewedMinute), certificationDays: days(certifiedMinute - settledMinute) };
};

const startCase = (batch: Case, mode: ReviewMode): Readonly<{ branch: Branch; result: () => ReleaseTime }> => {
  const { process, job, seed } = batch;
  const { manufacture, results } = readingsOf(process, job, mode, seed);
  const activatedMinute = job.startDay * MINUTES_PER_DAY + process.activationHour * MINUTES_PER_HOUR;
  const marks: Marks = { harvestMinute: 0, testedMinute: 0, reviewedMinute: 0, settledMinute: 0, certifiedMinute: 0 };
  const branch = batch.simulation.start(disposition(batch, mode, { manufacture, results }, activatedMinute, marks));
  const base = { index: job.index, entries: manufacture.entries + results.entries, read: manufacture.read + results.read, returned: manufacture.returned + results.returned, unseen: manufacture.unseen + results.unseen };
  const result = (): ReleaseTime => job.failed
    ? { ...base, releasedAtDays: undefined, stages: undefined }
    : { ...base, releasedAtDays: (marks.certifiedMinute - activatedMinute) / MINUTES_PER_DAY, stages: stagesOf(marks, activatedMinute) };
  return { branch, result };
};

/**
 * When each batch of a network is released: all of them go through tests, review, deviations and certification together, and wait for each other.
 *
 * @param jobs    in any order; the answer has their order
 * @param mode    how records are reviewed; every figure and every draw is shared by both ways
 * @param seed    of the trial, integer in [0, 2^32)
 * @param observe told of each piece of work, for those who want to see the queues
 * @throws RangeError naming the field of the job that is wrong
 */
export const releaseTimes = (process: ReleaseProcess, jobs: readonly Job[], mode: ReviewMode, seed: number, observe?: (service: Service) => void): readonly ReleaseTime[] => {
  checkJobs(process, jobs);
  const simulation = createSimulation(observe);
  const sites = openSites(process);
  const cases = new Map<number, () => ReleaseTime>();
  for (const job of [...jobs].sort((a, b) => a.index - b.index)) {
    const site = sites[job.siteIndex];
    if (site !== undefined) cases.set(job.index, startCase({ process, simulation, site, job, seed }, mode).result);
  }
  simulation.run();
  return jobs.flatMap(({ index }) => cases.get(index)?.() ?? []);
};
