import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { http } from '../_platform/http.ts';
import type { ObjectStore } from '../_platform/ports.ts';
import { seenState } from '../_platform/granted-view.ts';
import { logged, type ReadPorts } from '../_platform/read-log.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import { anyRecordEndpoints } from './any-record.ts';
import { readCertificate } from './certificate.ts';
import { inspectionEndpoints } from './inspection.ts';
import { readModels } from './models.ts';
import { InspectModels } from './models-schema.ts';
import { readGovernanceTables, readTrainingPartners, readTrainings } from './learning.ts';
import { InspectGovernanceTables, InspectTrainingPartners, InspectTrainings } from './learning-schema.ts';
import { auditEntry, eventPage, loadBatch } from './record-pages.ts';
import { listReads, type ReadsPorts } from './reads.ts';
import { ListReads } from './reads-schema.ts';
import { ListBatches, ReadAuditTrail, ReadCertificate, ReadRecord } from './schema.ts';
import { telemetryEndpoints } from './telemetry.ts';
import { summaryView } from './summary-view.ts';

type Ports = ReadPorts & ReadsPorts & Readonly<{ batches: Pick<StreamRecords<Batch, BatchEvent>, 'load'>; documents: Pick<ObjectStore, 'get'>; telemetry: Pick<ObjectStore, 'get'> }>;

/** The read-only interface of regulators and quality. It has no route that writes a record. */
export const createHandler = (ports: Ports) => http([
  logged(ports, ListBatches, async ({ query: { limit, cursor } }, { operations }) => {
    const page = await operations.list<Record<string, unknown>>(keyOf.summary('batch', '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) }, { newestFirst: true });
    return { ...page, items: page.items.map(summaryView) };
  }),
  logged(ports, ReadRecord, async ({ path: { batchId }, query }, { record }) => {
    const events = await loadBatch(record, batchId);
    const page = eventPage(batchId, events, query);
    return { ...page, items: page.items.map((each) => ({ ...each })), batchId, version: events.length, hash: events.at(-1)?.hash ?? '' };
  }),
  logged(ports, ReadAuditTrail, async ({ path: { batchId }, query }, { record }) => {
    const page = eventPage(batchId, await loadBatch(record, batchId), query);
    return { ...page, items: page.items.map(auditEntry), batchId };
  }),
  logged(ports, ReadCertificate, async ({ path: { batchId }, query: { format, of } }, view) =>
    readCertificate(ports.documents, (await seenState(view, ports.batches, { kind: 'batch', id: batchId })).state, batchId, { format, of })),
  ...inspectionEndpoints(ports),
  ...anyRecordEndpoints(ports),
  ...telemetryEndpoints(ports),
  logged(ports, InspectModels, ({ query }, view) => readModels(view, query)),
  logged(ports, InspectGovernanceTables, ({ query }, view) => readGovernanceTables(view, query)),
  logged(ports, InspectTrainings, ({ query }, view) => readTrainings(view, query)),
  logged(ports, InspectTrainingPartners, ({ query }, view) => readTrainingPartners(view, query)),
  logged(ports, ListReads, ({ query }) => listReads(ports, query)),
], ports.refusals);
