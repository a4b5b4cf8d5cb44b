import type { Recorded, StreamId } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { Companion } from './ports.ts';

/** Versions of one stream that were appended together and wait for the log. */
export type PendingAppend = Readonly<{ stream: StreamId; fromVersion: number; toVersion: number }>;

/** Events of one append, by stream, in their order. */
export const byStream = (planned: readonly Recorded<unknown>[]): readonly (readonly Recorded<unknown>[])[] =>
  [...Map.groupBy(planned, ({ stream: { kind, id } }) => `${kind}#${id}`).values()];

/**
 * The log's outbox: one item an append and stream, in the append's own transaction, so that no acknowledged event can miss the log (ADR 0008). The sequencer takes them in their order
 * and removes each when its events are in the tree.
 */
export const pendingOf = (planned: readonly Recorded<unknown>[]): readonly Companion[] => byStream(planned).flatMap((own): readonly Companion[] => {
  const [first, last] = [own[0], own.at(-1)];
  if (first === undefined || last === undefined) return [];
  const { stream, version, recordedAt } = first;
  return [{
    type: 'put', key: keyOf.logPending(recordedAt, stream.kind, stream.id, version), onlyIfAbsent: false,
    attributes: { stream: { kind: stream.kind, id: stream.id }, fromVersion: version, toVersion: last.version } satisfies PendingAppend,
  }];
});
