import { DomainError } from '../../errors.ts';
import type { PersonalField, PersonalFields } from '../../personal-data/fields.ts';
import type { Signature } from '../../record/envelope.ts';
import { requireMeaning } from '../../record/signature.ts';
import { requireState, requireUndecided } from '../context.ts';
import type { BatchEvent, Commitments, ErasureOrder } from '../events.ts';
import type { Batch } from '../state.ts';

const OLDEST_YEARS = 130;

/** @throws DomainError `personal-data-erased` */
export const requireNotErased = ({ batchId, personalData }: Batch): void => {
  if (personalData?.erasedAt !== undefined) throw new DomainError('personal-data-erased', `the personal data of batch ${batchId} was erased at ${personalData.erasedAt}`, { batchId });
};

/** Commitment now valid for each field. */
export const currentCommitments = ({ personalData }: Batch): ReadonlyMap<PersonalField, string> =>
  new Map((personalData?.commitments ?? []).map(({ field, commitment }) => [field, commitment]));

const fieldsOf = (commitments: Commitments): readonly PersonalField[] => Object.keys(commitments) as PersonalField[];

const requireOpen = (batch: Batch): void => {
  requireNotErased(batch);
  requireUndecided(batch);
  requireState(batch, 'idle', 'running', 'held', 'complete');
};

/**
 * A year of birth that a living person can have.
 *
 * @throws DomainError `personal-data-implausible`; the message does not repeat the year
 */
export const requirePlausible = ({ yearOfBirth }: PersonalFields, nowEpochMs: number): void => {
  const thisYear = new Date(nowEpochMs).getUTCFullYear();
  if (yearOfBirth === undefined || (yearOfBirth <= thisYear && yearOfBirth >= thisYear - OLDEST_YEARS)) return;
  throw new DomainError('personal-data-implausible', `yearOfBirth: want ${thisYear - OLDEST_YEARS} to ${thisYear}`, { field: 'yearOfBirth' });
};

/**
 * Record commitments to personal fields for the first time. Their values stay out of the record.
 *
 * @throws DomainError `personal-data-erased`, `batch-already-dispositioned`, `batch-state-wrong`, `correction-reason-missing` (recorded already: correct it)
 */
export const recordPersonalData = (batch: Batch, commitments: Commitments): readonly BatchEvent[] => {
  requireOpen(batch);
  const held = currentCommitments(batch);
  const again = fieldsOf(commitments).filter((field) => held.has(field));
  if (again.length > 0) throw new DomainError('correction-reason-missing', `${again.join(', ')}: recorded already; correct it with a reason and a signature`, { fields: again });
  return [{ type: 'personal-data-recorded', commitments }];
};

/**
 * Replace commitments; those before stay on record.
 *
 * @throws DomainError `personal-data-erased`, `batch-already-dispositioned`, `batch-state-wrong`, `signature-meaning-wrong`, `personal-data-not-found` (nothing to correct)
 * @see 21 CFR 11.10(e)
 */
export const correctPersonalData = (batch: Batch, commitments: Commitments, reason: string, signature: Signature): readonly BatchEvent[] => {
  requireOpen(batch);
  requireMeaning(signature, 'responsibility');
  const held = currentCommitments(batch);
  const absent = fieldsOf(commitments).filter((field) => !held.has(field));
  if (absent.length > 0) throw new DomainError('personal-data-not-found', `${absent.join(', ')}: not recorded yet, so there is nothing to correct`, { fields: absent });
  return [{ type: 'personal-data-corrected', commitments, reason, signature }];
};

/** Carry a confirmed erasure out on one batch; nothing when it is done. */
export const erasePersonalData = (batch: Batch, order: ErasureOrder): readonly BatchEvent[] => (batch.personalData?.erasedAt === undefined
  ? [{ type: 'personal-data-erased', ...order, erased: (batch.personalData?.commitments ?? []).map(({ field, commitment }) => ({ field, commitment })) }] : []);

/**
 * While cells are being made, or wait for their certification, who they are for must be known.
 *
 * @throws DomainError `erasure-too-early`
 * @see Regulation (EC) 1394/2007 Art. 15 (traceability); GDPR Art. 17(3)(b), (c)
 */
export const requireFinished = ({ batchId, state, disposition }: Batch): void => {
  if (disposition !== undefined || state === 'stopped' || state === 'aborted') return;
  throw new DomainError('erasure-too-early', `batch ${batchId} is ${state} and not dispositioned, want it dispositioned, stopped or aborted before who it is for is erased`, { batchId, state });
};
