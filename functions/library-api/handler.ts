import type * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import {
  approveRevision, draftRevision, effective, inWork, makeRevisionEffective, returnRevision, submitRevision,
  type MasterBatchRecord, type MasterBatchRecordEvent, type Revision,
} from '../../shared/master-batch-record/life-cycle.ts';
import { parseMasterBatchRecord } from '../../shared/master-batch-record/schema.ts';
import type { Recorded, Signature } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { runCommand, signed, type Command, type CommandPorts } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import type { Accepted } from '../_platform/fields.ts';
import { http } from '../_platform/http.ts';
import type { OperationsStore, RecordStore } from '../_platform/ports.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import * as Routes from './schema.ts';

type Records = StreamRecords<MasterBatchRecord, MasterBatchRecordEvent>;
export type LibraryPorts = CommandPorts & Readonly<{
  records: Records;
  history: Pick<RecordStore, 'load'>;
  operations: OperationsStore;
  /** Make the effective revision readable to the nodes; repeatable. */
  publish(record: MasterBatchRecord): Promise<void>;
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

/** The revision people look at: the one in work, else the effective one, else the last. */
const shown = (record: MasterBatchRecord): Revision => {
  const revision = inWork(record) ?? effective(record) ?? record.revisions.at(-1);
  if (revision === undefined) throw new DomainError('record-corrupt', `master batch record ${record.masterBatchRecordId} has no revision`);
  return revision;
};

/** Attributes of the list item of one master batch record. */
export const librarySummaryOf = (record: MasterBatchRecord): Omit<z.input<typeof Routes.MasterBatchRecordSummary>, 'version'> => {
  const { revision, state, content, contentHash } = shown(record);
  return { masterBatchRecordId: record.masterBatchRecordId, productId: content.productId, title: content.title, revision, state, contentHash };
};

const historyEntry = ({ event, recordedAt, actor }: Recorded<MasterBatchRecordEvent>) => {
  const who = actor.kind === 'person' ? actor.printedName : actor.id;
  return { type: event.type, recordedAt, who, revision: event.revision, ...('signature' in event ? { meaning: event.signature.meaning, signedAt: event.signature.signedAt } : {}), ...('reason' in event ? { reason: event.reason } : {}) };
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
  endpoint(Routes.MakeEffective, async (request) => {
    const accepted = await move(ports, request, makeRevisionEffective);
    // After the record, and again on every repeat of the request: a crash in between leaves nothing unpublished for good.
    const { state } = await ports.records.load(request.path.masterBatchRecordId);
    await ports.publish(requireRecord(state, request.path.masterBatchRecordId));
    return accepted;
  }),
];

const readingEndpoints = (ports: LibraryPorts): readonly Endpoint[] => [
  endpoint(Routes.ListMasterBatchRecords, async ({ query: { limit, cursor } }) => {
    const page = await ports.operations.list<z.input<typeof Routes.MasterBatchRecordSummary>>(keyOf.summary('master-batch-record', '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) });
    return {
      ...page, items: page.items.map(({ masterBatchRecordId, productId, title, revision, state, version, contentHash }) =>
        ({ masterBatchRecordId, productId, title, revision, state, version, contentHash })),
    };
  }),
  endpoint(Routes.ReadMasterBatchRecord, async ({ path: { masterBatchRecordId } }) => {
    const { state, position } = await ports.records.load(masterBatchRecordId);
    const record = requireRecord(state, masterBatchRecordId);
    const history = await ports.history.load<MasterBatchRecordEvent>({ kind: 'master-batch-record', id: masterBatchRecordId });
    return { ...librarySummaryOf(record), version: position.version, content: { ...shown(record).content }, history: history.map(historyEntry) };
  }),
];

/** The library of master batch records and their signed life cycle. */
export const createHandler = (ports: LibraryPorts) => http([...lifeCycleEndpoints(ports), ...readingEndpoints(ports)]);
