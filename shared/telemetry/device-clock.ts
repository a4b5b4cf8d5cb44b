import { DomainError } from '../errors.ts';
import { FLAG, type Metric } from './metric.ts';
import type { RawMessage, Received } from './received.ts';
import { malformed } from './wire.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** What a gateway that was cut off may have kept, and what a birth may still say of a value that has not changed. */
const MAXIMUM_HISTORY_MS = 30 * DAY_MS;
/** No sample of any culture is older: such a number is no time in milliseconds. */
const NO_TIME_MS = 60 * DAY_MS;

type Clock = Readonly<{ receivedAtEpochMs: number; toleranceMs: number }>;

const isHistorical = ({ flags }: Pick<Metric, 'flags'>): boolean => (flags & FLAG.historical) !== 0;
const isTimely = (epochMs: number, { receivedAtEpochMs, toleranceMs }: Clock, mayBeOld: boolean): boolean =>
  epochMs <= receivedAtEpochMs + toleranceMs && epochMs >= receivedAtEpochMs - (mayBeOld ? MAXIMUM_HISTORY_MS : toleranceMs);

const refusal = (what: string, epochMs: number, { receivedAtEpochMs, toleranceMs }: Clock, mayBeOld: boolean): DomainError => {
  if (epochMs < receivedAtEpochMs - NO_TIME_MS) return malformed(`${what}: got ${epochMs}, want milliseconds since 1970, at most 60 days before ${receivedAtEpochMs}`);
  const minutes = toleranceMs / MINUTE_MS;
  const off = `${(Math.abs(epochMs - receivedAtEpochMs) / MINUTE_MS).toFixed(1)} min ${epochMs > receivedAtEpochMs ? 'ahead of' : 'behind'} the broker`;
  return new DomainError('device-clock-wrong', `${what}: got ${epochMs}, ${off}, want at most ${minutes} min ahead and at most ${mayBeOld ? '30 days behind' : `${minutes} min behind unless it is historical`}`);
};

/**
 * Hold a message's times against the time it was received: a gateway whose clock is wrong would write one patient's values into the batch of another, or of nobody (ADR 0030). What is live may be off by the tolerance; what is marked as
 * historical, and what a birth says of a value that did not change, may be old; nothing may be ahead. A death certificate stands at the time the broker sent it.
 *
 * @param toleranceMs by which a gateway's clock may differ from the broker's
 * @throws DomainError `device-clock-wrong`; `sparkplug-malformed` for a number that is no time in milliseconds
 * @see Sparkplug 3.0, tck-id-payloads-timestamp-in-UTC, payloads: is_historical; EU GMP Annex 11, 5 (data exchanged); 21 CFR 11.10(a)
 */
export const requireClock = ({ receivedAtEpochMs }: Pick<RawMessage, 'receivedAtEpochMs'>, { address: { messageType }, sentAtEpochMs, metrics }: Received, toleranceMs: number): void => {
  if (messageType === 'NDEATH') return;
  const clock = { receivedAtEpochMs, toleranceMs };
  const isBirth = messageType.endsWith('BIRTH');
  const isLate = messageType.endsWith('DATA') && metrics.length > 0 && metrics.every(isHistorical);
  if (!isTimely(sentAtEpochMs, clock, isLate)) throw refusal('timestamp', sentAtEpochMs, clock, isLate);
  for (const metric of metrics) {
    const mayBeOld = isBirth || isHistorical(metric);
    if (!isTimely(metric.timestampEpochMs, clock, mayBeOld)) throw refusal(`timestamp of metric ${metric.name ?? metric.alias ?? ''}`, metric.timestampEpochMs, clock, mayBeOld);
  }
};
