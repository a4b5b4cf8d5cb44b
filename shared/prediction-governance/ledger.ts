import type { BatchEvent } from '../batch/events.ts';
import { DomainError } from '../errors.ts';
import type { Recorded } from '../record/envelope.ts';
import type { LedgerEvent } from './ledger-events.ts';

type Of<Type extends LedgerEvent['type']> = Omit<Extract<LedgerEvent, { type: Type }>, 'type'>;

export type HeldRecommendation = Of<'recommendation-made'> & Readonly<{
  madeAt: string;
  decision?: Of<'recommendation-decided'>;
  /** Someone stopped the assistance after it was made: nothing follows from it any more, not even after it is resumed. */
  void: boolean;
  /** Accepted actions that may no longer be sent, by what their intervention would have been called. */
  givenUp: readonly string[];
}>;
export type Intervention = Of<'intervention-sent'> & Readonly<{
  sentAt: string;
  acknowledged?: Of<'intervention-acknowledged'>;
  timedOut: boolean;
  effects: readonly Of<'intervention-effect-observed'>[];
}>;
/** One person's stop of the assistance. `by` is their id. */
export type AssistanceStop = Readonly<{ at: string; reason: string; by: string }>;
/** Events as the record has them: who and when are of the envelope. */
type OnRecord = Pick<Recorded<BatchEvent>, 'event' | 'recordedAt' | 'actor'>;
/** State of the ledger of one batch. By id, in order of the record. */
export type Ledger = Readonly<{
  recommendations: ReadonlyMap<string, HeldRecommendation>;
  interventions: ReadonlyMap<string, Intervention>;
  /** Since it was last resumed, the first first; empty while it is on. */
  stops: readonly AssistanceStop[];
}>;

export const EMPTY_LEDGER: Ledger = { recommendations: new Map(), interventions: new Map(), stops: [] };

const changed = <Held>(map: ReadonlyMap<string, Held>, id: string, change: (held: Held) => Held): ReadonlyMap<string, Held> => {
  const held = map.get(id);
  if (held === undefined) throw new DomainError('record-corrupt', `the ledger names ${id}, which was never made`, { id });
  return new Map(map).set(id, change(held));
};

const evolveIntervention = (ledger: Ledger, event: BatchEvent, at: string): Ledger | undefined => {
  const withOne = (id: string, change: (held: Intervention) => Intervention): Ledger => ({ ...ledger, interventions: changed(ledger.interventions, id, change) });
  switch (event.type) {
    case 'intervention-sent': {
      const { type: _, ...sent } = event;
      return { ...ledger, interventions: new Map(ledger.interventions).set(sent.interventionId, { ...sent, sentAt: at, timedOut: false, effects: [] }) };
    }
    case 'intervention-given-up':
      return { ...ledger, recommendations: changed(ledger.recommendations, event.recommendationId, (held) => ({ ...held, givenUp: [...held.givenUp, event.interventionId] })) };
    case 'intervention-acknowledged': {
      const { type: _, ...acknowledged } = event;
      return withOne(event.interventionId, (held) => ({ ...held, acknowledged }));
    }
    case 'intervention-timed-out':
      return withOne(event.interventionId, (held) => ({ ...held, timedOut: true }));
    case 'intervention-effect-observed': {
      const { type: _, ...effect } = event;
      return withOne(event.interventionId, (held) => ({ ...held, effects: [...held.effects, effect] }));
    }
    default:
      return undefined;
  }
};

/** One more event of the batch; those that are not of the ledger leave it as it is. @throws DomainError `record-corrupt` */
export const evolveLedger = (ledger: Ledger, { event, recordedAt, actor }: OnRecord): Ledger => {
  switch (event.type) {
    case 'recommendation-made': {
      const { type: _, ...made } = event;
      return { ...ledger, recommendations: new Map(ledger.recommendations).set(made.recommendationId, { ...made, madeAt: recordedAt, void: false, givenUp: [] }) };
    }
    case 'recommendation-decided': {
      const { type: _, ...decision } = event;
      return { ...ledger, recommendations: changed(ledger.recommendations, event.recommendationId, (held) => ({ ...held, decision })) };
    }
    case 'assistance-stopped':
      return { ...ledger, stops: [...ledger.stops, { at: recordedAt, reason: event.reason, by: actor.id }], recommendations: new Map([...ledger.recommendations].map(([id, held]) => [id, { ...held, void: true }])) };
    case 'assistance-resumed':
      return { ...ledger, stops: [] };
    default:
      return evolveIntervention(ledger, event, recordedAt) ?? ledger;
  }
};

export const foldLedger = (events: readonly OnRecord[]): Ledger => events.reduce(evolveLedger, EMPTY_LEDGER);
