import { isOpen, type Training } from './coordination.ts';

/** Hospitals look each minute; the first looks of a step are at that pace. */
const SHORTEST_SECONDS = 15;
const LONGEST_SECONDS = 900;
/** Of the time a step has taken so far: who did not answer in an hour will hardly do so in the next seconds. */
const PART = 4;
/** Longer than the longest pause between two looks: whatever moves runs on has stopped doing so. */
const OVERDUE_MS = 2 * LONGEST_SECONDS * 1000;

type Paced = Pick<Training, 'attempt' | 'joinUntilEpochMs' | 'startedAtEpochMs' | 'answerWithinMs'>;

/** When the step a run is in began, and when it is over. */
const stepOf = ({ attempt, joinUntilEpochMs, startedAtEpochMs, answerWithinMs }: Paced) => (attempt === undefined
  ? { beganEpochMs: startedAtEpochMs, endsEpochMs: joinUntilEpochMs } : { beganEpochMs: attempt.closesAtEpochMs - answerWithinMs, endsEpochMs: attempt.closesAtEpochMs });

/**
 * Until the next look at a run: short at first, then a quarter of the time the step has taken, and not past its end. Each look leaves some nine events in the history of an execution, which has room for 25,000; joining is open
 * for up to 14 days.
 *
 * @param graceMs after the end of a step in which what came in time still counts
 * @returns whole seconds
 * @see AWS Step Functions Developer Guide, "Service quotas" (execution event history)
 */
export const pauseSeconds = (training: Paced, graceMs: number, nowEpochMs: number): number => {
  const { beganEpochMs, endsEpochMs } = stepOf(training);
  const untilEnd = Math.floor((endsEpochMs + graceMs - nowEpochMs) / 1000) + 1;
  const quarter = Math.min(LONGEST_SECONDS, Math.floor((nowEpochMs - beganEpochMs) / (PART * 1000)));
  return Math.max(SHORTEST_SECONDS, untilEnd > 0 ? Math.min(quarter, untilEnd) : quarter);
};

/** Whether an open run should have been moved on long ago: its execution is gone. */
export const isOverdue = (training: Training, nowEpochMs: number): boolean => isOpen(training) && nowEpochMs > stepOf(training).endsEpochMs + OVERDUE_MS;
