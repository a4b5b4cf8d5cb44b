import * as z from 'zod';
import { STREAM_KINDS } from '../../shared/record/envelope.ts';
import { contract } from '../_platform/contract.ts';
import { Empty, Identifier, PageQuery, pageOf } from '../_platform/fields.ts';
import { INSPECTORS } from './inspectors.ts';
import { AuditEntry, RecordedEvent } from './schema.ts';

const inspecting = { method: 'GET', body: Empty, roles: INSPECTORS } as const;
const NamedRecord = z.strictObject({ kind: z.enum(STREAM_KINDS), id: Identifier });
const Named = { kind: z.enum(STREAM_KINDS), id: z.string() } as const;

export const InspectAnyRecord = contract({
  ...inspecting, operation: 'inspectAnyRecord', route: '/v1/audit/records/{kind}/{id}', summary: 'A record of any kind (lot, equipment, person, therapy, …): its events up to a version, chained by hash', path: NamedRecord,
  query: PageQuery.extend({ version: z.coerce.number().int().min(1).optional().describe('The latest unless given') }),
  answer: pageOf(RecordedEvent).extend({ ...Named, version: z.int().describe('The version asked for'), hash: z.string().describe('SHA-256 of its last event'), recordedAt: z.string(), latestVersion: z.int() }),
});
export const InspectAnyAuditTrail = contract({
  ...inspecting, operation: 'inspectAnyAuditTrail', route: '/v1/audit/records/{kind}/{id}/audit-trail', summary: 'Of a record of any kind: who did what, when by server and device, old and new values, why', path: NamedRecord,
  query: PageQuery, answer: pageOf(AuditEntry).extend(Named),
});
