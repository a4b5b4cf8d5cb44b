import type { BatchEvent } from '../batch/events.ts';
import type { Recorded, Role, Signature } from '../record/envelope.ts';
import { evolvePerson, type Person, type PersonEvent, type Standing } from '../registers/person.ts';

/** Signatures of one person in a row that were made as the person then stood. Times are RFC 3339 UTC, by the server. */
export type SignerLine = Readonly<{
  personId: string;
  printedName: string;
  /** As the register had them; none when it did not know the person. */
  roles: readonly Role[];
  /** How the person stood when signing, and since when; `unregistered` when no event of their own record came before. */
  standing: Standing | 'unregistered';
  since?: string;
  /** A password that somebody else had set was not confirmed yet. */
  isCredentialUnconfirmed: boolean;
  /** Courses whose training was valid when signing. */
  trainedIn: readonly string[];
  count: number;
  first: string;
  last: string;
}>;
/** Who signed a batch, and how they stand at the end of their own record. */
export type Signers = Readonly<{ lines: readonly SignerLine[]; now: readonly Readonly<{ personId: string; printedName: string; standing: Standing | 'unregistered'; since?: string }>[] }>;

type Made = Readonly<{ signature: Signature; recordedAt: string }>;
type State = Readonly<{ person: Person | undefined; since: string | undefined }>;
type Own = readonly Recorded<PersonEvent>[];

/** Each signature of a record with the server's time of its event; an erasure carries two. */
export const signaturesMade = (events: readonly Recorded<BatchEvent>[]): readonly Made[] => events.flatMap(({ event, recordedAt }) => {
  if (event.type === 'personal-data-erased') return [event.request, event.confirmation].map((signature) => ({ signature, recordedAt }));
  return 'signature' in event ? [{ signature: event.signature, recordedAt }] : [];
});

/** The person after the events of their own record up to a time; `since` is when they came to stand so. */
const stateAt = (own: Own, until: string): State => own.filter(({ recordedAt }) => recordedAt <= until).reduce<State>(({ person, since }, recorded) => {
  const next = evolvePerson(person, recorded);
  return { person: next, since: next.standing === person?.standing ? since : recorded.recordedAt };
}, { person: undefined, since: undefined });

const standingOf = ({ person, since }: State) => ({ standing: person?.standing ?? 'unregistered' as const, ...(since === undefined ? {} : { since }) });

const lineOf = (own: Own, { signature: { signerId, printedName }, recordedAt }: Made): SignerLine => {
  const state = stateAt(own, recordedAt);
  const { roles = [], unconfirmedChanges = [], trainingValidUntil = {} } = state.person ?? {};
  const trainedIn = Object.entries(trainingValidUntil).filter(([, until]) => Date.parse(until) > Date.parse(recordedAt)).map(([course]) => course).toSorted();
  return { personId: signerId, printedName, roles, ...standingOf(state), isCredentialUnconfirmed: unconfirmedChanges.length > 0, trainedIn, count: 1, first: recordedAt, last: recordedAt };
};

const isAlike = (a: SignerLine, b: SignerLine): boolean => JSON.stringify({ ...a, count: 0, first: '', last: '' }) === JSON.stringify({ ...b, count: 0, first: '', last: '' });

/** Lines of one person, those in a row that are alike made one. */
const joined = (lines: readonly SignerLine[]): readonly SignerLine[] => lines.reduce<readonly SignerLine[]>((before, line) => {
  const last = before.at(-1);
  return last === undefined || !isAlike(last, line) ? [...before, line] : [...before.slice(0, -1), { ...last, count: last.count + 1, last: line.last }];
}, []);

/**
 * Who signed a batch, with roles, training and standing at each signature, by the server's times. (The log's order decides; the offline verifier goes by it.)
 *
 * @param events of the batch, in order
 * @param people events of the signers' own records, each person's in order
 * @see 21 CFR 11.10(d), (i) and (j): authority, training and accountability of who signs
 */
export const composeSigners = (events: readonly Recorded<BatchEvent>[], people: readonly Recorded<PersonEvent>[]): Signers => {
  const ownOf = Map.groupBy(people, ({ stream }) => stream.id);
  const bySigner = [...Map.groupBy(signaturesMade(events), ({ signature }) => signature.signerId)];
  return {
    lines: bySigner.flatMap(([id, made]) => joined(made.map((each) => lineOf(ownOf.get(id) ?? [], each)))),
    now: bySigner.map(([id, made]) => ({ personId: id, printedName: made[0]?.signature.printedName ?? id, ...standingOf(stateAt(ownOf.get(id) ?? [], '9999')) })),
  };
};
