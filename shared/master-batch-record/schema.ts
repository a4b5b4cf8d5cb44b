import * as z from 'zod';
import { MAXIMUM_ENTRY_BYTES } from '../audit-log/hash.ts';
import { DomainError } from '../errors.ts';
import { isOwnName } from '../identity/identifiers.ts';
import { canonicalJson } from '../record/canonical-json.ts';
import { ROLES } from '../record/envelope.ts';
import type { MasterBatchRecordContent } from './model.ts';
import { referenceFaults } from './references.ts';

const Id = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'want a lower-case identifier such as expansion-culture')
  .refine(isOwnName, 'want an identifier that is no word of the language, such as constructor');
const Text = z.string().trim().min(1).max(4000);
const Unit = z.string().max(30);
const Limits = z.strictObject({ low: z.number().optional(), high: z.number().optional() })
  .refine(({ low, high }) => low === undefined || high === undefined || low <= high, 'want low ≤ high');
const Source = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('entered') }),
  z.strictObject({ kind: z.literal('telemetry'), metric: Text, statistic: z.enum(['last', 'mean', 'minimum', 'maximum']) }),
]);
const Value = z.strictObject({
  id: Id, title: Text, unit: Unit, type: z.enum(['number', 'text', 'boolean']), limits: Limits.optional(), equals: z.union([Text, z.boolean()]).optional(), outOfLimits: z.enum(['refuse', 'deviation']), source: Source,
});
const Phase = z.strictObject({
  id: Id, title: Text, instruction: Text, role: z.enum(ROLES), training: z.array(Id).max(20), equipmentClassIds: z.array(Id).max(10),
  materials: z.array(z.strictObject({ materialId: Id, quantity: Limits.optional() })).max(30), values: z.array(Value).max(60),
  signatures: z.array(z.enum(['performed', 'verified'])).max(2), custodyTransfer: z.boolean(),
});
const Operation = z.strictObject({ id: Id, title: Text, phases: z.array(Phase).min(1).max(60) });
const UnitProcedure = z.strictObject({ id: Id, title: Text, after: z.array(Id).max(30), operations: z.array(Operation).min(1).max(30) });
const Test = z.strictObject({
  id: Id, title: Text, unit: Unit, type: z.enum(['number', 'text']), limits: Limits.optional(), equals: Text.optional(), timing: z.enum(['before-release', 'staged']),
});

export const MasterBatchRecordSchema = z.strictObject({
  productId: Id, title: Text, source: Text,
  materials: z.array(z.strictObject({ id: Id, title: Text, kind: z.enum(['patient', 'reagent', 'consumable', 'vector']), unit: Unit })).max(200),
  equipmentClasses: z.array(z.strictObject({ id: Id, title: Text, calibrated: z.boolean(), occupied: z.enum(['phase', 'until-last-phase']).optional(), monitored: z.boolean().optional() })).max(100),
  parameters: z.array(z.strictObject({ metric: Text, title: Text, unit: Unit, equipmentClassId: Id, critical: z.boolean(), alarm: Limits, longestSilenceMinutes: z.int('want whole minutes').min(1, 'want at least 1').max(1440, 'want at most 1440, a day').optional() })).max(500),
  procedure: z.array(UnitProcedure).min(1).max(60),
  releaseSpecification: z.array(Test).min(1).max(60),
});

const malformed = (faults: readonly string[]): DomainError =>
  new DomainError('master-batch-record-malformed', faults.join('; '), { paths: faults.map((fault) => fault.split(':')[0] ?? fault) });

/**
 * The shape alone, of content that was checked when it was drafted: a rule made since then does not stop a process that people approved.
 *
 * @throws DomainError `master-batch-record-malformed`, every fault named by its path
 */
export const parseShape = (value: unknown): MasterBatchRecordContent => {
  const result = MasterBatchRecordSchema.safeParse(value);
  if (!result.success) throw malformed(result.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'content'}: ${message}`));
  return result.data as MasterBatchRecordContent;
};

/** What a master batch record may weigh, as canonical JSON in UTF-8: each batch begins with a copy of it, in one entry of the log, with an envelope. */
export const MOST_CONTENT_BYTES = 60_000;

const sizeFaults = (content: MasterBatchRecordContent): readonly string[] => {
  const bytes = Buffer.byteLength(canonicalJson(content));
  return bytes <= MOST_CONTENT_BYTES ? [] : [`content: got ${bytes} bytes, want at most ${MOST_CONTENT_BYTES}: a batch begins with a copy of it, and an entry of the log holds ${MAXIMUM_ENTRY_BYTES}. Shorten instructions, or refer to a document`];
};

/**
 * Check foreign input: shape first, then that every reference inside it holds and that a batch can begin with it.
 *
 * @throws DomainError `master-batch-record-malformed`, every fault named by its path
 */
export const parseMasterBatchRecord = (value: unknown): MasterBatchRecordContent => {
  const content = parseShape(value);
  const faults = [...referenceFaults(content), ...sizeFaults(content)];
  if (faults.length > 0) throw malformed(faults);
  return content;
};
