import type { Training, TrainingEvent } from './coordination.ts';
import { BEFORE_ROUNDS, type AttemptName, type Step } from './mailbox.ts';

/** A message of a hospital, as the mailbox names it. */
export type MessageName = Readonly<{ from: string; at: AttemptName; step: Step }>;
/** A message nobody waits for, and why it is refused. */
export type Unawaited = MessageName & Readonly<{ code: 'training-round-late' | 'training-round-stale' }>;

const textOf = ({ from, at: { round, attempt }, step }: MessageName): string => `${from} ${round}-${attempt} ${step}`;

/** Hospitals that were silent until joining ended: a join of theirs that comes later is refused. Who joined and was left out later is none of them. */
export const lackingJoins = ({ invited, left, unconfirmed, lateJoins = [] }: Training): readonly string[] =>
  invited.filter((siteId) => left[siteId] === 'training-round-late' && unconfirmed[siteId] === undefined && !lateJoins.includes(siteId));

/**
 * Messages of a run that is over which are not on its record: of an attempt the hospital was asked in, or before all rounds, they came late; of any other they are stale. Each is named once, for the next look finds it
 * on record.
 *
 * @param events the whole stream of the run  @param found what lies in the mailbox
 */
export const unawaitedOf = (events: readonly TrainingEvent[], found: readonly MessageName[]): readonly Unawaited[] => {
  const known = new Set(events.flatMap((event) => (event.type === 'training-message-taken' || event.type === 'training-message-refused' ? [textOf({ from: event.from, at: event, step: event.step })] : [])));
  const asked = new Set(events.flatMap((event) => (event.type === 'training-asked' ? event.members.map((from) => `${from} ${event.round}-${event.attempt}`) : [])));
  const wasAsked = ({ from, at: { round, attempt } }: MessageName): boolean => attempt === BEFORE_ROUNDS.attempt || asked.has(`${from} ${round}-${attempt}`);
  return found.filter((each) => !known.has(textOf(each))).map((each) => ({ ...each, code: wasAsked(each) ? 'training-round-late' : 'training-round-stale' }));
};
