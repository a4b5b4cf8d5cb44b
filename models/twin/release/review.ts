import { streamOf } from '../../random/streams.ts';
import type { ReviewMode } from './job.ts';
import { together, wrongAgain, type Reading } from './record.ts';
import { minutesFor, waitUntil, workAt, type Case } from './site.ts';
import type { Branch, Flow } from './simulation.ts';

const MOST_ROUNDS = 20;

/** Read a part of the record; what is wrong goes back to who wrote it, waits for them, is corrected and read again, until nothing is wrong. */
function* readAndReturn(batch: Case, reading: Reading, mode: ReviewMode, part: string): Flow {
  const { process, job, seed } = batch;
  const { minutesPerEntry } = process.review;
  const random = streamOf(seed, job.index, `release/${part} wrong again`);
  let now = yield workAt(batch, 'reviewers', reading.read * minutesPerEntry);
  let returned = reading.returned;
  for (let round = 0; returned > 0 && round < MOST_ROUNDS; round += 1) {
    yield waitUntil(now + minutesFor(batch, process.correction.operatorAwayMinutes, `${part} operator away ${round}`));
    yield workAt(batch, 'operators', returned * process.correction.eachMinutes);
    now = yield workAt(batch, 'reviewers', returned * minutesPerEntry);
    returned = wrongAgain(process, returned, mode, random);
  }
}

/**
 * Review of one batch record.
 *
 * Manufacture is read while the tests run, the results when they come. Where the process says `manualAwaitsResults`, manual review reads one folder once, when the results are in it.
 */
export function* reviewRecord(batch: Case, readings: Readonly<{ manufacture: Reading; results: Reading }>, mode: ReviewMode, tested: Branch): Flow {
  const { handOverMinutes, manualAwaitsResults } = batch.process.review;
  yield workAt(batch, 'operators', minutesFor(batch, handOverMinutes, 'hand-over'));
  if (mode === 'manual' && manualAwaitsResults) {
    yield { type: 'meet', branch: tested };
    yield* readAndReturn(batch, together(readings.manufacture, readings.results), mode, 'record');
    return;
  }
  yield* readAndReturn(batch, readings.manufacture, mode, 'manufacture');
  yield { type: 'meet', branch: tested };
  yield* readAndReturn(batch, readings.results, mode, 'results');
}

/** One deviation: written up by operators, assessed by a reviewer. */
function* assessDeviation(batch: Case, number: number): Flow {
  const { reportMinutes, assessmentMinutes } = batch.process.deviation;
  yield workAt(batch, 'operators', minutesFor(batch, reportMinutes, `deviation ${number} report`));
  yield workAt(batch, 'reviewers', minutesFor(batch, assessmentMinutes, `deviation ${number} assessment`));
}

/** All deviations of a batch; a batch that failed adds its out-of-specification result once the tests are done. */
export function* assessDeviations(batch: Case, tested: Branch): Flow {
  const { deviations, failed } = batch.job;
  const open = Array.from({ length: deviations }, (_, number) => batch.simulation.start(assessDeviation(batch, number)));
  for (const branch of open) yield { type: 'meet', branch };
  if (!failed) return;
  yield { type: 'meet', branch: tested };
  yield* assessDeviation(batch, deviations);
}
