import { createBatch } from '../../shared/batch/commands/life.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { DomainError } from '../../shared/errors.ts';
import { requireChainOfIdentity } from '../../shared/identity/chain-of-identity.ts';
import { batchIdFrom, requireChainOfIdentityId } from '../../shared/identity/identifiers.ts';
import { actorOf } from '../_platform/caller.ts';
import { runCommand } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import type { BatchApiPorts } from './ports.ts';
import { CreateBatch } from './read-schema.ts';

/** Batches for therapy events. */
export const creationEndpoint = (ports: BatchApiPorts): Endpoint => endpoint(CreateBatch, async (request) => {
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
