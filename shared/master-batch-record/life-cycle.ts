import { DomainError } from '../errors.ts';
import { canonicalJson } from '../record/canonical-json.ts';
import { sha256Hex } from '../record/chain.ts';
import type { Recorded, Signature } from '../record/envelope.ts';
import { requireMeaning } from '../record/signature.ts';
import type { MasterBatchRecordContent, MasterBatchRecordState } from './model.ts';

/** Which revision of which master batch record. */
export type RevisionName = Readonly<{ masterBatchRecordId: string; revision: number }>;

/**
 * Life of a master batch record. One stream holds all its revisions, so that making one effective supersedes the last in the same event. Of a product one revision is effective,
 * whichever record it is of: `revision-superseded` is what happens to the other record, in the same transaction.
 */
export type MasterBatchRecordEvent =
  | Readonly<{ type: 'revision-drafted'; masterBatchRecordId: string; revision: number; content: MasterBatchRecordContent; contentHash: string }>
  | Readonly<{ type: 'revision-submitted'; revision: number; signature: Signature }>
  | Readonly<{ type: 'revision-returned'; revision: number; reason: string; signature: Signature }>
  | Readonly<{ type: 'revision-approved'; revision: number; signature: Signature }>
  | Readonly<{ type: 'revision-made-effective'; revision: number; supersededRevision?: number; signature: Signature }>
  | Readonly<{ type: 'revision-superseded'; revision: number; by: RevisionName }>;

export type Revision = Readonly<{
  revision: number; state: MasterBatchRecordState; content: MasterBatchRecordContent; contentHash: string; /** Everybody who drafted its content, in the order they did. */ drafterIds: readonly string[]; authorId?: string; approverId?: string; effectiveAt?: string;
}>;
export type MasterBatchRecord = Readonly<{ masterBatchRecordId: string; revisions: readonly Revision[] }>;

export const contentHashOf = (content: MasterBatchRecordContent): string => sha256Hex(canonicalJson(content));

const change = (record: MasterBatchRecord, revision: number, next: Partial<Revision>): MasterBatchRecord =>
  ({ ...record, revisions: record.revisions.map((each) => (each.revision === revision ? { ...each, ...next } : each)) });

const withoutAuthor = ({ authorId: _, ...revision }: Revision): Revision => ({ ...revision, state: 'draft' });

const evolveMove = (record: MasterBatchRecord, event: Exclude<MasterBatchRecordEvent, { type: 'revision-drafted' }>, recordedAt: string): MasterBatchRecord => {
  switch (event.type) {
    case 'revision-submitted':
      return change(record, event.revision, { state: 'in-review', authorId: event.signature.signerId });
    case 'revision-returned':
      return { ...record, revisions: record.revisions.map((each) => (each.revision === event.revision ? withoutAuthor(each) : each)) };
    case 'revision-approved':
      return change(record, event.revision, { state: 'approved', approverId: event.signature.signerId });
    case 'revision-made-effective': {
      const effective = change(record, event.revision, { state: 'effective', effectiveAt: recordedAt });
      return event.supersededRevision === undefined ? effective : change(effective, event.supersededRevision, { state: 'superseded' });
    }
    case 'revision-superseded':
      return change(record, event.revision, { state: 'superseded' });
    default:
      return event satisfies never;
  }
};

export const evolveMasterBatchRecord = (record: MasterBatchRecord | undefined, { event, recordedAt, stream, actor }: Recorded<MasterBatchRecordEvent>): MasterBatchRecord => {
  if (event.type === 'revision-drafted') {
    const { masterBatchRecordId, revision, content, contentHash } = event;
    const others = record?.revisions.filter((each) => each.revision !== revision) ?? [];
    const drafterIds = [...new Set([...record?.revisions.find((each) => each.revision === revision)?.drafterIds ?? [], actor.id])];
    return { masterBatchRecordId, revisions: [...others, { revision, state: 'draft', content, contentHash, drafterIds }] };
  }
  if (record === undefined) throw new DomainError('record-corrupt', `master batch record ${stream.id} does not begin with a draft`, { id: stream.id });
  return evolveMove(record, event, recordedAt);
};

const IN_WORK: readonly MasterBatchRecordState[] = ['draft', 'in-review', 'approved'];

export const inWork = (record: MasterBatchRecord): Revision | undefined => record.revisions.find(({ state }) => IN_WORK.includes(state));
export const effective = (record: MasterBatchRecord): Revision | undefined => record.revisions.find(({ state }) => state === 'effective');

const requireInWork = (record: MasterBatchRecord | undefined, id: string, wanted: MasterBatchRecordState): Revision => {
  if (record === undefined) throw new DomainError('master-batch-record-not-found', `no master batch record ${id}`, { masterBatchRecordId: id });
  const revision = inWork(record);
  if (revision?.state !== wanted) {
    throw new DomainError('master-batch-record-state-wrong', `master batch record ${id} ${revision === undefined ? 'has no revision in work' : `revision ${revision.revision} is ${revision.state}`}, want ${wanted}`, { masterBatchRecordId: id });
  }
  return revision;
};

