import type * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import {
  approveRevision, draftRevision, effective, inWork, makeRevisionEffective, returnRevision, submitRevision, supersedeRevision,
  type MasterBatchRecord, type MasterBatchRecordEvent, type RevisionName,
} from '../../shared/master-batch-record/life-cycle.ts';
import { parseMasterBatchRecord } from '../../shared/master-batch-record/schema.ts';
import type { Actor, Recorded, Signature } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { actorOf } from '../_platform/caller.ts';
import { runCommand, signed, type Command, type CommandPorts } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { seenState } from '../_platform/granted-view.ts';
import type { Accepted } from '../_platform/fields.ts';
import { http } from '../_platform/http.ts';
import { loggedAtControlSite } from '../_platform/network-view.ts';
import { onlyActive } from '../_platform/people.ts';
import type { Companion, OperationsStore, RecordStore } from '../_platform/ports.ts';
import type { ReadLog } from '../_platform/read-log.ts';
import type { RefusalLog } from '../_platform/refusals.ts';
import { summaryCompanion, type StreamRecords } from '../_platform/stream-records.ts';
import type { EffectiveRevision, Publisher } from './publish.ts';
import { librarySummaryOf, MASTER_BATCH_RECORDS, shown } from './records.ts';
import * as Routes from './schema.ts';

type Records = StreamRecords<MasterBatchRecord, MasterBatchRecordEvent>;
export type LibraryPorts = CommandPorts & Readonly<{
  refusals?: RefusalLog;
  records: Records;
  history: Pick<RecordStore, 'load' | 'plan'>;
  operations: OperationsStore;
  publisher: Pick<Publisher, 'publish'>;
  readLog: ReadLog;
}>;
type Moving = Readonly<{ path: Readonly<{ masterBatchRecordId: string }> }> & Command<MasterBatchRecord, MasterBatchRecordEvent>['request'];

const move = (ports: LibraryPorts, request: Moving, decide: (state: MasterBatchRecord | undefined, id: string, signature: Signature) => readonly MasterBatchRecordEvent[]): Promise<Accepted> => {
  const id = request.path.masterBatchRecordId;
  return runCommand<MasterBatchRecord, MasterBatchRecordEvent>(ports, { records: ports.records, id, request, decide: ({ state }, signature) => decide(state, id, signed(signature)) });
};

const requireRecord = (state: MasterBatchRecord | undefined, id: string): MasterBatchRecord => {
  if (state === undefined) throw new DomainError('master-batch-record-not-found', `no master batch record ${id}`, { masterBatchRecordId: id });
  return state;
};

const historyEntry = ({ event, recordedAt, actor }: Recorded<MasterBatchRecordEvent>) => {
  const who = actor.kind === 'person' ? actor.printedName : actor.id;
  return { type: event.type, recordedAt, who, revision: event.revision, ...('signature' in event ? { meaning: event.signature.meaning, signedAt: event.signature.signedAt } : {}), ...('reason' in event ? { reason: event.reason } : {}), ...('by' in event ? { by: event.by } : {}) };
};

type Superseding = Readonly<{ alongside: readonly Recorded<MasterBatchRecordEvent>[]; companions: readonly Companion[] }>;

/** What another record of the product loses when this revision becomes effective: planned on its version, so that it stands or falls with it. */
const superseding = async ({ records, history }: LibraryPorts, actor: Actor, standing: EffectiveRevision, by: RevisionName): Promise<Superseding> => {
  const { masterBatchRecordId: id } = standing;
  const { state, position } = await records.load(id);
  const events = supersedeRevision(state, standing, by);
  const alongside = history.plan({ stream: { kind: MASTER_BATCH_RECORDS.kind, id }, expectedVersion: position.version, previousHash: position.hash, previousRecordedAt: position.recordedAt, events, actor });
  const next = alongside.reduce<MasterBatchRecord | undefined>(MASTER_BATCH_RECORDS.evolve, state);
  return { alongside, companions: next === undefined ? [] : [summaryCompanion(MASTER_BATCH_RECORDS, id, next, position.version + alongside.length)] };
};

