import type { SQSRecord } from 'aws-lambda';
import { DomainError } from '../../shared/errors.ts';
import { requireClock } from '../../shared/telemetry/device-clock.ts';
import { hourOf, minuteOf, MINUTE_MS } from '../../shared/telemetry/minute.ts';
import { receive, type RawMessage, type Received } from '../../shared/telemetry/received.ts';
import { isCommandTopic } from '../../shared/telemetry/topic.ts';
import { QueuedMessage } from './schema.ts';

/** A message that can be kept. */
export type Sound = Readonly<{ messageId: string; raw: RawMessage; received: Received }>;
/** A message that can not be used, with its bytes and why. */
export type Poison = Readonly<{ messageId: string; topic: string; bytes: Uint8Array; reason: string; detail: string }>;
export type SortedOut = Readonly<{ sound: readonly Sound[]; poison: readonly Poison[] }>;

const malformed = (what: string, cause?: unknown): DomainError => new DomainError('sparkplug-malformed', what, {}, { cause });

const jsonOf = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw malformed('the queued message is not JSON', cause);
  }
};

const parseBody = (body: string): QueuedMessage => {
  const parsed = QueuedMessage.safeParse(jsonOf(body));
  if (!parsed.success) throw malformed(`the queued message: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`);
  return parsed.data;
};

/** What IoT Core gives for `clientid()` when a message did not come from an MQTT client. */
const NO_CLIENT = ['', 'N/A', 'n/a', undefined];

/** The device policy lets a gateway publish under its own name only; should it ever fail to, a sample still does not reach another's record. */
const checkSender = ({ groupId, edgeNodeId, messageType }: Received['address'], nodeId: string, clientId: string | undefined): void => {
  if (groupId !== nodeId) throw malformed(`topic: got group ${groupId}, want ${nodeId}`);
  if (messageType !== 'NDEATH' && !NO_CLIENT.includes(clientId) && clientId !== edgeNodeId) throw malformed(`topic: got edge node ${edgeNodeId} from client ${clientId ?? ''}, want its own name`);
};

/** Whose messages are taken, and by how much their clocks may differ from the broker's. */
export type Site = Readonly<{ nodeId: string; clockToleranceMs: number }>;

const soundOne = ({ nodeId, clockToleranceMs }: Site, messageId: string, { topic, payload, receivedAt, clientId }: QueuedMessage): Sound => {
  const raw = { topic, payload: Buffer.from(payload, 'base64'), receivedAtEpochMs: receivedAt };
  const received = receive(raw);
  checkSender(received.address, nodeId, clientId);
  requireClock(raw, received, clockToleranceMs);
  return { messageId, raw, received };
};

const looseBody = (body: string): Readonly<{ topic?: string | undefined; payload?: string | undefined }> => {
  try {
    return QueuedMessage.pick({ topic: true, payload: true }).partial().strip().parse(JSON.parse(body));
  } catch {
    return {};
  }
};

/** As much of a bad message as can be told: its payload if that much is right, the whole body if not. */
const poisonOf = ({ messageId, body }: SQSRecord, { code, message }: DomainError): Poison => {
  const { topic = 'unknown', payload } = looseBody(body);
  return { messageId, topic, bytes: payload === undefined ? Buffer.from(body) : Buffer.from(payload, 'base64'), reason: code, detail: message };
};

/** Decode every message of a queue batch; one that is poison does not touch its neighbours. Commands are not telemetry and are let pass. */
export const sortOut = (site: Site, records: readonly SQSRecord[]): SortedOut => {
  const sound: Sound[] = [];
  const poison: Poison[] = [];
  for (const record of records) {
    try {
      const message = parseBody(record.body);
      if (!isCommandTopic(message.topic)) sound.push(soundOne(site, record.messageId, message));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      poison.push(poisonOf(record, error));
    }
  }
  return { sound, poison };
};

/** Older messages than this come from a gateway that was cut off and sends what it kept. */
const CATCHING_UP_MS = 10 * MINUTE_MS;

/** Messages by the minute in which they were sent, epoch ms; those of a gateway that catches up by the hour, so that days of them do not become thousands of small segments. */
export const bySegment = (sound: readonly Sound[], nowEpochMs: number): ReadonlyMap<number, readonly Sound[]> =>
  Map.groupBy(sound, ({ received: { sentAtEpochMs } }) => (minuteOf(sentAtEpochMs) < nowEpochMs - CATCHING_UP_MS ? hourOf(sentAtEpochMs) : minuteOf(sentAtEpochMs)));