/**
 * Draft a first or a next revision, or change the draft in work. A record stays with its product: the nodes read the effective revision by product, and
 * would go on with the last one of the old product.
 *
 * @throws DomainError `master-batch-record-state-wrong` when one is in review or approved, `master-batch-record-malformed` when the product is another
 */
export const draftRevision = (record: MasterBatchRecord | undefined, masterBatchRecordId: string, content: MasterBatchRecordContent): readonly MasterBatchRecordEvent[] => {
  const open = record === undefined ? undefined : inWork(record);
  if (open !== undefined && open.state !== 'draft') {
    throw new DomainError('master-batch-record-state-wrong', `revision ${open.revision} is ${open.state}, want it effective or returned before another draft`, { masterBatchRecordId });
  }
  const made = record?.revisions.find(({ state, content: { productId } }) => state !== 'draft' && productId !== content.productId);
  if (made !== undefined) throw new DomainError('master-batch-record-malformed', `productId: got ${content.productId}, want ${made.content.productId} as in revision ${made.revision}`, { paths: ['productId'] });
  const revision = open?.revision ?? (record?.revisions.length ?? 0) + 1;
  return [{ type: 'revision-drafted', masterBatchRecordId, revision, content, contentHash: contentHashOf(content) }];
};

/** Draft → in review. @throws DomainError `master-batch-record-not-found`, `master-batch-record-state-wrong`, `signature-meaning-wrong` */
export const submitRevision = (record: MasterBatchRecord | undefined, id: string, signature: Signature): readonly MasterBatchRecordEvent[] => {
  const { revision } = requireInWork(record, id, 'draft');
  requireMeaning(signature, 'authorship');
  return [{ type: 'revision-submitted', revision, signature }];
};

/** In review → draft. @throws as `submitRevision` */
export const returnRevision = (record: MasterBatchRecord | undefined, id: string, reason: string, signature: Signature): readonly MasterBatchRecordEvent[] => {
  const { revision } = requireInWork(record, id, 'in-review');
  requireMeaning(signature, 'review');
  return [{ type: 'revision-returned', revision, reason, signature }];
};

/** Who wrote a revision does not judge it: neither who submitted it, nor anybody who drafted any of its content. @throws DomainError `signature-same-person` */
const requireAnother = ({ revision, authorId, drafterIds }: Revision, { signerId }: Signature, what: string): void => {
  if (authorId === signerId || drafterIds.includes(signerId)) throw new DomainError('signature-same-person', `revision ${revision} was written by this person; another person must ${what}`);
};

/** In review → approved, by another person than those who wrote it. @throws as `submitRevision`, and `signature-same-person` */
export const approveRevision = (record: MasterBatchRecord | undefined, id: string, signature: Signature): readonly MasterBatchRecordEvent[] => {
  const found = requireInWork(record, id, 'in-review');
  requireMeaning(signature, 'approval');
  requireAnother(found, signature, 'approve it');
  return [{ type: 'revision-approved', revision: found.revision, signature }];
};

/**
 * Approved → effective; the revision effective until now is superseded by the same event.
 *
 * @throws as `submitRevision`, and `signature-same-person` when one of those who wrote it signs
 * @see 21 CFR 211.186(a) (prepared, dated and signed by one person, checked by a second); EU GMP 4.18
 */
export const makeRevisionEffective = (record: MasterBatchRecord | undefined, id: string, signature: Signature): readonly MasterBatchRecordEvent[] => {
  const found = requireInWork(record, id, 'approved');
  requireMeaning(signature, 'responsibility');
  requireAnother(found, signature, 'make it effective');
  const { revision } = found;
  const superseded = record === undefined ? undefined : effective(record);
  return [{ type: 'revision-made-effective', revision, ...(superseded === undefined ? {} : { supersededRevision: superseded.revision }), signature }];
};

/**
 * Effective → superseded, because a revision of another record of the same product becomes effective. Nodes read the effective revision by product, so that two at once would
 * leave it to chance which instructions a patient's batch follows. A variant of a product that is made beside it is a product of its own, with an identifier of its own.
 *
 * @param standing the revision that is effective for the product until now
 * @param by       the revision that becomes effective, of another record
 * @throws DomainError `record-corrupt` when the standing revision is not effective in its record
 * @see EU GMP 4.3 (superseded documents are not used); 21 CFR 211.186
 */
export const supersedeRevision = (record: MasterBatchRecord | undefined, standing: RevisionName, by: RevisionName): readonly MasterBatchRecordEvent[] => {
  const { masterBatchRecordId, revision } = standing;
  if (record === undefined || effective(record)?.revision !== revision) {
    throw new DomainError('record-corrupt', `master batch record ${masterBatchRecordId} revision ${revision} should be effective, and is not`, { masterBatchRecordId });
  }
  return [{ type: 'revision-superseded', revision, by }];
};
