import * as z from 'zod';
import { underAudit } from '../../shared/api/routes.ts';
import { SUBJECT_KINDS } from '../../shared/audit/subjects.ts';
import { BATCH_STATES, DISPOSITIONS } from '../../shared/batch/events.ts';
import { STREAM_KINDS } from '../../shared/record/envelope.ts';
import { contract } from '../_platform/contract.ts';
import { Empty, Identifier, Instant, PageQuery, pageOf } from '../_platform/fields.ts';
import { ReadInterventions } from '../governance-api/schema.ts';
import { INSPECTORS } from './inspectors.ts';
import { AuditEntry, BatchSummary, RecordedEvent } from './schema.ts';

const inspecting = { method: 'GET', body: Empty, roles: INSPECTORS } as const;
const Batch = z.strictObject({ batchId: Identifier });
const Day = 86_400_000;
/** Days one search by time may span. */
const MAXIMUM_DAYS = 92;

const isOrdered = ({ from, to }: Readonly<{ from?: string | undefined; to?: string | undefined }>): boolean => from === undefined || to === undefined || Date.parse(from) < Date.parse(to);

export const InspectBatches = contract({
  ...inspecting, operation: 'inspectBatches', route: '/v1/audit/batches', summary: 'Batches of this hospital that match all filters, the newest day first', path: Empty,
  query: PageQuery.extend({
    productId: Identifier.optional(), chainOfIdentityId: Identifier.optional(), state: z.enum(BATCH_STATES).optional(), disposition: z.enum([...DISPOSITIONS, 'none']).optional().describe('`none`: not yet decided'),
    from: Instant.optional().describe('Created at or after'), to: Instant.optional().describe('Created before'),
  }).refine(isOrdered, { error: 'want from before to', path: ['from'] }),
  answer: pageOf(BatchSummary),
});

export const InspectRecord = contract({
  ...inspecting, operation: 'inspectRecord', route: '/v1/audit/batches/{batchId}/record', summary: 'The record of a batch as it stood at a version: its state then, and the events up to it', path: Batch,
  query: PageQuery.extend({ version: z.coerce.number().int().min(1).optional().describe('The latest unless given') }),
  answer: pageOf(RecordedEvent).extend({
    batchId: z.string(), version: z.int().describe('The version asked for'), hash: z.string().describe('SHA-256 of its last event'), recordedAt: z.string().describe('When the record reached it'), latestVersion: z.int(),
    state: z.looseObject({ batchId: z.string(), state: z.enum(BATCH_STATES) }).describe('Fold of the events; of the recipe only its name and hash, its content is in the first event'),
  }),
});

export const InspectAuditTrail = contract({
  ...inspecting, operation: 'inspectAuditTrail', route: '/v1/audit/batches/{batchId}/audit-trail', summary: 'Who did what, when by server and device, old and new value, why', path: Batch,
  query: PageQuery, answer: pageOf(AuditEntry).extend({ batchId: z.string() }),
});

/** The ledger as the hospital's own people read it, so that both look at one thing. */
export const InspectInterventions = contract({ ...ReadInterventions, operation: 'inspectInterventions', route: underAudit(ReadInterventions.route), roles: INSPECTORS });

const SUBJECT_BY_PARAMETER = { chainOfIdentityId: 'chain-of-identity', materialLotId: 'material-lot', equipmentId: 'equipment', personId: 'person' } as const;
const SearchQuery = PageQuery.extend({
  limit: z.coerce.number().int().min(1).max(50).default(20),
  chainOfIdentityId: Identifier.optional(), materialLotId: Identifier.optional(), equipmentId: Identifier.optional(), personId: Identifier.optional(),
  from: Instant.optional().describe('Recorded at or after; with `to`, instead of a subject'), to: Instant.optional().describe('Recorded before'),
});
type SearchQuery = z.output<typeof SearchQuery>;

