import type { Batch } from '../batch/state.ts';
import { DomainError } from '../errors.ts';
import type { PersonalField, PersonalFields, PersonalValue } from './fields.ts';
import { openValue, type PersonalDataItem } from './sealed.ts';

/** What a batch's record has commitments to: the values now valid, those corrected since, oldest first, and fields whose present value a restore did not find. */
export type OpenedPersonalData = Readonly<{ values: PersonalFields; earlier: readonly Readonly<{ field: PersonalField; value: PersonalValue; version: number }>[]; lost: readonly PersonalField[] }>;

const corrupt = (batchId: string, field: string): DomainError =>
  new DomainError('personal-data-corrupt', `batch ${batchId}: the record has a commitment to ${field}, its value is not there`, { batchId, field });

/**
 * Open the stored values against the commitments of the record: what is given out is what was recorded, or nothing is.
 *
 * @throws DomainError `personal-data-corrupt` when a value is missing, altered, or another batch's
 */
export const openPersonalData = ({ batchId, chainOfIdentityId, personalData }: Batch, item: PersonalDataItem | undefined): OpenedPersonalData => {
  const isLost = (commitment: string): boolean => item?.lost?.includes(commitment) === true;
  const opened = (personalData?.commitments ?? []).map(({ field, commitment, version }) => {
    if (isLost(commitment)) return { field, version, value: undefined };
    const entry = item?.entries.find((each) => each.field === field && each.commitment === commitment && each.version === version);
    if (item === undefined || entry === undefined || item.batchId !== batchId || item.chainOfIdentityId !== chainOfIdentityId) throw corrupt(batchId, field);
    return { field, version, value: openValue(entry, item) };
  });
  const latest = new Map(opened.map((each) => [each.field, each]));
  return {
    values: Object.fromEntries([...latest].flatMap(([field, { value }]) => (value === undefined ? [] : [[field, value]]))),
    earlier: opened.flatMap((each) => (latest.get(each.field) === each || each.value === undefined ? [] : [{ ...each, value: each.value }])),
    lost: [...latest.values()].filter(({ value }) => value === undefined).map(({ field }) => field),
  };
};
