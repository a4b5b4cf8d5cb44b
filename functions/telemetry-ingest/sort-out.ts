import type { SQSRecord } from 'aws-lambda';
import { DomainError } from '../../shared/errors.ts';
import { BirthBook } from '../../shared/telemetry/birth.ts';
import type { Received } from '../../shared/telemetry/collect.ts';
import { decodeMessage, type Message } from '../../shared/telemetry/message.ts';
import { minuteOf } from '../../shared/telemetry/minute.ts';
import type { RawMessage } from '../../shared/telemetry/segment.ts';
import { parseTopic } from '../../shared/telemetry/topic.ts';
import { QueuedMessage } from './schema.ts';

/** A device clock this far ahead is no clock: such messages are set aside. (A real device beside a time-lapse is days ahead.) */
const MAXIMUM_AHEAD_MS = 31 * 86_400_000;

/** A message that can be kept. */
export type Sound = Readonly<{ messageId: string; raw: RawMessage; received: Received }>;
/** A message that can not be used, with its bytes and why. */
export type Poison = Readonly<{ messageId: string; topic: string; bytes: Uint8Array; reason: string; detail: string }>;
export type SortedOut = Readonly<{ sound: readonly Sound[]; poison: readonly Poison[] }>;

const parseBody = (body: string): QueuedMessage => {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new DomainError('sparkplug-malformed', 'the queued message is not JSON', {}, { cause });
  }
  const parsed = QueuedMessage.safeParse(value);
  if (!parsed.success) throw new DomainError('sparkplug-malformed', `the queued message: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`);
  return parsed.data;
};

const soundOne = (nodeId: string, messageId: string, { topic, payload, receivedAt }: QueuedMessage): Sound => {
  const address = parseTopic(topic);
  if (address.groupId !== nodeId) throw new DomainError('sparkplug-malformed', `topic: got group ${address.groupId}, want ${nodeId}`);
  const bytes = Buffer.from(payload, 'base64');
  const message = decodeMessage(bytes);
  if (message.timestampEpochMs > receivedAt + MAXIMUM_AHEAD_MS) throw new DomainError('sparkplug-malformed', `timestamp: got ${message.timestampEpochMs}, want at most 31 days after ${receivedAt}`);
  if (address.messageType !== 'NDEATH' && message.seq === undefined) throw new DomainError('sparkplug-malformed', 'seq is missing');
  return { messageId, raw: { topic, payload: bytes, receivedAtEpochMs: receivedAt }, received: { address, message } };
};

const poisonOf = ({ messageId, body }: SQSRecord, error: DomainError): Poison => {
  const loose = QueuedMessage.partial().loose().safeParse(((): unknown => { try { return JSON.parse(body); } catch { return undefined; } })());
  const bytes = loose.success && loose.data.payload !== undefined ? Buffer.from(loose.data.payload, 'base64') : Buffer.from(body);
  return { messageId, topic: (loose.success ? loose.data.topic : undefined) ?? 'unknown', bytes, reason: error.code, detail: error.message };
};

/** Decode every message of a queue batch; one that is poison does not touch its neighbours. */
export const sortOut = (nodeId: string, records: readonly SQSRecord[]): SortedOut => {
  const sound: Sound[] = [];
  const poison: Poison[] = [];
  for (const record of records) {
    try {
      sound.push(soundOne(nodeId, record.messageId, parseBody(record.body)));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      poison.push(poisonOf(record, error));
    }
  }
  return { sound, poison };
};

/** Every minute a message has samples in; its own, when it has none. */
export const minutesOf = ({ timestampEpochMs, metrics }: Message): ReadonlySet<number> => {
  const minutes = new Set([minuteOf(timestampEpochMs)]);
  for (const metric of metrics) if (metric.timestampEpochMs !== timestampEpochMs) minutes.add(minuteOf(metric.timestampEpochMs));
  return minutes;
};

/** Why a message's metrics can not be named by these births, if they can not. */
export const namingFault = ({ address, message }: Received, births: BirthBook): 'birth-missing' | 'alias-unknown' | undefined => {
  if (!address.messageType.endsWith('DATA')) return undefined;
  const session = births.sessionAt(address.deviceId, message.timestampEpochMs);
  for (const metric of message.metrics) {
    if (metric.name !== undefined && session !== undefined) continue;
    const { outcome } = BirthBook.resolve(session, metric);
    if (outcome !== 'known') return outcome;
    if (session === undefined) return 'birth-missing';
  }
  return undefined;
};
