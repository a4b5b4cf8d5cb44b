import type { Partners } from '../../models/federated/secure/keys.ts';
import { partnersOf, type Partner, type PartnerEvent } from '../../models/federated/workflow/partner.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { TRAINING_PARTNERS } from '../federated/records.ts';
import type { OperationsStore, RecordStore } from './ports.ts';
import { createStreamRecords } from './stream-records.ts';
import { walk } from './walk.ts';

/** Whom this hospital's people confirmed, from its record: the list only says which to read. */
export const readPartners = async (operations: Pick<OperationsStore, 'list'>, record: RecordStore): Promise<Partners> => {
  const records = createStreamRecords<Partner, PartnerEvent>(TRAINING_PARTNERS, record);
  const held: Partner[] = [];
  for await (const { id } of walk<Readonly<{ id: string }>>(operations, keyOf.summary(TRAINING_PARTNERS.kind, '-').pk)) {
    const { state } = await records.load(id);
    if (state !== undefined) held.push(state);
  }
  return partnersOf(held);
};
