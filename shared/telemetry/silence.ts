import { MINUTE_MS } from './minute.ts';
import type { Series } from './series.ts';

/** Epoch ms, `toEpochMs` exclusive. */
export type Stretch = Readonly<{ fromEpochMs: number; toEpochMs: number }>;

/** How long a critical parameter may be without a good sample where the master batch record does not say: longer than sensors drop out in the ordinary way, shorter than a culture takes to come to harm (ADR 0030). */
export const LONGEST_SILENCE_MINUTES = 15;
export const longestSilenceMs = ({ longestSilenceMinutes = LONGEST_SILENCE_MINUTES }: Readonly<{ longestSilenceMinutes?: number }>): number => longestSilenceMinutes * MINUTE_MS;

/**
 * Follow a series and find where it had no good sample for too long. Null, bad quality, NaN and infinities are no measurement.
 *
 * @param series       samples in time order, all at or after `sinceEpochMs`
 * @param sinceEpochMs the last good sample before them, or the beginning of the time in which there should be some
 * @param longestMs    longest time without a good sample that is no silence
 * @returns silences that ended, in order, and the last good sample; a silence that lasts is up to the caller, who knows where the time ends
 */
export const followSilence = ({ times, values }: Series, sinceEpochMs: number, longestMs: number): Readonly<{ silences: readonly Stretch[]; sinceEpochMs: number }> => {
  const silences: Stretch[] = [];
  let last = sinceEpochMs;
  times.forEach((time, i) => {
    if (!Number.isFinite(values[i])) return;
    if (time - last > longestMs) silences.push({ fromEpochMs: last, toEpochMs: time });
    last = Math.max(last, time);
  });
  return { silences, sinceEpochMs: last };
};

/** How much of a stretch lies in none of the others, ms. */
export const uncoveredMs = ({ fromEpochMs, toEpochMs }: Stretch, others: readonly Stretch[]): number => {
  let [at, uncovered] = [fromEpochMs, 0];
  for (const other of others.toSorted((a, b) => a.fromEpochMs - b.fromEpochMs)) {
    uncovered += Math.max(0, Math.min(other.fromEpochMs, toEpochMs) - at);
    at = Math.max(at, Math.min(other.toEpochMs, toEpochMs));
  }
  return uncovered + toEpochMs - at;
};
