import type { Damage, Findings } from './damage.ts';

/**
 * Who may sign at a place of the log: nobody who was suspended or revoked before it. The log takes events in the order in which they were accepted, so the places of the two decide, and the
 * server's times only say how clear it is: the standing is looked up when a request begins and its event is stored when it ends, and two requests may pass each other. What is further apart than a
 * request can last is no such case: either somebody signed who must not, or a time was put back, or the stop was held back.
 *
 * @see 21 CFR 11.10(d) (access for those authorised), 11.300(c) (loss management), EU GMP Annex 11, 12.3
 */

/** The longest a request lasts. */
const LONGEST_REQUEST_MS = 30_000;

type Place = Omit<Damage, 'message'>;
type Stop = Readonly<{ how: string; recordedAt: string; atMs: number; byEvent: string }>;
type History = { stop?: Stop | undefined; endMs: number; newestMs: number; newest?: Readonly<{ place: Place; recordedAt: string }> };
type Signed = Readonly<{ signerId: string; recordedAt: string; place: Place }>;
/** What an event says of standing: who signed it, and whose own record it is of, if anyone's. `event` names it in words. */
export type Act = Readonly<{ event: string; type: string; recordedAt: string; place: Place; signerId?: string; personId?: string }>;

const HOW: Readonly<Record<string, string>> = { 'person-suspended': 'suspended', 'person-revoked': 'revoked' };

export class Standing {
  readonly #findings: Findings;
  readonly #people = new Map<string, History>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  #historyOf(personId: string): History {
    const held = this.#people.get(personId) ?? { endMs: Infinity, newestMs: -Infinity };
    this.#people.set(personId, held);
    return held;
  }

  /** An event, in the order of the log. */
  note({ event, type, recordedAt, place, signerId, personId }: Act): void {
    if (signerId !== undefined) this.#noteSigned({ signerId, recordedAt, place });
    if (personId !== undefined) this.#noteStanding(personId, type, recordedAt, event);
  }

  #noteSigned({ signerId, recordedAt, place }: Signed): void {
    const history = this.#historyOf(signerId), atMs = Date.parse(recordedAt);
    if (history.stop !== undefined) this.#checkStopped(history.stop, history.endMs, { signerId, recordedAt, place });
    if (atMs > history.newestMs) Object.assign(history, { newestMs: atMs, newest: { place, recordedAt } });
  }

  #checkStopped({ how, recordedAt: stoppedAt, atMs: stopMs, byEvent }: Stop, endMs: number, { signerId, recordedAt, place }: Signed): void {
    const atMs = Date.parse(recordedAt);
    if (atMs > stopMs + LONGEST_REQUEST_MS && atMs < endMs - LONGEST_REQUEST_MS) this.#findings.damage({ ...place, message: `is signed by ${signerId}, who was ${how} at ${stoppedAt} (${byEvent})` });
    else if (endMs === Infinity && atMs < stopMs - LONGEST_REQUEST_MS) this.#findings.damage({ ...place, message: `is signed by ${signerId} and comes after the event by which they were ${how} at ${stoppedAt} (${byEvent}), though it says it is of ${recordedAt}: back-dated, or taken in late` });
  }

  /** An event of a person's own record. */
  #noteStanding(personId: string, type: string, recordedAt: string, byEvent: string): void {
    const how = HOW[type], history = this.#historyOf(personId), atMs = Date.parse(recordedAt);
    if (type === 'person-reinstated') history.endMs = atMs;
    if (how === undefined) return;
    Object.assign(history, { stop: { how, recordedAt, atMs, byEvent }, endMs: Infinity });
    if (history.newest !== undefined && history.newestMs > atMs + LONGEST_REQUEST_MS) this.#findings.damage({ ...history.newest.place, message: `is signed by ${personId} at ${history.newest.recordedAt}, who was ${how} at ${recordedAt} (${byEvent}, which comes later): the stop was held back` });
  }
}
