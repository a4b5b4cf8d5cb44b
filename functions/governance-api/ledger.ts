import type { BatchEvent } from '../../shared/batch/events.ts';
import { refusalOf } from '../../shared/batch/refusal.ts';
import { DomainError } from '../../shared/errors.ts';
import { observeEffect, resumeAssistance, stopAssistance } from '../../shared/prediction-governance/intervene.ts';
import { decideRecommendation, type Decision } from '../../shared/prediction-governance/recommend.ts';
import type { Role, Signature } from '../../shared/record/envelope.ts';
import { runCommand, signed, type Command } from '../_platform/command.ts';
import { endpoint, type ApiRequest, type Endpoint } from '../_platform/contract.ts';
import type { Accepted } from '../_platform/fields.ts';
import { inForce, type GovernedBatch } from '../_platform/governed-batches.ts';
import { ledgerCompanions } from '../_platform/ledger-companions.ts';
import { ledgerView } from '../_platform/ledger-view.ts';
import { logger } from '../_platform/log.ts';
import type { GovernanceApiPorts } from './ports.ts';
import * as Routes from './schema.ts';

type OfBatch = ApiRequest<Readonly<{ batchId: string }>, Readonly<object>, Command<GovernedBatch, BatchEvent>['request']['body']>;
type Decide = (state: GovernedBatch, signature: Signature | undefined, roles: readonly Role[]) => readonly BatchEvent[];

/** @throws DomainError `batch-not-found` */
const requireBatch = (state: GovernedBatch | undefined, batchId: string): GovernedBatch => {
  if (state === undefined) throw new DomainError('batch-not-found', `no batch ${batchId} at this hospital`, { batchId });
  return state;
};

/** One person's command on the ledger of a batch; a refusal for safety's sake is kept on record. */
const ledgerCommand = (ports: GovernanceApiPorts, operation: string, request: OfBatch, decide: Decide): Promise<Accepted> => {
  const { batchId } = request.path;
  let events: readonly BatchEvent[] = [];
  return runCommand<GovernedBatch, BatchEvent>(ports, {
    records: ports.batches, id: batchId, request,
    decide: ({ state }, signature, roles) => {
      events = decide(requireBatch(state, batchId), signature, roles);
      return events;
    },
    refusal: (error) => refusalOf(error, operation),
    companions: ({ version }, { state }) => ledgerCompanions(batchId, requireBatch(state, batchId).ledger, events, { version, at: ports.now().toISOString() }),
  });
};

/** What was accepted and could not be handed over now is sent by the commander's next run. */
const wake = async ({ wakeCommander }: GovernanceApiPorts, batchId: string): Promise<void> => {
  try {
    await wakeCommander(batchId);
  } catch (error) {
    logger.warn('the commander could not be woken', { batchId, cause: String(error) });
  }
};

const decisionOf = ({ decision, reason, alternativeId }: Readonly<{ decision: Decision['decision']; reason: string; alternativeId?: string | undefined }>): Decision =>
  ({ decision, reason, ...(alternativeId === undefined ? {} : { alternativeId }) });

/** What models said of a batch, what people decided, and what followed. */
export const ledgerEndpoints = (ports: GovernanceApiPorts): readonly Endpoint[] => [
  endpoint(Routes.ReadInterventions, async ({ path: { batchId } }) => {
    const { batch, ledger } = requireBatch((await ports.batches.load(batchId)).state, batchId);
    return ledgerView(batch, ledger, ports.now().getTime());
  }),
  endpoint(Routes.DecideRecommendation, async (request) => {
    const { batchId, recommendationId } = request.path;
    const { batch } = requireBatch((await ports.batches.load(batchId)).state, batchId);
    // What is in force is judged after the signature: who saw another version of the record is told that first.
    const govern = await inForce(ports, batch).catch((error: unknown) => (): never => { throw error; });
    const accepted = await ledgerCommand(ports, 'decideRecommendation', request, (state, signature, roles) =>
      decideRecommendation(govern(state), recommendationId, decisionOf(request.body), { signature: signed(signature), roles }));
    if (request.body.decision === 'accept') await wake(ports, batchId);
    return accepted;
  }),
  endpoint(Routes.ObserveEffect, (request) => {
    const { metric, unit, before, after, note } = request.body;
    return ledgerCommand(ports, 'observeInterventionEffect', request, ({ ledger }) => observeEffect(ledger, { interventionId: request.path.interventionId, metric, unit, before, after, note }));
  }),
  endpoint(Routes.StopAssistance, (request) => ledgerCommand(ports, 'stopAssistance', request, ({ ledger }, _, roles) => stopAssistance(ledger, { id: request.caller.id, roles }, request.body.reason))),
  endpoint(Routes.ResumeAssistance, (request) => ledgerCommand(ports, 'resumeAssistance', request, ({ ledger }, signature, roles) => resumeAssistance(ledger, request.body.reason, { signature: signed(signature), roles }))),
];
