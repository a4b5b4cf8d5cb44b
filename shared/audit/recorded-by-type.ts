import type { BatchEvent } from '../batch/events.ts';
import type { Recorded } from '../record/envelope.ts';

type Type = BatchEvent['type'];
export type RecordedOf<Wanted extends Type> = Recorded<Extract<BatchEvent, { type: Wanted }>>;

const is = <Wanted extends Type>(recorded: Recorded<BatchEvent>, type: Wanted): recorded is RecordedOf<Wanted> => recorded.event.type === type;

/** Events of one batch by their type, each in order of the record; grouped once, so that a long record is walked once. */
export const byType = (events: readonly Recorded<BatchEvent>[]) => {
  const groups = Map.groupBy(events, ({ event }) => event.type);
  return <Wanted extends Type>(type: Wanted): readonly RecordedOf<Wanted>[] => (groups.get(type) ?? []).filter((each) => is(each, type));
};
export type ByType = ReturnType<typeof byType>;

/** Those of one phase. */
export const ofPhase = <Event extends Readonly<{ phaseId: string }>>(recorded: readonly Recorded<Event>[], phaseId: string): readonly Recorded<Event>[] => recorded.filter(({ event }) => event.phaseId === phaseId);
