import type { Damage, Findings } from './damage.ts';
import { mayBySigningRole, rolesOf } from './authority.ts';

/**
 * Who may sign at a place of the log: who is in the register of people by then, was not suspended or revoked before it, has a role for it, and signs in with what nobody else has set. The log takes
 * events in the order in which they were accepted, so their places decide, and the server's times only say how clear it is: the standing is looked up when a request begins, its event is stored when it
 * ends, and a run of the sequencer takes it in after that. Two events may pass each other for so long and no longer. What is further apart is no such case: either somebody signed who must not, or a
 * time was put back, or the stop was held back.
 *
 * @see 21 CFR 11.10(d) and (g) (access and authority), 11.200(a)(3), 11.300(c) (loss management), EU GMP Annex 11, 12.3; ADR 0028
 */

/** The longest a request lasts. */
const LONGEST_REQUEST_MS = 30_000;
/** The longest an event that was stored waits until it is in the log: two runs of the sequencer, and the clocks of its functions. */
const TAKEN_IN_MS = 120_000;

type Place = Omit<Damage, 'message'>;
type Json = Readonly<Record<string, unknown>>;
/** An event that changed what a person may do. */
type Moment = Readonly<{ recordedAt: string; atMs: number; byEvent: string }>;
type Mark = Moment & Readonly<{ how: string }>;
type State = Readonly<{ stop?: Mark; credential?: Mark; roles?: Readonly<{ list: readonly string[]; mark: Mark }> }>;
type Change = Moment & Readonly<{ state: State }>;
type Signed = Readonly<{ signerId: string; type: string; roles: readonly string[]; recordedAt: string; atMs: number; place: Place; message: string }>;
type Person = { changes: Change[]; newest: Map<string, Signed>; doubtful: Signed[] };

/**
 * What an event says of standing: who signed it, with which roles, and whose own record it is of, if anyone's. `event` names it in words; `newestMs` is the newest time in the log before it.
 */
export type Act = Readonly<{ event: string; type: string; recordedAt: string; newestMs(): number; place: Place; signerId?: string; roles?: readonly string[]; personId?: string; content?: Json }>;

const STOPS: Readonly<Record<string, string>> = { 'person-suspended': 'suspended', 'person-revoked': 'revoked' };
const NOBODY: State = {};
const UNREGISTERED = 'is in no register of this log by then';

/** The person after an event of their own record. */
const after = (state: State, type: string, content: Json, moment: Moment): State => {
  const how = STOPS[type];
  if (how !== undefined) return { ...state, stop: { ...moment, how } };
  switch (type) {
    case 'person-registered': case 'roles-changed': return { ...state, roles: { list: rolesOf(content['roles']), mark: { ...moment, how: 'left without a role to sign it' } } };
    case 'person-reinstated': { const { stop: _, ...rest } = state; return rest; }
    case 'credential-changed': return { ...state, credential: { ...moment, how: 'given a changed credential that nobody had confirmed' } };
    case 'credential-confirmed': { const { credential: _, ...rest } = state; return rest; }
    default: return state;
  }
};

/** Why a person may not sign; undefined when they may. */
const refusalOf = ({ stop, credential, roles }: State, { type, roles: claimed }: Signed): Mark | 'unregistered' | undefined => {
  if (roles === undefined) return 'unregistered';
  return stop ?? credential ?? (mayBySigningRole(type, claimed, roles.list) ? undefined : roles.mark);
};

const whoWas = ({ signerId }: Signed, { how, recordedAt, byEvent }: Mark): string => `is signed by ${signerId}, who was ${how} at ${recordedAt} (${byEvent})`;

/** Most signatures: nothing has changed since, and the last that did allows it. */
const isPlain = (last: Change | undefined, signed: Signed): boolean => last !== undefined && last.atMs <= signed.atMs + LONGEST_REQUEST_MS && refusalOf(last.state, signed) === undefined;

