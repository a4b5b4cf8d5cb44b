import { resolve, type BirthBook, type Session } from './birth.ts';
import type { Received } from './received.ts';
import { sampleOf, seriesOf, type Sample, type Series } from './series.ts';

/** Metrics of a device that are looked at, and the time in which they are: from, before. Epoch ms. */
export type Watch = Readonly<{ metrics: ReadonlySet<string>; fromEpochMs: number; toEpochMs: number }>;

const aliasesIn = (session: Session | undefined, metrics: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...session?.byAlias ?? []].flatMap(([alias, { name }]) => (metrics.has(name) ? [alias] : [])));

/**
 * Samples of a few metrics in messages of one device, each named by the session its message belongs to, as they will be read from the chunk.
 *
 * @returns a series each metric that has samples
 */
export const watchedSeries = (messages: readonly Received[], { metrics, fromEpochMs, toEpochMs }: Watch, births: BirthBook): ReadonlyMap<string, Series> => {
  const samples = new Map<string, Sample[]>();
  const aliasesBySession = new Map<Session | undefined, ReadonlySet<string>>();
  for (const { address: { deviceId, messageType }, sentAtEpochMs, metrics: sent } of messages) {
    if (messageType.endsWith('DEATH')) continue;
    const session = births.sessionAt(deviceId, sentAtEpochMs);
    const aliases = aliasesBySession.get(session) ?? aliasesIn(session, metrics);
    aliasesBySession.set(session, aliases);
    for (const metric of sent) {
      if (metric.name === undefined ? !aliases.has(metric.alias ?? '') : !metrics.has(metric.name)) continue;
      const entry = resolve(metric, session);
      const time = metric.timestampEpochMs;
      if (entry === undefined || time < fromEpochMs || time >= toEpochMs) continue;
      const own = samples.get(entry.name) ?? [];
      samples.set(entry.name, own);
      own.push(sampleOf(time, entry.datatype, metric));
    }
  }
  return new Map([...samples].map(([name, own]) => [name, seriesOf(own)]));
};
