import type * as z from 'zod';
import { foldBatch } from '../../shared/batch/fold.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { DomainError } from '../../shared/errors.ts';
import { foldLedger } from '../../shared/prediction-governance/ledger.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { Endpoint } from '../_platform/contract.ts';
import { decodeCursor } from '../_platform/cursor.ts';
import type { PageRequest } from '../_platform/ports.ts';
import type { View } from '../_platform/granted-view.ts';
import { ledgerView } from '../_platform/ledger-view.ts';
import { logged, type ReadPorts } from '../_platform/read-log.ts';
import { keptPage, walk } from '../_platform/walk.ts';
import { InspectAuditTrail, InspectBatches, InspectInterventions, InspectRecord, questionsOf, ReadGenealogy, ReadSecurityEvents, Search } from './audit-schema.ts';
import { readGenealogy } from './genealogy.ts';
import { auditEntry, eventPage, loadBatch, type RecordedBatchEvent } from './record-pages.ts';
import { search } from './search.ts';
import { readSecurityEvents } from './security-events.ts';
import { summaryView } from './summary-view.ts';

type Filters = z.output<typeof InspectBatches.query>;

const pageRequest = ({ limit, cursor }: Readonly<{ limit: number; cursor?: string | undefined }>): PageRequest => ({ limit, ...(cursor === undefined ? {} : { cursor }) });

const matches = (batch: ReturnType<typeof summaryView>, { productId, chainOfIdentityId, state, disposition, from, to }: Filters): boolean => {
  const created = Date.parse(batch.createdAt);
  return (productId === undefined || batch.productId === productId) && (chainOfIdentityId === undefined || batch.chainOfIdentityId === chainOfIdentityId)
    && (state === undefined || batch.state === state) && (disposition === undefined || (batch.disposition ?? 'none') === disposition)
    && (from === undefined || created >= Date.parse(from)) && (to === undefined || created < Date.parse(to));
};

const listBatches = ({ operations }: View, filters: Filters) => {
  const { pk } = keyOf.summary('batch', '-');
  const items = walk<Readonly<Record<string, unknown>>>(operations, pk, { after: decodeCursor(filters.cursor, pk), newestFirst: true });
  return keptPage(items, filters.limit, (item) => {
    const batch = summaryView(item);
    return matches(batch, filters) ? batch : undefined;
  }, (item) => ({ pk, sk: String(item['sk']) }));
};

/** The state without the content of its recipe, which is long and stands in the first event. */
const stateView = (batch: Batch | undefined) => {
  if (batch === undefined) throw new DomainError('record-corrupt', 'events gave no state');
  const { recipe: { content: _, ...recipe }, ...state } = batch;
  return { ...state, recipe };
};

/** @throws DomainError `record-version-not-found` for a version the record has not reached */
const asItStoodAt = (events: readonly RecordedBatchEvent[], batchId: string, version = events.length) => {
  const upTo = events.slice(0, version);
  const last = upTo[version - 1];
  if (last === undefined) throw new DomainError('record-version-not-found', `batch ${batchId} is at version ${events.length}, got ${version}`, { batchId, latestVersion: events.length });
  return { upTo, last };
};

/** The routes below `/v1/audit`, for who inspects. None writes a record, and each is itself on record before it answers. @see 21 CFR 11.10(b) */
export const inspectionEndpoints = (ports: ReadPorts): readonly Endpoint[] => [
  logged(ports, InspectBatches, async ({ query }, view) => {
    const page = await listBatches(view, query);
    return { ...page, items: [...page.items] };
  }),
  logged(ports, InspectRecord, async ({ path: { batchId }, query }, { record }) => {
    const events = await loadBatch(record, batchId);
    const { upTo, last } = asItStoodAt(events, batchId, query.version);
    const page = eventPage(batchId, upTo, query);
    return { ...page, items: page.items.map((each) => ({ ...each })), batchId, version: last.version, hash: last.hash, recordedAt: last.recordedAt, latestVersion: events.length, state: stateView(foldBatch(upTo)) };
  }),
  logged(ports, InspectAuditTrail, async ({ path: { batchId }, query }, { record }) => {
    const page = eventPage(batchId, await loadBatch(record, batchId), query);
    return { ...page, items: page.items.map(auditEntry), batchId };
  }),
  logged(ports, InspectInterventions, async ({ path: { batchId } }, { record }) => {
    const events = await loadBatch(record, batchId);
    return ledgerView({ batchId, version: events.length }, foldLedger(events), ports.now().getTime());
  }),
  logged(ports, Search, async ({ query }, view) => {
    const [question] = questionsOf(query);
    if (question === undefined) throw new DomainError('request-malformed', 'want one question', { paths: ['query'] });
    const page = await search(view, question, pageRequest(query));
    return { ...page, items: [...page.items] };
  }),
  logged(ports, ReadSecurityEvents, ({ query }, view) => readSecurityEvents(view, pageRequest(query))),
  logged(ports, ReadGenealogy, async ({ path }, view) => {
    const { forward, backward, ...subject } = await readGenealogy(view, path);
    const treeOf = ({ records, links }: typeof forward) => ({ records: [...records], links: [...links] });
    return { ...subject, forward: treeOf(forward), backward: treeOf(backward) };
  }),
];
