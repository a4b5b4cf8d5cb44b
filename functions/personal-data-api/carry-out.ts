import { erasePersonalData, requireFinished } from '../../shared/batch/commands/personal-data.ts';
import type { ErasureOrder } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { DomainError } from '../../shared/errors.ts';
import { requireRegistered, type ChainOfIdentity } from '../../shared/identity/chain-of-identity.ts';
import type { Actor } from '../../shared/record/envelope.ts';
import { deletePersonalData } from '../_platform/personal-data-store.ts';
import type { PersonalDataPorts } from './ports.ts';
import type { ErasureView } from './schema.ts';

type Ports = Pick<PersonalDataPorts, 'records' | 'personalData'>;
export type Covered = Readonly<{ batchId: string; batch: Batch | undefined; isHeld: boolean }>;

/** Every batch the therapy event names, and every one that something is held for. */
export const coveredBy = async ({ records, personalData }: Ports, { chainOfIdentityId, batchIds }: ChainOfIdentity): Promise<readonly Covered[]> => {
  const held = new Set(await personalData.batchIds(chainOfIdentityId));
  const covered: Covered[] = [];
  for (const batchId of new Set([...batchIds, ...held])) covered.push({ batchId, batch: (await records.batches.load(batchId)).state, isHeld: held.has(batchId) });
  return covered;
};

/** @throws DomainError `erasure-too-early` naming the first batch under way */
export const requireAllFinished = (covered: readonly Covered[]): void => {
  for (const { batch } of covered) if (batch !== undefined) requireFinished(batch);
};

const orderOf = ({ chainOfIdentityId, erasure }: ChainOfIdentity): ErasureOrder => {
  if (erasure?.confirmation === undefined) throw new DomainError('erasure-not-requested', `no erasure of ${chainOfIdentityId} is confirmed`, { chainOfIdentityId });
  return { chainOfIdentityId, reason: erasure.reason, request: erasure.request, confirmation: erasure.confirmation };
};

/**
 * Carry a confirmed erasure out, batch by batch: the event that says so and the removal are one transaction, so that neither is ever there without the other. Every batch gets
 * the event, also one that nothing was recorded for: a recording under way then finds another version of the record, and is refused. Cut off anywhere, it is run again.
 *
 * @throws DomainError `chain-of-identity-not-found`, `erasure-not-requested`
 */
export const carryOutErasure = async (ports: Ports, chainOfIdentityId: string, actor: Actor): Promise<void> => {
  const state = requireRegistered((await ports.records.chainsOfIdentity.load(chainOfIdentityId)).state, chainOfIdentityId);
  const order = orderOf(state);
  for (const { batchId, batch } of await coveredBy(ports, state)) {
    if (batch !== undefined) {
      await ports.records.batches.change(batchId, ({ state: current }) => (current === undefined ? [] : erasePersonalData(current, order)), { actor, companions: () => [deletePersonalData(chainOfIdentityId, batchId)] });
    }
  }
  // What is still there has its event already, or no batch: it came back with an old copy of the table.
  for (const batchId of await ports.personalData.batchIds(chainOfIdentityId)) await ports.personalData.delete(chainOfIdentityId, batchId);
};

const stateOf = ({ erasure }: ChainOfIdentity, batches: ErasureView['batches']): ErasureView['state'] => {
  if (erasure === undefined) return 'none';
  if (erasure.confirmation === undefined) return 'requested';
  return batches.every(({ isErased, isHeld }) => isErased && !isHeld) ? 'complete' : 'confirmed';
};

const isFinished = ({ state, disposition }: Batch): boolean => disposition !== undefined || state === 'stopped' || state === 'aborted';

const batchView = ({ batchId, batch, isHeld }: Covered): ErasureView['batches'] => (batch === undefined ? [] : [{
  batchId, state: batch.state, isFinished: isFinished(batch), isErased: batch.personalData?.erasedAt !== undefined, isHeld,
  fields: [...new Set((batch.personalData?.commitments ?? []).map(({ field }) => field))],
  ...(batch.disposition === undefined ? {} : { disposition: batch.disposition.disposition }),
}]);

/** What an erasure covers and where it stands. @throws DomainError `chain-of-identity-not-found` */
export const erasureView = async (ports: Ports, chainOfIdentityId: string): Promise<ErasureView> => {
  const { state: found, position } = await ports.records.chainsOfIdentity.load(chainOfIdentityId);
  const state = requireRegistered(found, chainOfIdentityId);
  const batches = (await coveredBy(ports, state)).flatMap(batchView);
  const { erasure } = state;
  return {
    chainOfIdentityId, version: position.version, state: stateOf(state, batches), batches,
    ...(erasure === undefined ? {} : { reason: erasure.reason, requestedBy: erasure.request.printedName, requestedAt: erasure.request.signedAt }),
    ...(erasure?.confirmation === undefined ? {} : { confirmedBy: erasure.confirmation.printedName, confirmedAt: erasure.confirmation.signedAt }),
  };
};