/** What speaks against a signature, held against the changes that stand before it; undefined when nothing does. */
const faultOf = (changes: readonly Change[], signed: Signed, newestMs: number): string | undefined => {
  const { signerId, atMs, recordedAt } = signed;
  const states = [{ atMs: -Infinity, state: NOBODY }, ...changes];
  const isOpen = ({ state }: Readonly<{ state: State }>): boolean => refusalOf(state, signed) === undefined;
  const mayHaveBeen = states.some((each, i) => {
    const next = states[i + 1];
    const isByTime = each.atMs <= atMs + LONGEST_REQUEST_MS && (next === undefined || next.atMs >= atMs - LONGEST_REQUEST_MS);
    return isOpen(each) && isByTime && (next === undefined || newestMs <= Math.min(next.atMs, atMs) + LONGEST_REQUEST_MS + TAKEN_IN_MS);
  });
  if (mayHaveBeen) return undefined;
  const then = states.findLast((each) => each.atMs <= atMs)?.state ?? NOBODY;
  const refusal = refusalOf(then, signed) ?? states.map(({ state }) => refusalOf(state, signed)).findLast((each) => each !== undefined);
  if (refusal === undefined || refusal === 'unregistered') return `is signed by ${signerId}, who ${UNREGISTERED}`;
  return refusalOf(then, signed) === undefined
    ? `is signed by ${signerId} and comes after the event by which they were ${refusal.how} at ${refusal.recordedAt} (${refusal.byEvent}), though it says it is of ${recordedAt}: back-dated, or taken in late`
    : whoWas(signed, refusal);
};

/** Kinds of records that only the control site keeps. */
const OF_CONTROL_SITE: ReadonlySet<string> = new Set(['master-batch-record', 'node', 'audit-grant', 'model', 'test-data', 'training']);

export class Standing {
  readonly #findings: Findings;
  readonly #people = new Map<string, Person>();
  /** Whether the register of people is all there: a pack holds the records of the batch's signers only. */
  readonly #isWhole: boolean;
  #hasRegister = false;
  #unshown = 0;

  constructor(findings: Findings, isWhole = true) {
    this.#findings = findings;
    this.#isWhole = isWhole;
  }

  #personOf(id: string): Person {
    const held = this.#people.get(id) ?? { changes: [], newest: new Map<string, Signed>(), doubtful: [] };
    this.#people.set(id, held);
    return held;
  }

  /** An event, in the order of the log. */
  note({ event, type, recordedAt, newestMs, place, signerId, roles = [], personId, content = {} }: Act): void {
    const atMs = Date.parse(recordedAt);
    if (signerId !== undefined) this.#noteSigned({ signerId, type, roles, recordedAt, atMs, place, message: '' }, newestMs);
    if (personId !== undefined) this.#noteChange(personId, type, content, { recordedAt, atMs, byEvent: event });
  }

  /** What speaks against it may be lifted by an event that passed it on the way, so it is told at the end. */
  #noteSigned(signed: Signed, newestMs: () => number): void {
    const person = this.#personOf(signed.signerId);
    const message = isPlain(person.changes.at(-1), signed) ? undefined : faultOf(person.changes, signed, newestMs());
    if (message !== undefined && this.#isBeforeRegister(signed)) this.#unshown++;
    else if (message !== undefined) person.doubtful.push({ ...signed, message });
    else if (signed.atMs > (person.newest.get(signed.type)?.atMs ?? -Infinity)) person.newest.set(signed.type, signed);
  }

  /** An event of a person's own record. */
  #noteChange(personId: string, type: string, content: Json, moment: Moment): void {
    const person = this.#personOf(personId);
    const before = person.changes.at(-1)?.state ?? NOBODY, state = after(before, type, content, moment);
    if (state === before) return;
    this.#hasRegister = true;
    person.changes.push({ ...moment, state });
    person.doubtful = person.doubtful.filter((signed) => refusalOf(state, signed) !== undefined || moment.atMs > signed.atMs + LONGEST_REQUEST_MS);
    for (const signed of person.newest.values()) {
      const refusal = refusalOf(state, signed);
      if (refusal === undefined || refusal === 'unregistered' || refusal.byEvent !== moment.byEvent || signed.atMs <= moment.atMs + LONGEST_REQUEST_MS) continue;
      this.#findings.damage({ ...signed.place, message: `is signed by ${personId} at ${signed.recordedAt}, who was ${refusal.how} at ${refusal.recordedAt} (${refusal.byEvent}, which comes later): the stop was held back` });
    }
  }

  /** The control site worked before it had a register of people; a hospital never did. */
  #isBeforeRegister({ place: { batch } }: Signed): boolean {
    return !this.#hasRegister && batch !== undefined && OF_CONTROL_SITE.has(batch.kind);
  }

  /** After the last event. */
  end(): void {
    for (const { changes, doubtful } of this.#people.values()) {
      if (changes.length > 0 || this.#isWhole) for (const { place, message } of doubtful) this.#findings.damage({ ...place, message });
    }
    if (this.#unshown > 0) this.#findings.notice(`${this.#unshown} signatures stand before the first entry of the log's register of people, so whether their signers might sign is not shown`);
  }
}
