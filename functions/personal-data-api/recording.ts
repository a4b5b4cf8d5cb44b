import type { BatchEvent, Commitments } from '../../shared/batch/events.ts';
import { correctPersonalData, recordPersonalData, requirePlausible } from '../../shared/batch/commands/personal-data.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { DomainError } from '../../shared/errors.ts';
import { requireNotErased, requireRegistered } from '../../shared/identity/chain-of-identity.ts';
import { fieldsIn, type PersonalFields } from '../../shared/personal-data/fields.ts';
import { namingWordsIn, requireNoneOf } from '../../shared/personal-data/free-text.ts';
import { MAXIMUM_ENTRIES, sealValues, type NewValue, type PersonalDataItem } from '../../shared/personal-data/sealed.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import type { Signature } from '../../shared/record/envelope.ts';
import { requireBatch } from '../batch-api/batch-command.ts';
import { actorOf } from '../_platform/caller.ts';
import { rolesNow, runCommand, signed, type Command } from '../_platform/command.ts';
import { endpoint, type ApiRequest, type Endpoint } from '../_platform/contract.ts';
import type { Accepted } from '../_platform/fields.ts';
import { putPersonalData } from '../_platform/personal-data-store.ts';
import type { Caller } from '../_platform/ports.ts';
import type { PersonalDataPorts } from './ports.ts';
import { CorrectPersonalData, RecordPersonalData } from './schema.ts';

type Body = Readonly<{ fields: PersonalFields; reason?: string }> & Command<Batch, BatchEvent>['request']['body'];
type Request = ApiRequest<Readonly<{ batchId: string }>, Readonly<object>, Body>;
type Decide = (batch: Batch, commitments: Commitments, signature: Signature | undefined) => readonly BatchEvent[];

/**
 * An erasure goes through the batches its therapy event names: before anything of the patient is taken in for a batch, its therapy event must name it.
 *
 * @throws DomainError `personal-data-erased`
 */
const bind = async ({ records }: PersonalDataPorts, { batchId, chainOfIdentityId }: Batch, caller: Caller): Promise<void> => {
  await records.chainsOfIdentity.change(chainOfIdentityId, ({ state: found }) => {
    const state = requireRegistered(found, chainOfIdentityId);
    requireNotErased(state);
    return state.batchIds.includes(batchId) ? [] : [{ type: 'batch-bound', batchId }];
  }, { actor: actorOf(caller) });
};

const requestKeyOf = ({ caller, idempotencyKey = '' }: Request): string => `${caller.id}#${idempotencyKey}`;

/** A retry must bring the same values. They are compared themselves, because a hash of them would outlive their erasure. @throws DomainError `idempotency-key-reused` */
const requireSameValues = (item: PersonalDataItem | undefined, requestKey: string, values: PersonalFields): void => {
  const before = (item?.entries ?? []).filter((entry) => entry.requestKey === requestKey).map(({ field, valueJson }) => `${field}=${valueJson}`);
  const now = fieldsIn(values).map(([field, value]) => `${field}=${canonicalJson(value)}`);
  if (before.length > 0 && before.toSorted().join('\n') !== now.toSorted().join('\n')) {
    throw new DomainError('idempotency-key-reused', 'this Idempotency-Key was used for other values; want a new key for a new request');
  }
};

/** The item must be that of the state decided on. @throws DomainError `version-conflict`, `request-too-large` */
const requireCurrent = (batch: Batch, item: PersonalDataItem | undefined, more: number): void => {
  if ((batch.personalData?.version ?? 0) !== (item?.version ?? 0)) {
    throw new DomainError('version-conflict', `personal data of batch ${batch.batchId} is at version ${batch.personalData?.version ?? 0} of the record, what is stored at ${item?.version ?? 0}; read it again`, { expectedVersion: batch.version });
  }
  const count = (item?.entries.length ?? 0) + more;
  if (count > MAXIMUM_ENTRIES) throw new DomainError('request-too-large', `got ${count} values of one batch with its corrections, want at most ${MAXIMUM_ENTRIES}`, { maximum: MAXIMUM_ENTRIES });
};

const commitmentsIn = (sealed: readonly NewValue[]): Commitments => Object.fromEntries(sealed.map(({ field, commitment }) => [field, commitment]));

/** Values and commitments in one transaction: neither is ever there without the other. The record, its idempotency key and its refusals see the names of fields only. */
const takeIn = async (ports: PersonalDataPorts, request: Request, decide: Decide): Promise<Accepted> => {
  const { path: { batchId }, body: { fields, ...rest } } = request;
  const { reason = '' } = rest;
  await rolesNow(ports, request);
  const batch = requireBatch((await ports.records.batches.load(batchId)).state, batchId);
  const { chainOfIdentityId } = batch;
  requirePlausible(fields, ports.now().getTime());
  await bind(ports, batch, request.caller);
  const item = await ports.personalData.get(chainOfIdentityId, batchId);
  const requestKey = requestKeyOf(request);
  requireSameValues(item, requestKey, fields);
  const sealed = sealValues(fields, requestKey, ports.randomBytes);
  requireNoneOf([item, { entries: sealed.map((value) => ({ ...value, version: batch.version })) }].flatMap(namingWordsIn), reason);
  return runCommand<Batch, BatchEvent>(ports, {
    records: ports.records.batches, id: batchId, request: { ...request, body: { ...rest, fields: sealed.map(({ field }) => field) } },
    decide: ({ state }, signature) => {
      const current = requireBatch(state, batchId);
      const events = decide(current, commitmentsIn(sealed), signature);
      requireCurrent(current, item, sealed.length);
      return events;
    },
    companions: ({ version }) => [putPersonalData({ chainOfIdentityId, batchId, version, entries: [...(item?.entries ?? []), ...sealed.map((value) => ({ ...value, version }))], ...(item?.lost === undefined ? {} : { lost: item.lost }) })],
  });
};

/** What comes in of the patient, and its correction. */
export const recordingEndpoints = (ports: PersonalDataPorts): readonly Endpoint[] => [
  endpoint(RecordPersonalData, (request) => takeIn(ports, request, recordPersonalData)),
  endpoint(CorrectPersonalData, (request) => takeIn(ports, request, (batch, commitments, signature) => correctPersonalData(batch, commitments, request.body.reason, signed(signature)))),
];
