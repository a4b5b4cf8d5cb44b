import { createBatch } from '../../shared/batch/commands/life.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { DomainError } from '../../shared/errors.ts';
import { requireChainOfIdentity, requireRegistered, type ChainOfIdentity, type ChainOfIdentityEvent } from '../../shared/identity/chain-of-identity.ts';
import { batchIdFrom, chainOfIdentityIdFrom, requireChainOfIdentityId } from '../../shared/identity/identifiers.ts';
import { actorOf } from '../_platform/caller.ts';
import { runCommand } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import type { BatchApiPorts } from './ports.ts';
import { CreateBatch, ReadChainOfIdentity, RegisterChainOfIdentity } from './read-schema.ts';

const identityEndpoints = (ports: BatchApiPorts): readonly Endpoint[] => [
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

const creationEndpoint = (ports: BatchApiPorts): Endpoint => endpoint(CreateBatch, async (request) => {
  const { productId } = request.body;
  const chainOfIdentityId = requireChainOfIdentityId(request.body.chainOfIdentityId);
  requireChainOfIdentity((await ports.records.chainsOfIdentity.load(chainOfIdentityId)).state, chainOfIdentityId, productId);
  const recipe = await ports.effectiveRecipe(productId);
  if (recipe === undefined) throw new DomainError('master-batch-record-not-effective', `product ${productId} has no effective master batch record`, { productId });
  const batchId = batchIdFrom(ports.nodeId, ports.now().getTime(), ports.randomBytes(16));
  const accepted = await runCommand<Batch, BatchEvent>(ports, {
    records: ports.records.batches, id: batchId, request,
    decide: ({ state }) => createBatch(state, { batchId, nodeId: ports.nodeId, productId, chainOfIdentityId, recipe }),
  });
  // The batch itself names its therapy event; this backlink only helps to find it, so a repeat adds it if it was lost.
  await ports.records.chainsOfIdentity.change(chainOfIdentityId, ({ state }) =>
    (state?.batchIds.includes(accepted.id) === true ? [] : [{ type: 'batch-bound', batchId: accepted.id }]), { actor: actorOf(request.caller) });
  return accepted;
});

/** Therapy events and the batches made for them. */
export const creationEndpoints = (ports: BatchApiPorts): readonly Endpoint[] => [...identityEndpoints(ports), creationEndpoint(ports)];
