import { trace, type Direction, type Neighbours } from '../../shared/audit/genealogy.ts';
import { subjectsOf, type Subject, type SubjectKind } from '../../shared/audit/subjects.ts';
import { DomainError } from '../../shared/errors.ts';
import type { Recorded, StreamId } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { inParallel } from '../_platform/in-parallel.ts';
import type { View } from '../_platform/granted-view.ts';
import { walk } from '../_platform/walk.ts';

export type GenealogyPorts = Pick<View, 'record' | 'operations' | 'sees'>;
type Summary = Readonly<{ chainOfIdentityId?: string; unusedLotIds?: readonly string[] }>;

/** Records of one kind that are about a subject, from the index. */
const about = async ({ operations }: GenealogyPorts, subject: Subject, kind: SubjectKind): Promise<readonly Subject[]> => {
  const found: Subject[] = [];
  for await (const stream of walk<StreamId>(operations, keyOf.reference(subject.kind, subject.id, '-', '-').pk)) if (stream.kind === kind) found.push({ kind, id: stream.id });
  return found;
};

const summaryOf = ({ operations }: GenealogyPorts, { kind, id }: Subject): Promise<Summary | undefined> => operations.get<Summary>(keyOf.summary(kind, id));

const recipientOf = async (ports: GenealogyPorts, batch: Subject): Promise<readonly Subject[]> => {
  const id = (await summaryOf(ports, batch))?.chainOfIdentityId;
  return id === undefined ? [] : [{ kind: 'chain-of-identity', id }];
};

/** Scanned is not used: a correction may have said so since. */
const usesLot = async (ports: GenealogyPorts, batch: Subject, lotId: string): Promise<boolean> => (await summaryOf(ports, batch))?.unusedLotIds?.includes(lotId) !== true;

const batchesOfLot = async (ports: GenealogyPorts, lot: Subject): Promise<readonly Subject[]> => {
  const batches = await about(ports, lot, 'batch');
  const isUser = await inParallel(batches, (each) => usesLot(ports, each, lot.id));
  return batches.filter((_, i) => isUser[i] === true);
};

const eventsOf = ({ record }: GenealogyPorts, { kind, id }: Subject): Promise<readonly Recorded<unknown>[]> => record.load({ kind, id });
const named = (events: readonly Recorded<unknown>[], kinds: readonly SubjectKind[]): readonly Subject[] => {
  const all = events.flatMap(subjectsOf).filter(({ kind }) => kinds.includes(kind));
  return [...new Map(all.map((each) => [`${each.kind}#${each.id}`, each])).values()];
};

const withoutUnused = (summary: Summary | undefined, subjects: readonly Subject[]): readonly Subject[] => subjects.filter(({ kind, id }) => kind !== 'material-lot' || summary?.unusedLotIds?.includes(id) !== true);

const forwardOf = async (ports: GenealogyPorts, subject: Subject): Promise<readonly Subject[]> => {
  switch (subject.kind) {
    case 'batch':
      return [...await recipientOf(ports, subject), ...await about(ports, subject, 'material-lot')];
    case 'chain-of-identity':
      return about(ports, subject, 'material-lot');
    case 'material-lot':
      return batchesOfLot(ports, subject);
    case 'equipment':
    case 'person':
      return about(ports, subject, 'batch');
    default:
      return subject.kind satisfies never;
  }
};

const backwardOf = async (ports: GenealogyPorts, subject: Subject): Promise<readonly Subject[]> => {
  switch (subject.kind) {
    case 'batch':
      return withoutUnused(await summaryOf(ports, subject), named(await eventsOf(ports, subject), ['material-lot', 'equipment', 'person']));
    case 'material-lot':
      return named(await eventsOf(ports, subject), ['chain-of-identity', 'batch']);
    case 'chain-of-identity':
      return about(ports, subject, 'batch');
    case 'equipment':
    case 'person':
      return [];
    default:
      return subject.kind satisfies never;
  }
};

const isKnown = async (ports: GenealogyPorts, subject: Subject): Promise<boolean> => {
  if (await summaryOf(ports, subject) !== undefined) return true;
  for await (const _ of walk<StreamId>(ports.operations, keyOf.reference(subject.kind, subject.id, '-', '-').pk)) return true;
  return false;
};

/** Neighbours that the reader may see: the record of one names others that may be hidden. */
const seenBy = async ({ sees }: GenealogyPorts, subjects: readonly Subject[]): Promise<readonly Subject[]> => {
  const isSeen = await inParallel(subjects, sees);
  return subjects.filter((_, i) => isSeen[i] === true);
};

/** @throws DomainError `record-not-found`, `request-too-large` */
export const readGenealogy = async (ports: GenealogyPorts, subject: Subject) => {
  if (!await isKnown(ports, subject)) throw new DomainError('record-not-found', `no ${subject.kind} ${subject.id} at this hospital`, { kind: subject.kind, id: subject.id });
  const neighbours: Neighbours = (subjects, direction: Direction) => inParallel(subjects, async (each) => seenBy(ports, await (direction === 'forward' ? forwardOf(ports, each) : backwardOf(ports, each))));
  return { ...subject, forward: await trace(subject, 'forward', neighbours), backward: await trace(subject, 'backward', neighbours) };
};
