import type { Intervention } from './ledger.ts';

/** What the equipment published of the metric that was set, in order of time. Values that are missing are NaN. */
export type Reported = Readonly<{ times: readonly number[]; values: readonly number[] }>;
/** A value the equipment has, and since when it says so (RFC 3339). */
export type Observed = Readonly<{ value: number; at: string }>;

/** An equipment's clock may be behind ours by this much: what it dates shortly before the command may be its answer. */
export const CLOCK_TOLERANCE_MS = 60_000;
/** A sample reaches its reader some time after it was taken: queue, batch window, segment. A time-out waits for it. */
export const TELEMETRY_LAG_MS = 60_000;

const isSame = (a: number | undefined, b: number): boolean => a !== undefined && Math.fround(a) === Math.fround(b);

/**
 * What the equipment's telemetry says of a command. The first report of the value sent confirms it. Reports of the value from before say nothing: they were on their way, or nothing
 * was done, which a time-out says. Once its time is over, a value that is neither the one sent nor the one from before is a command misapplied.
 *
 * @param reported from well before the command on, all there is
 * @returns undefined while nothing can be said
 */
export const observedAnswer = ({ sentAt, value, acknowledgeBy }: Pick<Intervention, 'sentAt' | 'value' | 'acknowledgeBy'>, { times, values }: Reported, nowEpochMs: number): Observed | undefined => {
  const sent = Date.parse(sentAt);
  const known = times.map((time, i) => ({ time, value: values[i] ?? Number.NaN })).filter((sample) => Number.isFinite(sample.value));
  const before = known.findLast(({ time }) => time <= sent - CLOCK_TOLERANCE_MS)?.value;
  // Where it had this value already, a report dated before the command is none of an answer.
  const from = isSame(before, value) ? sent : sent - CLOCK_TOLERANCE_MS;
  const confirmed = known.find((sample) => sample.time > from && isSame(sample.value, value));
  const isOver = nowEpochMs > Date.parse(acknowledgeBy) + TELEMETRY_LAG_MS;
  const answer = confirmed ?? (isOver && before !== undefined ? known.findLast((sample) => sample.time > sent && !isSame(before, sample.value)) : undefined);
  return answer === undefined ? undefined : { value: answer.value, at: new Date(answer.time).toISOString() };
};