/** What a search asks for: one subject or one span of time. */
export type Question = Readonly<{ subject: Readonly<{ kind: (typeof SUBJECT_BY_PARAMETER)[keyof typeof SUBJECT_BY_PARAMETER]; id: string }> }> | Readonly<{ from: string; to: string }>;

/** @returns nothing, one or several questions; a query must hold exactly one */
export const questionsOf = (query: Omit<SearchQuery, 'limit'>): readonly Question[] => {
  const subjects = (Object.keys(SUBJECT_BY_PARAMETER) as (keyof typeof SUBJECT_BY_PARAMETER)[]).flatMap((name) => {
    const id = query[name];
    return id === undefined ? [] : [{ subject: { kind: SUBJECT_BY_PARAMETER[name], id } }];
  });
  const { from, to } = query;
  return [...subjects, ...(from === undefined || to === undefined ? [] : [{ from, to }])];
};

const ONE_QUESTION = 'want exactly one of chainOfIdentityId, materialLotId, equipmentId, personId, or from and to';
const QUESTION_PARAMETERS = [...Object.keys(SUBJECT_BY_PARAMETER), 'from', 'to'];
const refuseOther = (query: SearchQuery, context: z.RefinementCtx<SearchQuery>): void => {
  if (questionsOf(query).length === 1 && (query.from === undefined) === (query.to === undefined)) return;
  for (const name of QUESTION_PARAMETERS) context.addIssue({ code: 'custom', message: ONE_QUESTION, path: [name] });
};
const isShort = ({ from, to }: SearchQuery): boolean => from === undefined || to === undefined || Date.parse(to) - Date.parse(from) <= MAXIMUM_DAYS * Day;

export const StreamHit = z.strictObject({
  kind: z.enum(STREAM_KINDS), id: z.string(), latestVersion: z.int(),
  versions: z.array(z.strictObject({ version: z.int(), recordedAt: z.string(), type: z.string() })).describe('Events of the record that name the subject, or that lie in the time asked for'),
});
export const Search = contract({
  ...inspecting, operation: 'searchRecords', route: '/v1/audit/search', summary: 'Records, and versions of them, by therapy event, material lot, equipment, person or time', path: Empty,
  query: SearchQuery.superRefine(refuseOther)
    .refine(isOrdered, { error: 'want from before to', path: ['from'] }).refine(isShort, { error: `want at most ${MAXIMUM_DAYS} days`, path: ['to'] }),
  answer: pageOf(StreamHit),
});

export const ReadSecurityEvents = contract({
  method: 'GET', body: Empty, roles: ['quality-reviewer', 'qualified-person'], operation: 'readSecurityEvents', route: '/v1/audit/security-events', path: Empty,
  summary: 'What was refused because of who asked or how they signed: one entry a person and day, the latest day first', query: PageQuery.extend({ limit: z.coerce.number().int().min(1).max(50).default(20) }),
  answer: pageOf(z.strictObject({
    day: z.string(), personId: z.string(), version: z.int(),
    events: z.array(z.strictObject({ version: z.int(), recordedAt: z.string(), type: z.string(), operation: z.string().optional(), code: z.string().optional(), count: z.int().optional(), requestId: z.string().optional(), hash: z.string() })),
  })),
});

const SubjectView = z.strictObject({ kind: z.enum(SUBJECT_KINDS), id: z.string() });
const Tree = z.strictObject({
  records: z.array(SubjectView.extend({ distance: z.int().describe('Steps from the record asked for') })),
  links: z.array(z.strictObject({ from: SubjectView, to: SubjectView })).describe('Each from what went in to what it went into'),
});
export const ReadGenealogy = contract({
  ...inspecting, operation: 'readGenealogy', route: '/v1/audit/genealogy/{kind}/{id}', summary: 'Where a record went, and what it came from, through any number of lots and batches',
  path: z.strictObject({ kind: z.enum(SUBJECT_KINDS), id: Identifier }), query: Empty,
  answer: z.strictObject({ kind: z.enum(SUBJECT_KINDS), id: z.string(), forward: Tree, backward: Tree }),
});
