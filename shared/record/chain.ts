import { createHash } from 'node:crypto';
import { DomainError } from '../errors.ts';
import { canonicalJson } from './canonical-json.ts';
import { GENESIS_HASH, type Recorded, type StreamId } from './envelope.ts';

/** An event as decided, before it has its place in the chain. */
export type Draft<Event> = Omit<Recorded<Event>, 'previousHash' | 'hash'>;

/** Of bytes, or of a text in UTF-8. */
export const sha256Hex = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Hash of an event: over the canonical JSON of everything but the hash itself. */
const hashOf = (event: Omit<Recorded<unknown>, 'hash'>): string => sha256Hex(canonicalJson(event));

/**
 * Chain drafts to the event before them.
 *
 * @param previousHash hash of the last event of the stream, or GENESIS_HASH
 * @param drafts       in order; versions already given
 */
export const chainEvents = <Event>(previousHash: string, drafts: readonly Draft<Event>[]): readonly Recorded<Event>[] => {
  let previous = previousHash;
  return drafts.map((draft) => {
    const linked = { ...draft, previousHash: previous };
    previous = hashOf(linked);
    return { ...linked, hash: previous };
  });
};

/**
 * Server time of an append: the clock's, and never before the event it follows. Functions of one site have clocks of their own, milliseconds apart, and a clock can be set back.
 *
 * @param clock RFC 3339 UTC with milliseconds, as `previousRecordedAt`
 */
export const recordedAtAfter = (previousRecordedAt: string | undefined, clock: string): string => (previousRecordedAt !== undefined && previousRecordedAt > clock ? previousRecordedAt : clock);

const corrupt = (stream: StreamId, version: number, what: string): DomainError =>
  new DomainError('record-corrupt', `${stream.kind} ${stream.id}, event ${version}: ${what}`, { kind: stream.kind, id: stream.id, version });

const verifyEvent = (stream: StreamId, recorded: Recorded<unknown>, wanted: Readonly<{ version: number; hash: string }>): void => {
  const { hash, ...rest } = recorded;
  if (recorded.version !== wanted.version) throw corrupt(stream, wanted.version, `got version ${recorded.version}, want ${wanted.version}`);
  if (recorded.stream.kind !== stream.kind || recorded.stream.id !== stream.id) throw corrupt(stream, recorded.version, `belongs to ${recorded.stream.kind} ${recorded.stream.id}`);
  if (recorded.previousHash !== wanted.hash) throw corrupt(stream, recorded.version, 'does not follow the event before it');
  if (hashOf(rest) !== hash) throw corrupt(stream, recorded.version, 'its content does not match its hash');
};

/**
 * Verify that events are those of one stream, without a hole, unchanged, and continue from `after`.
 *
 * @param after version and hash of the last event already verified; the beginning by default
 * @throws DomainError `record-corrupt`, naming stream and version of the first fault
 */
export const verifyChain = (stream: StreamId, events: readonly Recorded<unknown>[], after: Readonly<{ version: number; hash: string }> = { version: 0, hash: GENESIS_HASH }): void => {
  let last = after;
  for (const recorded of events) {
    verifyEvent(stream, recorded, { version: last.version + 1, hash: last.hash });
    last = { version: recorded.version, hash: recorded.hash };
  }
};
