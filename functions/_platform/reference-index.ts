import { referencesOf } from '../../shared/audit/subjects.ts';
import type { Recorded } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { byStream } from './log-outbox.ts';
import type { Companion } from './ports.ts';

/**
 * The index entries of events, to stand or fall with them (ADR 0010). An entry says only that a stream is about a subject, or was written on a day; the
 * versions are read from the record itself, so that no entry can contradict it.
 */
export const referenceCompanions = (recorded: readonly Recorded<unknown>[]): readonly Companion[] => byStream(recorded).flatMap((own) => {
  const [first] = own;
  if (first === undefined) return [];
  const { kind, id } = first.stream;
  const { subjects, days } = referencesOf(own);
  const keys = [...subjects.map((subject) => keyOf.reference(subject.kind, subject.id, kind, id)), ...days.map((day) => keyOf.recordedOn(day, kind, id))];
  return keys.map((key): Companion => ({ type: 'put', key, onlyIfAbsent: false, attributes: { kind, id } }));
});
