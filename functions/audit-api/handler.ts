import type * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import { describeEvent } from '../../shared/batch/describe.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import type { Recorded, Signature } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { decodeCursor, encodeCursor } from '../_platform/cursor.ts';
import { http } from '../_platform/http.ts';
import type { ObjectStore, OperationsStore, RecordStore } from '../_platform/ports.ts';
import { logged, type ReadPorts } from '../_platform/read-log.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import { readCertificate } from './certificate.ts';
import { ListBatches, ReadAuditTrail, ReadCertificate, ReadRecord, type AuditEntry, type BatchSummary } from './schema.ts';

type Ports = ReadPorts & Readonly<{ record: Pick<RecordStore, 'load'>; operations: Pick<OperationsStore, 'list'>; batches: Pick<StreamRecords<Batch, BatchEvent>, 'load'>; documents: Pick<ObjectStore, 'get'> }>;

type RecordedBatchEvent = Recorded<BatchEvent>;
type Paging = Readonly<{ limit: number; cursor?: string | undefined }>;

const loadBatch = async ({ record }: Ports, batchId: string): Promise<readonly RecordedBatchEvent[]> => {
  const events = await record.load<BatchEvent>({ kind: 'batch', id: batchId });
  if (events.length === 0) throw new DomainError('batch-not-found', `no batch ${batchId} at this hospital`, { batchId });
  return events;
};

/** @throws DomainError `cursor-malformed`: one that names no version would end the record early, and look like its end */
const versionAfter = (pk: string, cursor: string | undefined): number => {
  const version = decodeCursor(cursor, pk)?.sk ?? '0';
  if (!/^\d{1,9}$/.test(version)) throw new DomainError('cursor-malformed', 'cursor names no version of the record; start again without it');
  return Number(version);
};

/** A page of events after the version the cursor names. */
const pageOf = (batchId: string, events: readonly RecordedBatchEvent[], { limit, cursor }: Paging) => {
  const pk = `RECORD#${batchId}`;
  const after = versionAfter(pk, cursor);
  const items = events.filter(({ version }) => version > after).slice(0, limit);
  const last = items.at(-1);
  const nextCursor = last === undefined || last.version === events.length ? undefined : encodeCursor({ pk, sk: String(last.version) });
  return { items, ...(nextCursor === undefined ? {} : { nextCursor }) };
};

const signatureOf = (event: BatchEvent): Signature | undefined => ('signature' in event ? event.signature : undefined);

const auditEntry = ({ version, recordedAt, deviceTime, actor, event, hash }: RecordedBatchEvent): z.input<typeof AuditEntry> => {
  const signature = signatureOf(event);
  return {
    version, recordedAt, ...(deviceTime === undefined ? {} : { deviceTime }), type: event.type, ...describeEvent(event), hash,
    who: actor.kind === 'person' ? actor.printedName : `${actor.id} ${actor.version}`, whoId: actor.id,
    ...(signature === undefined ? {} : { signature: { printedName: signature.printedName, meaning: signature.meaning, signedAt: signature.signedAt, signedVersion: signature.signedVersion } }),
  };
};

const summaryView = (item: Readonly<Record<string, unknown>>): z.input<typeof BatchSummary> => {
  const { batchId, productId, chainOfIdentityId, state, disposition, createdAt, version, openDeviationCount } = item as z.input<typeof BatchSummary>;
  return { batchId, productId, chainOfIdentityId, state, ...(disposition === undefined ? {} : { disposition }), createdAt, version, openDeviationCount };
};

/** The read-only interface of regulators and quality. It has no route that writes a record. */
export const createHandler = (ports: Ports) => http([
  logged(ports, ListBatches, async ({ query: { limit, cursor } }) => {
    const page = await ports.operations.list<Record<string, unknown>>(keyOf.summary('batch', '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) }, { newestFirst: true });
    return { ...page, items: page.items.map(summaryView) };
  }),
  logged(ports, ReadRecord, async ({ path: { batchId }, query }) => {
    const events = await loadBatch(ports, batchId);
    const page = pageOf(batchId, events, query);
    return { ...page, items: page.items.map((each) => ({ ...each })), batchId, version: events.length, hash: events.at(-1)?.hash ?? '' };
  }),
  logged(ports, ReadAuditTrail, async ({ path: { batchId }, query }) => {
    const page = pageOf(batchId, await loadBatch(ports, batchId), query);
    return { ...page, items: page.items.map(auditEntry), batchId };
  }),
  logged(ports, ReadCertificate, async ({ path: { batchId }, query: { format } }) => readCertificate(ports.documents, (await ports.batches.load(batchId)).state, batchId, format)),
]);
