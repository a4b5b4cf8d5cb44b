import type { Generator } from '../../random/generator.ts';
import { streamOf } from '../../random/streams.ts';
import type { Job, ReviewMode } from './job.ts';
import type { ReleaseProcess } from './process.ts';

/** What a reviewer does with one part of a record: entries in it, entries read, entries sent back to who wrote them, and errors in entries that were not read. */
export type Reading = Readonly<{ entries: number; read: number; returned: number; unseen: number }>;

/** Entries a process leaves in its record: every phase, every round of readings, every deviation and intervention written up. The last two are always exceptions. */
const entriesOf = ({ record }: ReleaseProcess, { harvestHour, deviations, interventions }: Job): Readonly<{ routine: number; exceptional: number }> => ({
  routine: record.phases * record.entriesPerPhase + Math.ceil(harvestHour / record.roundHours) * record.valuesPerRound,
  exceptional: deviations * record.entriesPerDeviation + interventions * record.entriesPerIntervention,
});

/**
 * Go through entries one by one; each draws the same three numbers whichever way it is reviewed.
 *
 * By exception, an error the completeness check can see was corrected while the batch ran, and the correction is read as an exception; entries that nothing flags are not read.
 *
 * @param always entries from the first that are read whatever happens
 */
const readThrough = ({ documentation }: ReleaseProcess, entries: number, always: number, mode: ReviewMode, random: Generator): Reading => {
  let [read, returned, unseen] = [0, 0, 0];
  for (let entry = 0; entry < entries; entry += 1) {
    const wrong = random.uniform() < documentation.errorShare;
    const corrected = random.uniform() < documentation.detectedShare && wrong && mode === 'by-exception';
    const flagged = random.uniform() < documentation.exceptionShare;
    const isRead = mode === 'manual' || entry < always || flagged || corrected;
    if (isRead) read += 1;
    if (wrong && !corrected) {
      if (isRead) returned += 1; else unseen += 1;
    }
  }
  return { entries, read, returned, unseen };
};

export const together = (a: Reading, b: Reading): Reading => ({ entries: a.entries + b.entries, read: a.read + b.read, returned: a.returned + b.returned, unseen: a.unseen + b.unseen });

/** The record of manufacture and the results of the tests, as a reviewer meets them. Results, deviations and interventions are read in full in both ways. */
export const readingsOf = (process: ReleaseProcess, job: Job, mode: ReviewMode, seed: number): Readonly<{ manufacture: Reading; results: Reading }> => {
  const { routine, exceptional } = entriesOf(process, job);
  const part = (entries: number, always: number, purpose: string): Reading => readThrough(process, entries, always, mode, streamOf(seed, job.index, `release/${purpose}`));
  const { resultEntries } = process.record;
  return {
    manufacture: together(part(routine, process.documentation.summaryEntries, 'routine entries'), part(exceptional, exceptional, 'exceptional entries')),
    results: part(resultEntries, resultEntries, 'result entries'),
  };
};

/** How many of `entries` corrected entries are wrong again and have to go back once more. */
export const wrongAgain = (process: ReleaseProcess, entries: number, mode: ReviewMode, random: Generator): number => readThrough(process, entries, entries, mode, random).returned;
