import { requireNotErased as requireBatchNotErased } from '../../shared/batch/commands/personal-data.ts';
import { DomainError } from '../../shared/errors.ts';
import { requireNotErased, requireRegistered } from '../../shared/identity/chain-of-identity.ts';
import { fieldsIn, readableFields } from '../../shared/personal-data/fields.ts';
import { openPersonalData } from '../../shared/personal-data/opened.ts';
import { requireBatch } from '../batch-api/batch-command.ts';
import { rolesNow } from '../_platform/command.ts';
import type { Endpoint } from '../_platform/contract.ts';
import { logged } from '../_platform/read-log.ts';
import type { PersonalDataPorts } from './ports.ts';
import { ReadPersonalData } from './schema.ts';

/** Batch, item, therapy event, in this order: an item is never older than the record it is held against, and one that an erasure took meanwhile is seen as erased. */
export const readingEndpoint = (ports: PersonalDataPorts): Endpoint => logged(ports, ReadPersonalData, async (request) => {
  const { records, personalData } = ports;
  const { batchId } = request.path;
  const roles = await rolesNow(ports, request);
  const batch = requireBatch((await records.batches.load(batchId)).state, batchId);
  const { chainOfIdentityId, version } = batch;
  const item = await personalData.get(chainOfIdentityId, batchId);
  requireNotErased(requireRegistered((await records.chainsOfIdentity.load(chainOfIdentityId)).state, chainOfIdentityId));
  requireBatchNotErased(batch);
  const { values, earlier, lost } = openPersonalData(batch, item);
  const held = fieldsIn(values);
  if (held.length + lost.length === 0) throw new DomainError('personal-data-not-found', `nothing is recorded of the patient for batch ${batchId}`, { batchId });
  const readable = readableFields(roles);
  return {
    batchId, chainOfIdentityId, version, fields: Object.fromEntries(held.filter(([field]) => readable.has(field))),
    earlier: earlier.filter(({ field }) => readable.has(field)).map(({ field, value, version: at }) => ({ field, value, version: at })),
    lost: [...lost], withheld: held.map(([field]) => field).filter((field) => !readable.has(field)),
  };
});
