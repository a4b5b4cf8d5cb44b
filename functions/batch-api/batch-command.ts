import { DomainError } from '../../shared/errors.ts';
import type { WorkContext } from '../../shared/batch/context.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { refusalOf } from '../../shared/batch/refusal.ts';
import type { Batch } from '../../shared/batch/state.ts';
import type { Recorded, Role, Signature } from '../../shared/record/envelope.ts';
import { trainingOf } from '../../shared/registers/person.ts';
import { rolesHeld } from '../../shared/registers/standing.ts';
import { runCommand, type Command } from '../_platform/command.ts';
import type { ApiRequest } from '../_platform/contract.ts';
import type { Accepted } from '../_platform/fields.ts';
import type { Caller, Companion } from '../_platform/ports.ts';
import { equipmentCompanions } from '../_platform/equipment-companions.ts';
import type { BatchApiPorts } from './ports.ts';

/** @throws DomainError `batch-not-found` */
export const requireBatch = (batch: Batch | undefined, batchId: string): Batch => {
  if (batch === undefined) throw new DomainError('batch-not-found', `no batch ${batchId} at this hospital`, { batchId });
  return batch;
};

/** The person at work: roles that token and register both give, training from the register. */
export const workContext = async ({ records, now }: BatchApiPorts, caller: Caller): Promise<WorkContext> => {
  const { state: person } = await records.people.load(caller.id);
  return { nowEpochMs: now().getTime(), person: { id: caller.id, roles: rolesHeld(person, caller), trainingValidUntilEpochMs: trainingOf(person) } };
};

type BatchRequest = ApiRequest<Readonly<{ batchId: string; phaseId?: string }>, Readonly<object>, Command<Batch, BatchEvent>['request']['body'] & Readonly<{ lotId?: string; equipmentId?: string; replacementId?: string | undefined }>>;

/** Events of another record, with what lists show of it, that stand or fall with the command. */
export type Booking = Readonly<{ alongside: readonly Recorded<unknown>[]; companions: readonly Companion[] }>;

/**
 * Run one command on one batch: find it, decide, keep a refusal on record, hold or free equipment with the same transaction.
 *
 * @param booking planned on another record as it was read: a lost race for either is thrown as `version-conflict`, to be planned anew
 */
export const batchCommand = async (
  ports: BatchApiPorts, operation: string, request: BatchRequest, decide: (batch: Batch, signature: Signature | undefined, roles: readonly Role[]) => readonly BatchEvent[],
  booking?: Booking,
): Promise<Accepted> => {
  const { batchId, phaseId } = request.path;
  const { lotId, equipmentId, replacementId } = request.body;
  let events: readonly BatchEvent[] = [];
  return runCommand<Batch, BatchEvent>(ports, {
    records: ports.records.batches, id: batchId, request, ...(booking === undefined ? {} : { alongside: booking.alongside, attempts: 1 }),
    decide: ({ state }, signature, roles) => {
      events = decide(requireBatch(state, batchId), signature, roles);
      return events;
    },
    refusal: (error) => refusalOf(error, operation, phaseId, { lotId, equipmentId: equipmentId ?? replacementId }),
    // The time of the event itself, so that a restore, which has the event alone, gives the same.
    companions: ({ recordedAt }, held) => [
      ...equipmentCompanions(requireBatch(held.state, batchId), events, recordedAt === undefined ? ports.now() : new Date(recordedAt)), ...booking?.companions ?? [],
    ],
  });
};
