import type { Retrier } from './asl.ts';

const DEFAULT_INTERVAL_SECONDS = 1;
const DEFAULT_BACKOFF = 2;
export const DEFAULT_ATTEMPTS = 3;

/** Errors that end an execution whatever a state says. */
const TERMINAL = new Set(['States.Runtime', 'States.DataLimitExceeded']);

/** Does a retrier or catcher with these names take this error? */
export const catches = (names: readonly string[], error: string): boolean =>
  names.includes(error) || (!TERMINAL.has(error) && (names.includes('States.ALL') || (names.includes('States.TaskFailed') && error !== 'States.Timeout')));

/** Full jitter is any time up to the delay; half of it is as good as any here, and repeatable. */
export const delayMs = ({ IntervalSeconds = DEFAULT_INTERVAL_SECONDS, BackoffRate = DEFAULT_BACKOFF, MaxDelaySeconds = Infinity, JitterStrategy }: Retrier, made: number): number =>
  Math.min(IntervalSeconds * BackoffRate ** made, MaxDelaySeconds) * 1000 * (JitterStrategy === 'FULL' ? 0.5 : 1);
