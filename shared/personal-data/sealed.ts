import * as z from 'zod';
import { DomainError } from '../errors.ts';
import { canonicalJson } from '../record/canonical-json.ts';
import { commitmentOf, isCommitmentTo, SALT_BYTES } from './commitment.ts';
import { fieldsIn, PERSONAL_FIELDS, PersonalFields, type PersonalField, type PersonalValue } from './fields.ts';

const Hex32 = z.string().regex(/^[0-9a-f]{64}$/);

/** One value with its salt, as it is kept beside the record. */
const SealedValue = z.strictObject({
  field: z.enum(PERSONAL_FIELDS),
  /** Canonical JSON: the very text the commitment is over. */
  valueJson: z.string().min(1).max(2000),
  /** Hex, 32 bytes. */
  salt: Hex32,
  commitment: Hex32,
  /** Version of the batch record whose event holds the commitment. */
  version: z.int().min(1),
  /** Idempotency key of the request that brought it: a retry is compared with the values themselves, so that no unsalted hash of them is kept anywhere. */
  requestKey: z.string().max(300),
});
export type SealedValue = z.infer<typeof SealedValue>;

/** Everything kept of the patient for one batch: present values and those that were corrected. One item, so that one delete removes all of it. */
export const PersonalDataItem = z.strictObject({
  chainOfIdentityId: z.string().min(1).max(64), batchId: z.string().min(1).max(64), version: z.int().min(1), entries: z.array(SealedValue),
  /** Commitments whose values a restore did not find; only a restore writes it. They are shown as lost until they are corrected. */
  lost: z.array(Hex32).optional(),
});
export type PersonalDataItem = z.infer<typeof PersonalDataItem>;

/** Values one batch may take in, corrections among them. */
export const MAXIMUM_ENTRIES = 200;

export type NewValue = Omit<SealedValue, 'version'>;

/**
 * Seal values: each with a salt of its own.
 *
 * @param randomBytes from a cryptographic source
 */
export const sealValues = (values: PersonalFields, requestKey: string, randomBytes: (count: number) => Uint8Array): readonly NewValue[] => fieldsIn(values).map(([field, value]) => {
  const salt = randomBytes(SALT_BYTES);
  return { field, valueJson: canonicalJson(value), salt: Buffer.from(salt).toString('hex'), commitment: commitmentOf(field, salt, value), requestKey };
});

const parsedValue = (field: PersonalField, valueJson: string): PersonalValue | undefined => {
  try {
    return PersonalFields.parse({ [field]: JSON.parse(valueJson) as unknown })[field];
  } catch {
    return undefined;
  }
};

/**
 * The value under a seal, held against its commitment.
 *
 * @param item names the batch, for the message alone
 * @throws DomainError `personal-data-corrupt` when the value is none of its field, or is not what was committed to
 */
export const openValue = ({ field, valueJson, salt, commitment }: SealedValue, { batchId }: Pick<PersonalDataItem, 'batchId'>): PersonalValue => {
  const value = parsedValue(field, valueJson);
  if (value === undefined || canonicalJson(value) !== valueJson || !isCommitmentTo(commitment, field, Buffer.from(salt, 'hex'), value)) {
    throw new DomainError('personal-data-corrupt', `batch ${batchId}: the stored ${field} does not match its commitment`, { batchId, field });
  }
  return value;
};