/** The product's one effective revision, as it stood when the command was decided; another that came meanwhile loses the command its race. */
const standingCompanion = (productId: string, standing: EffectiveRevision | undefined, { masterBatchRecordId, revision }: RevisionName): Companion => ({
  type: 'put', key: keyOf.effectiveRevision(productId), attributes: { productId, masterBatchRecordId, revision } satisfies EffectiveRevision,
  ...(standing === undefined ? { onlyIfAbsent: true } : { onlyIfAbsent: false, onlyIf: { masterBatchRecordId: standing.masterBatchRecordId, revision: standing.revision } }),
});

const makeEffective = async (ports: LibraryPorts, request: Moving): Promise<Accepted> => {
  const id = request.path.masterBatchRecordId;
  const { state } = await ports.records.load(id);
  const revision = state === undefined ? undefined : inWork(state);
  const productId = (revision ?? (state === undefined ? undefined : effective(state)))?.content.productId;
  const standing = productId === undefined ? undefined : await ports.operations.get<EffectiveRevision>(keyOf.effectiveRevision(productId));
  const isOther = revision?.state === 'approved' && standing !== undefined && standing.masterBatchRecordId !== id;
  const lost = isOther ? await superseding(ports, actorOf(request.caller), standing, { masterBatchRecordId: id, revision: revision.revision }) : { alongside: [], companions: [] };
  const accepted = await runCommand<MasterBatchRecord, MasterBatchRecordEvent>(ports, {
    records: ports.records, id, request, decide: ({ state: held }, signature) => makeRevisionEffective(held, id, signed(signature)), alongside: lost.alongside,
    companions: () => (revision === undefined ? [] : [...lost.companions, standingCompanion(revision.content.productId, standing, { masterBatchRecordId: id, revision: revision.revision })]),
  });
  // Should this be cut off, the scheduled run publishes it.
  if (productId !== undefined) await ports.publisher.publish(productId);
  return accepted;
};

const lifeCycleEndpoints = (ports: LibraryPorts): readonly Endpoint[] => [
  endpoint(Routes.DraftMasterBatchRecord, (request) => {
    const { masterBatchRecordId } = request.body;
    const content = parseMasterBatchRecord(request.body.content);
    return runCommand<MasterBatchRecord, MasterBatchRecordEvent>(ports, { records: ports.records, id: masterBatchRecordId, request, decide: ({ state }) => draftRevision(state, masterBatchRecordId, content) });
  }),
  endpoint(Routes.SubmitMasterBatchRecord, (request) => move(ports, request, submitRevision)),
  endpoint(Routes.ApproveMasterBatchRecord, (request) => move(ports, request, approveRevision)),
  endpoint(Routes.ReturnToDraft, (request) => move(ports, request, (state, id, signature) => returnRevision(state, id, request.body.reason, signature))),
  endpoint(Routes.MakeEffective, (request) => makeEffective(ports, request)),
];

const readingEndpoints = ({ history, records, ...ports }: LibraryPorts): readonly Endpoint[] => [
  loggedAtControlSite({ ...ports, record: history }, Routes.ListMasterBatchRecords, async ({ query: { limit, cursor } }, { operations }) => {
    const page = await operations.list<z.input<typeof Routes.MasterBatchRecordSummary>>(keyOf.summary('master-batch-record', '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) });
    return {
      ...page, items: page.items.map(({ masterBatchRecordId, productId, title, revision, state, version, contentHash, effectiveRevision }) =>
        ({ masterBatchRecordId, productId, title, revision, state, version, contentHash, ...(effectiveRevision === undefined ? {} : { effectiveRevision }) })),
    };
  }),
  loggedAtControlSite({ ...ports, record: history }, Routes.ReadMasterBatchRecord, async ({ path: { masterBatchRecordId } }, view) => {
    const { state, position } = await seenState(view, records, { kind: MASTER_BATCH_RECORDS.kind, id: masterBatchRecordId });
    const record = requireRecord(state, masterBatchRecordId);
    const events = await view.record.load<MasterBatchRecordEvent>({ kind: MASTER_BATCH_RECORDS.kind, id: masterBatchRecordId });
    return { ...librarySummaryOf(record), version: position.version, content: { ...shown(record).content }, history: events.map(historyEntry) };
  }),
];

/** The library of master batch records and their signed life cycle. */
export const createHandler = (ports: LibraryPorts) => http([...onlyActive(ports.personOf, lifeCycleEndpoints(ports)), ...readingEndpoints(ports)], ports.refusals);
