import { DomainError } from '../../shared/errors.ts';
import { requireRegistered, type ChainOfIdentity, type ChainOfIdentityEvent } from '../../shared/identity/chain-of-identity.ts';
import { confirmErasure, requestErasure } from '../../shared/identity/erasure.ts';
import { requireChainOfIdentityId } from '../../shared/identity/identifiers.ts';
import { namingWordsIn, requireNoneOf } from '../../shared/personal-data/free-text.ts';
import type { PersonalDataItem } from '../../shared/personal-data/sealed.ts';
import { actorOf } from '../_platform/caller.ts';
import { rolesNow, runCommand, signed } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { logged } from '../_platform/read-log.ts';
import { carryOutErasure, coveredBy, erasureView, requireAllFinished } from './carry-out.ts';
import type { PersonalDataPorts } from './ports.ts';
import { CompleteErasure, ConfirmErasure, ReadErasure, RequestErasure } from './schema.ts';

/** Damaged personal data must not stand in the way of its erasure. */
const readable = async ({ personalData }: PersonalDataPorts, chainOfIdentityId: string, batchId: string): Promise<PersonalDataItem | undefined> => {
  try {
    return await personalData.get(chainOfIdentityId, batchId);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'personal-data-corrupt') return undefined;
    throw error;
  }
};

const requireCleanReason = async (ports: PersonalDataPorts, chainOfIdentityId: string, reason: string): Promise<void> => {
  for (const batchId of await ports.personalData.batchIds(chainOfIdentityId)) {
    requireNoneOf(namingWordsIn(await readable(ports, chainOfIdentityId, batchId)), reason);
  }
};

const found = async ({ records }: PersonalDataPorts, text: string): Promise<ChainOfIdentity> => {
  const id = requireChainOfIdentityId(text);
  return requireRegistered((await records.chainsOfIdentity.load(id)).state, id);
};

/** Two people, one after the other: who asks, and who confirms. Both sign the record of the therapy event. */
export const erasingEndpoints = (ports: PersonalDataPorts): readonly Endpoint[] => [
  logged(ports, ReadErasure, async ({ path }) => erasureView(ports, (await found(ports, path.chainOfIdentityId)).chainOfIdentityId)),
  endpoint(RequestErasure, async (request) => {
    const state = await found(ports, request.path.chainOfIdentityId);
    const { chainOfIdentityId } = state;
    const covered = await coveredBy(ports, state);
    await requireCleanReason(ports, chainOfIdentityId, request.body.reason);
    return runCommand<ChainOfIdentity, ChainOfIdentityEvent>(ports, {
      records: ports.records.chainsOfIdentity, id: chainOfIdentityId, request,
      decide: (held, signature) => {
        requireAllFinished(covered);
        return requestErasure(requireRegistered(held.state, chainOfIdentityId), request.body.reason, signed(signature));
      },
    });
  }),
  endpoint(ConfirmErasure, async (request) => {
    const state = await found(ports, request.path.chainOfIdentityId);
    const { chainOfIdentityId } = state;
    const covered = await coveredBy(ports, state);
    await runCommand<ChainOfIdentity, ChainOfIdentityEvent>(ports, {
      records: ports.records.chainsOfIdentity, id: chainOfIdentityId, request,
      decide: (held, signature) => {
        requireAllFinished(covered);
        return confirmErasure(requireRegistered(held.state, chainOfIdentityId), signed(signature));
      },
    });
    await carryOutErasure(ports, chainOfIdentityId, actorOf(request.caller));
    return erasureView(ports, chainOfIdentityId);
  }),
  endpoint(CompleteErasure, async (request) => {
    await rolesNow(ports, request);
    const { chainOfIdentityId } = await found(ports, request.path.chainOfIdentityId);
    await carryOutErasure(ports, chainOfIdentityId, actorOf(request.caller));
    return erasureView(ports, chainOfIdentityId);
  }),
];
