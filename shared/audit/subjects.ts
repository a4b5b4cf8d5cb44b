import type { Recorded, StreamId } from '../record/envelope.ts';

/** What a record can be searched by: the things and persons its events name. */
export const SUBJECT_KINDS = ['batch', 'chain-of-identity', 'material-lot', 'equipment', 'person'] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];
export type Subject = Readonly<{ kind: SubjectKind; id: string }>;

/** A thing somebody tried to use and might not: found by search, and no part of any genealogy. */
export const REFUSED_KIND = { 'material-lot': 'refused-material-lot', equipment: 'refused-equipment' } as const satisfies Partial<Record<SubjectKind, string>>;
type RefusedKind = (typeof REFUSED_KIND)[keyof typeof REFUSED_KIND];
/** What the index leads from. */
export type Reference = Readonly<{ kind: SubjectKind | RefusedKind; id: string }>;
const REFUSED_KIND_BY_MEMBER: Readonly<Record<string, RefusedKind>> = { refusedLotId: 'refused-material-lot', refusedLabelLotId: 'refused-material-lot', refusedEquipmentId: 'refused-equipment' };

/** Members of an event that name a subject. A new kind of event that uses these names is found without a change here. */
const KIND_BY_MEMBER: Readonly<Record<string, SubjectKind>> = {
  batchId: 'batch', sourceBatchId: 'batch', chainOfIdentityId: 'chain-of-identity', lotId: 'material-lot', equipmentId: 'equipment', personId: 'person', toPersonId: 'person',
};

/** Name what an earlier event of the same stream has named already: a batch releases only equipment that it was assigned. */
const NAMED_BEFORE: ReadonlySet<string> = new Set(['equipment-released']);

type Members = Readonly<Record<string, unknown>>;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const signerOf = ({ signature }: Members): readonly Subject[] => {
  const signerId = (signature as Members | undefined)?.['signerId'];
  return isText(signerId) ? [{ kind: 'person', id: signerId }] : [];
};

const ownSubject = ({ kind, id }: StreamId): readonly Subject[] => SUBJECT_KINDS.filter((each) => each === kind).map((each) => ({ kind: each, id }));

/** A batch is found by its own identifier; an entry that leads from it to itself would be one more write at every step of its making. */
const isItself = (stream: StreamId, { kind, id }: Subject): boolean => stream.kind === 'batch' && kind === 'batch' && id === stream.id;

const distinct = <Each extends Reference>(subjects: readonly Each[]): readonly Each[] => [...new Map(subjects.map((each) => [`${each.kind}#${each.id}`, each])).values()];

/**
 * Everything one event is about: its own stream (but for a batch), what its members name, who acted and who signed. A function that acts is no person.
 *
 * @see 21 CFR 211.188 (identity of equipment, lots and persons in the batch record); EU GMP Part IV, 4.9 (traceability of ATMPs both ways)
 */
export const subjectsOf = ({ stream, actor, event }: Recorded<unknown>): readonly Subject[] => {
  const members = event as Members;
  const named = Object.entries(KIND_BY_MEMBER).flatMap(([member, kind]): readonly Subject[] => {
    const id = members[member];
    return isText(id) ? [{ kind, id }] : [];
  });
  const all = [...ownSubject(stream), ...named, ...(actor.kind === 'person' ? [{ kind: 'person', id: actor.id } as const] : []), ...signerOf(members)];
  return distinct(all.filter((each) => !isItself(stream, each)));
};

/** What somebody tried to use in this event and might not. */
export const refusedIn = ({ event }: Recorded<unknown>): readonly Reference[] => Object.entries(REFUSED_KIND_BY_MEMBER).flatMap(([member, kind]): readonly Reference[] => {
  const id = (event as Members)[member];
  return isText(id) ? [{ kind, id }] : [];
});

/** Whether one event is the refusal of a subject. */
export const isRefusalOf = (recorded: Recorded<unknown>, { kind, id }: Subject): boolean =>
  (kind === 'material-lot' || kind === 'equipment') && refusedIn(recorded).some((each) => each.kind === REFUSED_KIND[kind] && each.id === id);

/** Whether one event is about a subject. */
export const isAbout = (recorded: Recorded<unknown>, { kind, id }: Subject): boolean => subjectsOf(recorded).some((each) => each.kind === kind && each.id === id);

/** Where the events of one append must be findable: by subject and by day, each once. */
export type References = Readonly<{ subjects: readonly Reference[]; days: readonly string[] }>;

/** A function of the events alone, so that the index can be made again from the record; making an entry twice changes nothing. */
export const referencesOf = (recorded: readonly Recorded<unknown>[]): References => ({
  subjects: distinct<Reference>([...recorded.flatMap(refusedIn), ...recorded.filter(({ event }) => !NAMED_BEFORE.has((event as Readonly<{ type: string }>).type)).flatMap(subjectsOf)]),
  days: [...new Set(recorded.map(({ recordedAt }) => recordedAt.slice(0, 10)))],
});
