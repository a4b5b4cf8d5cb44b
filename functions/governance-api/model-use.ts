import { DomainError } from '../../shared/errors.ts';
import { assessDrift, closeUseDeviation, resumeUse, stopUse } from '../../shared/model-registry/model-use.ts';
import type { ModelRecordEvent, NodeModel } from '../../shared/model-registry/node-record.ts';
import { NO_USE, type UseDeviation } from '../../shared/model-registry/own-drift.ts';
import type { Role, Signature } from '../../shared/record/envelope.ts';
import { runCommand, signed, type Command } from '../_platform/command.ts';
import { endpoint, type ApiRequest, type Endpoint } from '../_platform/contract.ts';
import { driftCompanions } from '../_platform/drift-companions.ts';
import { driftPolicyOf } from '../_platform/drift-policy.ts';
import type { Accepted } from '../_platform/fields.ts';
import * as Routes from './model-use-schema.ts';
import type { GovernanceApiPorts } from './ports.ts';

type OfModel = ApiRequest<Readonly<{ modelId: string }>, Readonly<object>, Command<NodeModel, ModelRecordEvent>['request']['body']>;
type Decide = (model: NodeModel | undefined, signature: Signature | undefined, roles: readonly Role[]) => readonly ModelRecordEvent[];

/** One person's command on the hospital's record of a model. */
const useCommand = (ports: GovernanceApiPorts, request: OfModel, decide: Decide): Promise<Accepted> => {
  let events: readonly ModelRecordEvent[] = [];
  return runCommand<NodeModel, ModelRecordEvent>(ports, {
    records: ports.modelUse, id: request.path.modelId, request,
    decide: ({ state }, signature, roles) => {
      events = decide(state, signature, roles);
      return events;
    },
    companions: (_, { state }) => driftCompanions(state ?? {}, events, ports.now().toISOString()),
  });
};

const deviationState = ({ closed, assessments }: UseDeviation): 'open' | 'assessed' | 'closed' => {
  if (closed !== undefined) return 'closed';
  return assessments.length > 0 ? 'assessed' : 'open';
};

const useView = ({ modelId, productId, records, drift = [], use = NO_USE }: NodeModel, version: number) => ({
  modelId, productId, version,
  versions: records.map(({ version: own, output, state }) => {
    const stops = use.stops.filter((each) => each.version === own);
    const [first] = stops;
    return { version: own, output, state, ...(first !== undefined && { stoppedHere: first.reason, stops: stops.map(({ version: _, ...stop }) => stop) }) };
  }),
  judgements: use.judgements.map((each) => ({ ...each, notJudged: [...each.notJudged] })),
  told: drift.map(({ assessments = [], ...each }) => ({ ...each, assessments: assessments.map((own) => ({ ...own })) })),
  deviations: use.deviations.map((each) => ({ ...each, state: deviationState(each), assessments: each.assessments.map((own) => ({ ...own })) })),
});

/** The use of a model at this hospital: stopping it, and what its people say of drift. */
export const modelUseEndpoints = (ports: GovernanceApiPorts): readonly Endpoint[] => [
  endpoint(Routes.ReadModelUse, async ({ path: { modelId } }) => {
    const { state, position } = await ports.modelUse.load(modelId);
    if (state === undefined) throw new DomainError('model-not-found', `no model ${modelId} on this hospital's record`, { modelId });
    return useView(state, position.version);
  }),
  endpoint(Routes.StopModelUse, async (request) => {
    const { path: { modelId, version }, body: { reason } } = request;
    const { state } = await ports.modelUse.load(modelId);
    const askedOf = state === undefined ? [] : (await driftPolicyOf(ports.tables, state, state.records.map(({ output }) => output))).askedOf;
    return useCommand(ports, request, (model, _, roles) => stopUse(model, { modelId, version, reason }, { id: request.caller.id, roles }, askedOf));
  }),
  endpoint(Routes.ResumeModelUse, (request) => {
    const { path: { modelId, version }, body: { reason } } = request;
    return useCommand(ports, request, (model, signature, roles) => resumeUse(model, modelId, version, reason, { signature: signed(signature), roles }));
  }),
  endpoint(Routes.AssessDrift, (request) => {
    const { path: { modelId, ...run }, body: { acceptable, impact, rootCause } } = request;
    return useCommand(ports, request, (model, signature, roles) => assessDrift(model, modelId, run, { acceptable, impact, rootCause }, { signature: signed(signature), roles }));
  }),
  endpoint(Routes.CloseModelDeviation, (request) => {
    const { path: { modelId, ...run }, body: { conclusion } } = request;
    return useCommand(ports, request, (model, signature, roles) => closeUseDeviation(model, modelId, { ...run, conclusion }, { signature: signed(signature), roles }));
  }),
];
