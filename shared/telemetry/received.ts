import { decodeMessage } from './message.ts';
import type { Metric } from './metric.ts';
import { parseTopic, type Address } from './topic.ts';
import { malformed } from './wire.ts';

/** A message as it came: topic, bytes, and when the broker had it. */
export type RawMessage = Readonly<{ topic: string; payload: Uint8Array; receivedAtEpochMs: number }>;

/**
 * A message that can be used. `sentAtEpochMs` is the sender's time, which orders messages; a death certificate, written when the connection began and sent by the
 * broker when it ended, takes the time at which the broker sent it.
 */
export type Received = Readonly<{ address: Address; sentAtEpochMs: number; seq: number | undefined; metrics: readonly Metric[] }>;

/** A device clock may be ahead of the broker by this much, and behind by this much; beyond, it is wrong. Ahead as long as behind, because a real device beside a time-lapse is days ahead. */
const MAXIMUM_AHEAD_MS = 31 * 86_400_000;
const MAXIMUM_BEHIND_MS = 30 * 86_400_000;

const checkTimes = ({ receivedAtEpochMs }: RawMessage, sentAtEpochMs: number, metrics: readonly Metric[]): void => {
  const latest = receivedAtEpochMs + MAXIMUM_AHEAD_MS;
  if (sentAtEpochMs > latest || sentAtEpochMs < receivedAtEpochMs - MAXIMUM_BEHIND_MS) {
    throw malformed(`timestamp: got ${sentAtEpochMs}, want at most 31 days after and 30 days before ${receivedAtEpochMs}`);
  }
  for (const { timestampEpochMs } of metrics) if (timestampEpochMs > latest) throw malformed(`timestamp of a metric: got ${timestampEpochMs}, want at most 31 days after ${receivedAtEpochMs}`);
};

/**
 * Decode and check one message.
 *
 * @throws DomainError `sparkplug-malformed`, `sparkplug-too-large`
 * @see Sparkplug 3.0, tck-id-payloads-sequence-num-always-included, tck-id-payloads-timestamp-in-UTC
 */
export const receive = (raw: RawMessage): Received => {
  const address = parseTopic(raw.topic);
  const { timestampEpochMs, seq, metrics } = decodeMessage(raw.payload);
  if (address.messageType === 'NDEATH') return { address, sentAtEpochMs: raw.receivedAtEpochMs, seq: undefined, metrics };
  if (timestampEpochMs === undefined) throw malformed('timestamp is missing');
  if (seq === undefined) throw malformed('seq is missing');
  checkTimes(raw, timestampEpochMs, metrics);
  return { address, sentAtEpochMs: timestampEpochMs, seq, metrics };
};
