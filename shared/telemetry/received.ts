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

/**
 * Decode one message. Whether its times can be believed is asked once, when it comes: `requireClock`.
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
  return { address, sentAtEpochMs: timestampEpochMs, seq, metrics };
};
