import { requireRegistered, type ChainOfIdentity, type ChainOfIdentityEvent } from '../../shared/identity/chain-of-identity.ts';
import { chainOfIdentityIdFrom, requireChainOfIdentityId } from '../../shared/identity/identifiers.ts';
import { runCommand, type CommandPorts } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import type { NodeRecords } from '../_platform/node-records.ts';
import { ReadChainOfIdentity, RegisterChainOfIdentity } from './schema.ts';

type Ports = CommandPorts & Readonly<{ records: Pick<NodeRecords, 'chainsOfIdentity'>; randomBytes(count: number): Uint8Array }>;

/** Therapy events: each gets its identifier here, at or before collection. */
export const identityEndpoints = (ports: Ports): readonly Endpoint[] => [
  endpoint(RegisterChainOfIdentity, async (request) => {
    const { productId } = request.body;
    const chainOfIdentityId = chainOfIdentityIdFrom(ports.randomBytes(16));
    const accepted = await runCommand<ChainOfIdentity, ChainOfIdentityEvent>(ports, {
      records: ports.records.chainsOfIdentity, id: chainOfIdentityId, request,
      decide: () => [{ type: 'chain-of-identity-registered', chainOfIdentityId, productId }],
    });
    return { ...accepted, label: `COI:${accepted.id}` };
  }),
  endpoint(ReadChainOfIdentity, async ({ path }) => {
    const id = requireChainOfIdentityId(path.chainOfIdentityId);
    const { erasure, ...state } = requireRegistered((await ports.records.chainsOfIdentity.load(id)).state, id);
    return { ...state, batchIds: [...state.batchIds], label: `COI:${id}`, erased: erasure?.confirmation !== undefined };
  }),
];
