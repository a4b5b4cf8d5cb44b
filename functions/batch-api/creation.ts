import { createBatch } from '../../shared/batch/commands/life.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { isRecordedRefusal } from '../../shared/batch/refusal.ts';
import { DomainError, type ErrorCode } from '../../shared/errors.ts';
import { requireChainOfIdentity } from '../../shared/identity/chain-of-identity.ts';
import { batchIdFrom, requireChainOfIdentityId } from '../../shared/identity/identifiers.ts';
import { actorOf } from '../_platform/caller.ts';
import { runCommand } from '../_platform/command.ts';
import { endpoint, type ApiRequest, type Endpoint } from '../_platform/contract.ts';
import type { Accepted } from '../_platform/fields.ts';
import type { Caller } from '../_platform/ports.ts';
import type { BatchApiPorts } from './ports.ts';
import { CreateBatch } from './read-schema.ts';

type Creation = Readonly<{ caller: Caller; requestId: string; body: Readonly<{ productId: string; chainOfIdentityId: string }> }>;

const OPERATION = 'createBatch';
/** Refused where no therapy event has a record to keep it. */
const WITHOUT_THERAPY: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['label-malformed', 'chain-of-identity-not-found']);

/** There is no batch yet to keep the refusal: it stands on the record of the therapy event, or, where a misread label names none, among the refused attempts of the person. */
const keepRefusal = async ({ records, refusals }: BatchApiPorts, { caller, requestId, body: { chainOfIdentityId } }: Creation, error: unknown): Promise<void> => {
  if (!(error instanceof DomainError)) return;
  const { code, message: detail } = error;
  if (WITHOUT_THERAPY.has(code)) await refusals?.note({ caller, operation: OPERATION, code, requestId });
  else if (isRecordedRefusal(error) || code === 'personal-data-erased') {
    await records.chainsOfIdentity.change(chainOfIdentityId, ({ state }) => (state === undefined ? [] : [{ type: 'action-refused', attempted: OPERATION, code, detail }]), { actor: actorOf(caller) });
  }
};

const create = async (ports: BatchApiPorts, request: ApiRequest<Readonly<object>, Readonly<object>, Creation['body']>): Promise<Accepted> => {
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
};

/** Batches for therapy events. */
export const creationEndpoint = (ports: BatchApiPorts): Endpoint => endpoint(CreateBatch, async (request) => {
  try {
    return await create(ports, request);
  } catch (error) {
    await keepRefusal(ports, request, error);
    throw error;
  }
});
