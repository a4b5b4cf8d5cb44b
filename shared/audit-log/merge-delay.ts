/**
 * An accepted event is under a published checkpoint within this time, when a quorum of witnesses answers (issue: merged in at most 60 s). It is the sum of the three below and of
 * some seconds for the clock of the schedule, the start of the function and its writes; a test holds the sum.
 */
export const MAXIMUM_MERGE_SECONDS = 60;

/** A run of the sequencer begins this often: with the schedule, which knows whole minutes only, and once more from a queue that holds each of its messages back for so long. */
export const RUN_EVERY_SECONDS = 30;
/** A run takes events in for so long, then publishes; the rest is the next run's. */
export const TAKE_IN_SECONDS = 15;
/** All a run waits for its witnesses, whatever they do. */
export const WITNESS_SECONDS = 8;
/** What is left for everything else. */
export const OVERHEAD_SECONDS = MAXIMUM_MERGE_SECONDS - RUN_EVERY_SECONDS - TAKE_IN_SECONDS - WITNESS_SECONDS;
